//! What a run measured, and the file in which it stays.

use std::collections::BTreeMap;

use super::statistics::{Spread, median, paired};

/// The name of the floor among the peers.
pub(crate) const FLOOR: &str = "floor";

/// The name of ours.
pub(crate) const OURS: &str = "ours";

/// What a figure is of: the workload, what was measured of it, and who did it.
type Key = (String, String, String);

/// What a run measured.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Figures {
    /// What there is to know of the run, in the order in which it was found out.
    notes: Vec<(String, String)>,
    /// The values, one for each round.
    values: BTreeMap<Key, Vec<f64>>,
    /// Why a peer has no figures of a workload.
    missing: BTreeMap<(String, String), String>,
}

impl Figures {
    /// Notes what there is to know of the run.
    pub(crate) fn note(&mut self, name: &str, text: &str) {
        self.notes.push((name.to_owned(), one_line(text)));
    }

    /// What was noted.
    pub(crate) fn notes(&self, name: &str) -> Option<&str> {
        let found = self.notes.iter().find(|(other, _)| other == name);
        found.map(|(_, text)| text.as_str())
    }

    /// Adds the value of one more round.
    pub(crate) fn add(&mut self, workload: &str, measure: &str, peer: &str, value: f64) {
        let key = (workload.to_owned(), measure.to_owned(), peer.to_owned());
        self.values.entry(key).or_default().push(value);
    }

    /// Says why a peer has no figures of a workload, and forgets those it has: they would not be
    /// of the same rounds as those of the others.
    pub(crate) fn give_up(&mut self, workload: &str, peer: &str, why: &str) {
        self.values
            .retain(|(one, _, other), _| one != workload || other != peer);
        let key = (workload.to_owned(), peer.to_owned());
        self.missing.insert(key, one_line(why));
    }

    /// Why a peer has no figures of a workload, for every such pair.
    pub(crate) fn missing(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let all = self.missing.iter();
        all.map(|((workload, peer), why)| (workload.as_str(), peer.as_str(), why.as_str()))
    }

    /// The values of all rounds.
    fn values(&self, workload: &str, measure: &str, peer: &str) -> Option<&[f64]> {
        let key = (workload.to_owned(), measure.to_owned(), peer.to_owned());
        self.values.get(&key).map(Vec::as_slice)
    }

    /// The middle of the values and how far apart they lie.
    pub(crate) fn spread(&self, workload: &str, measure: &str, peer: &str) -> Option<Spread> {
        Spread::of(self.values(workload, measure, peer)?)
    }

    /// The middle of the values.
    pub(crate) fn median(&self, workload: &str, measure: &str, peer: &str) -> Option<f64> {
        median(self.values(workload, measure, peer)?)
    }

    /// How many times the value of the other that of a peer is, round by round.
    pub(crate) fn ratio(
        &self,
        workload: &str,
        measure: &str,
        peer: &str,
        other: &str,
    ) -> Option<Spread> {
        let values = self.values(workload, measure, peer)?;
        Spread::of(&paired(values, self.values(workload, measure, other)?))
    }

    /// The same of one peer in two workloads that took turns.
    pub(crate) fn ratio_between(
        &self,
        workload: &str,
        other: &str,
        measure: &str,
        peer: &str,
    ) -> Option<Spread> {
        let values = self.values(workload, measure, peer)?;
        Spread::of(&paired(values, self.values(other, measure, peer)?))
    }

    /// The peer whose value is the lowest, neither the floor nor ours.
    pub(crate) fn lowest(&self, workload: &str, measure: &str) -> Option<&str> {
        self.rivals(workload, measure)
            .min_by(|(_, one), (_, other)| one.total_cmp(other))
            .map(|(peer, _)| peer)
    }

    /// The peer whose value is the highest, neither the floor nor ours.
    pub(crate) fn highest(&self, workload: &str, measure: &str) -> Option<&str> {
        self.rivals(workload, measure)
            .max_by(|(_, one), (_, other)| one.total_cmp(other))
            .map(|(peer, _)| peer)
    }

    fn rivals(&self, workload: &str, measure: &str) -> impl Iterator<Item = (&str, f64)> {
        self.values.iter().filter_map(move |(key, values)| {
            let (one, other, peer) = key;
            let is_rival = one == workload && other == measure && peer != FLOOR && peer != OURS;
            is_rival.then_some((peer.as_str(), median(values)?))
        })
    }

    /// The text of the file: lines of fields with tabs in between.
    pub(crate) fn write(&self) -> String {
        let mut text = String::new();
        for (name, note) in &self.notes {
            text.push_str(&format!("note\t{name}\t{note}\n"));
        }
        for ((workload, peer), why) in &self.missing {
            text.push_str(&format!("missing\t{workload}\t{peer}\t{why}\n"));
        }
        for ((workload, measure, peer), values) in &self.values {
            let values: Vec<String> = values.iter().map(|value| format!("{value:.3}")).collect();
            let values = values.join(" ");
            text.push_str(&format!(
                "figure\t{workload}\t{measure}\t{peer}\t{values}\n"
            ));
        }
        text
    }

    /// Reads such a file.
    ///
    /// # Errors
    ///
    /// The line that makes no sense.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut figures = Self::default();
        for line in text.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            match fields[..] {
                ["note", name, note] => figures.note(name, note),
                ["missing", workload, peer, why] => figures.give_up(workload, peer, why),
                ["figure", workload, measure, peer, values] => {
                    for value in values.split(' ') {
                        let value = value
                            .parse()
                            .map_err(|_| format!("{line:?} has no values"))?;
                        figures.add(workload, measure, peer, value);
                    }
                }
                _ => return Err(format!("{line:?} is no line of figures")),
            }
        }
        Ok(figures)
    }
}

/// A text without the characters that part fields and lines.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Figures {
        let mut figures = Figures::default();
        figures.note("machine", "a\nb");
        for (round, floor) in [1.0, 2.0].into_iter().enumerate() {
            figures.add("small", "cpu_us", FLOOR, floor);
            figures.add("small", "cpu_us", OURS, floor * 1.25);
            figures.add("small", "cpu_us", "rmcp", floor * 5.0);
            figures.add("small", "cpu_us", "slow", floor * 9.0 + round as f64);
        }
        figures
    }

    #[test]
    fn what_is_written_can_be_read() {
        let mut figures = some();
        figures.give_up("large", "slow", "it\tsays: no");
        assert_eq!(Figures::read(&figures.write()), Ok(figures));
        assert!(Figures::read("figure\ta\tb\tc\tx").is_err());
        assert!(Figures::read("else").is_err());
    }

    #[test]
    fn a_ratio_is_of_the_values_of_one_round() {
        let figures = some();
        let ratio = figures.ratio("small", "cpu_us", OURS, FLOOR).unwrap();
        assert_eq!((ratio.low, ratio.median, ratio.high), (1.25, 1.25, 1.25));
        assert_eq!(figures.ratio("small", "cpu_us", OURS, "nobody"), None);
    }

    #[test]
    fn neither_the_floor_nor_ours_is_a_rival() {
        let figures = some();
        assert_eq!(figures.lowest("small", "cpu_us"), Some("rmcp"));
        assert_eq!(figures.highest("small", "cpu_us"), Some("slow"));
    }

    #[test]
    fn who_failed_has_no_figures_left() {
        let mut figures = some();
        figures.give_up("small", "slow", "it hangs");
        assert_eq!(figures.median("small", "cpu_us", "slow"), None);
        assert_eq!(figures.missing().count(), 1);
    }
}
