//! Adding up what the runners print at their ends.

/// How many checks of one kind passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// Adds the counts of a line such as `test result: ok. 3 passed; 0 failed; ...`, and those
    /// of `interop: 3 passed, 0 failed` and its like; any other line counts nothing.
    pub(crate) fn read(&mut self, line: &str) {
        let closing = ["test result: ", "interop: ", "conformance: ", "nginx: "]
            .iter()
            .any(|start| line.starts_with(start));
        if !closing {
            return;
        }
        self.passed += number_before(line, " passed").unwrap_or(0);
        self.failed += number_before(line, " failed").unwrap_or(0);
    }
}

/// The number that stands directly before `word`.
fn number_before(line: &str, word: &str) -> Option<u64> {
    let (before, _) = line.split_once(word)?;
    before.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_of_every_runner_are_added_up() {
        let mut tally = Tally::default();
        for line in [
            "running 4 tests",
            "test result: ok. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out",
            "everything, sdk: 12 passed",
            "interop: 20 passed, 2 failed",
            "conformance server 2026-07-28: 37/37",
            "conformance: 98 passed, 1 failed",
        ] {
            tally.read(line);
        }
        let all = Tally {
            passed: 121,
            failed: 4,
        };
        assert_eq!(tally, all);
    }
}
