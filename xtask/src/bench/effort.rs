//! How long a run takes, and what of everything it does.

/// How much is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effort {
    /// Whether this is the short run, which shows that everything works and not much more.
    pub(crate) is_quick: bool,
    /// The one workload, or group of them, that is wanted.
    pub(crate) only: Option<String>,
    /// Whether the page is written anew from the figures there are, without a measurement.
    pub(crate) page_only: bool,
    /// How often everybody gets a turn.
    pub(crate) rounds: usize,
    /// How long a turn is, in milliseconds, once it is warm.
    pub(crate) millis: u64,
    /// How often each program is started.
    pub(crate) starts: usize,
    /// How often each hello is built.
    pub(crate) builds: usize,
    /// How many sessions are open at once, for the memory of one.
    pub(crate) sessions: usize,
    /// How many streams of changes, and how many calls.
    pub(crate) streams: usize,
}

impl Effort {
    /// Reads the words after `bench`.
    ///
    /// # Errors
    ///
    /// The word that is none of ours.
    pub(crate) fn read(words: &[String]) -> Result<Self, String> {
        let mut effort = Self::full();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--quick" => {
                    effort = Self {
                        only: effort.only,
                        page_only: effort.page_only,
                        ..Self::quick()
                    }
                }
                "--only" => {
                    let name = words.next().ok_or("--only wants the name of a workload")?;
                    effort.only = Some(name.clone());
                }
                "--page" => effort.page_only = true,
                _ => {
                    return Err(format!(
                        "{word:?} is none of --quick, --only NAME and --page"
                    ));
                }
            }
        }
        Ok(effort)
    }

    fn full() -> Self {
        Self {
            is_quick: false,
            only: None,
            page_only: false,
            rounds: 11,
            millis: 400,
            starts: 15,
            builds: 2,
            sessions: 2_000,
            streams: 500,
        }
    }

    fn quick() -> Self {
        Self {
            is_quick: true,
            rounds: 3,
            millis: 120,
            starts: 5,
            builds: 1,
            sessions: 500,
            streams: 200,
            ..Self::full()
        }
    }

    /// Whether a workload is wanted.
    pub(crate) fn wants(&self, workload: &str) -> bool {
        let only = self.only.as_deref();
        only.is_none_or(|only| workload.starts_with(only))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Effort, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Effort::read(&words)
    }

    #[test]
    fn the_options_come_in_any_order() {
        assert_eq!(
            read(&["--only", "stdio", "--quick"]),
            read(&["--quick", "--only", "stdio"])
        );
        assert!(read(&["--fast"]).is_err());
        assert!(read(&["--only"]).is_err());
    }

    #[test]
    fn only_wants_what_starts_so() {
        let effort = read(&["--only", "stdio"]).unwrap();
        assert!(effort.wants("stdio_modern"));
        assert!(!effort.wants("http_modern_64"));
        assert!(read(&[]).unwrap().wants("http_modern_64"));
    }
}
