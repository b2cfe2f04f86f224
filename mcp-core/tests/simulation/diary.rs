//! What happened in one run, and in many.

use std::collections::BTreeMap;
use std::fmt;

/// What happened in the run of one seed, in order. It is printed when the run fails.
#[derive(Debug)]
pub(crate) struct Diary {
    seed: u64,
    lines: Vec<String>,
    counts: Counts,
}

/// How often each kind of thing happened.
pub(crate) type Counts = BTreeMap<&'static str, u64>;

impl Diary {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            lines: Vec::new(),
            counts: Counts::new(),
        }
    }

    /// Notes what happened, at a time in milliseconds.
    pub(crate) fn note(&mut self, now: u64, what: impl fmt::Display) {
        self.lines.push(format!("{now:>7} {what}"));
    }

    /// Counts something of a kind.
    pub(crate) fn count(&mut self, kind: &'static str) {
        *self.counts.entry(kind).or_default() += 1;
    }

    /// What was noted, and what was counted.
    pub(crate) fn close(mut self) -> (Vec<String>, Counts) {
        let lines = std::mem::take(&mut self.lines);
        (lines, std::mem::take(&mut self.counts))
    }
}

impl Drop for Diary {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let seed = self.seed;
            println!("{}", self.lines.join("\n"));
            println!("this was seed {seed}: SIM_SEED={seed} shows it again");
        }
    }
}
