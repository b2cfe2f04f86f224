//! The committed ratios that a run is held against.

use std::path::PathBuf;

use crate::Outcome;
use crate::command::root;

/// How far a ratio may be off, as a part of it. Other processors and C libraries copy memory by
/// other instructions.
const TOLERANCE: f64 = 0.03;

/// A ratio of instruction counts of one run, by its name.
pub(crate) type Ratio = (&'static str, f64);

/// Prints the ratios and holds them against the committed ones.
///
/// # Errors
///
/// Which of them are off, or not committed.
pub(crate) fn check(ratios: &[Ratio]) -> Outcome {
    print(ratios);
    let committed = read()?;
    let complaints: Vec<String> = ratios
        .iter()
        .filter_map(|(name, now)| complaint(name, *now, find(&committed, name)))
        .collect();
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(complaints.join("; "))
    }
}

/// Prints the ratios and writes them down as the committed ones.
///
/// # Errors
///
/// Why the file could not be written.
pub(crate) fn bless(ratios: &[Ratio]) -> Outcome {
    print(ratios);
    let text: String = ratios
        .iter()
        .map(|(name, ratio)| format!("ratio {name} {ratio:.3}\n"))
        .collect();
    std::fs::write(path(), text).map_err(|error| format!("{}: {error}", path().display()))
}

fn print(ratios: &[Ratio]) {
    for (name, ratio) in ratios {
        println!("ratio {name} {ratio:.3}");
    }
}

/// What is to be said about a ratio, given the committed one.
fn complaint(name: &str, now: f64, committed: Option<f64>) -> Option<String> {
    let Some(committed) = committed else {
        return Some(format!(
            "{name} has no baseline: commit one with `cargo xtask bless`"
        ));
    };
    let off = now / committed - 1.0;
    let percent = off.abs() * 100.0;
    if off > TOLERANCE {
        Some(format!(
            "{name} is {now:.3}, {percent:.1} % above its baseline {committed:.3}: find what it \
             pays for, or say why it is worth it and run `cargo xtask bless`"
        ))
    } else if off < -TOLERANCE {
        Some(format!(
            "{name} is {now:.3}, {percent:.1} % better than its baseline {committed:.3}: bless the \
             baseline (`cargo xtask bless`), so that it stays so"
        ))
    } else {
        None
    }
}

fn find(committed: &[(String, f64)], name: &str) -> Option<f64> {
    let found = committed.iter().find(|(other, _)| other == name);
    found.map(|(_, ratio)| *ratio)
}

fn read() -> Result<Vec<(String, f64)>, String> {
    let text = std::fs::read_to_string(path())
        .map_err(|error| format!("{}: {error}", path().display()))?;
    text.lines().map(parse).collect()
}

fn parse(line: &str) -> Result<(String, f64), String> {
    let mut words = line.split(' ');
    let parsed = match (words.next(), words.next(), words.next(), words.next()) {
        (Some("ratio"), Some(name), Some(ratio), None) => {
            ratio.parse().ok().map(|ratio| (name.to_owned(), ratio))
        }
        _ => None,
    };
    parsed.ok_or_else(|| format!("{line:?} in the baseline is not `ratio NAME VALUE`"))
}

fn path() -> PathBuf {
    root().join("bench/baseline.txt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_within_three_percent_of_its_baseline_passes() {
        for now in [1.0, 1.029, 0.971] {
            assert_eq!(complaint("x", now, Some(1.0)), None, "{now}");
        }
    }

    #[test]
    fn a_ratio_that_is_off_says_which_way_and_what_to_do() {
        let worse = complaint("x", 1.2, Some(1.0)).unwrap();
        assert!(worse.contains("20.0 % above its baseline"), "{worse}");
        let better = complaint("x", 0.9, Some(1.0)).unwrap();
        assert!(better.contains("bless the baseline"), "{better}");
        assert!(complaint("x", 1.0, None).unwrap().contains("no baseline"));
    }

    #[test]
    fn a_line_is_a_name_and_a_ratio() {
        assert_eq!(parse("ratio x 1.25"), Ok(("x".to_owned(), 1.25)));
        for line in ["", "ratio x", "ratio x y", "count x 1", "ratio x 1 2"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
