//! What was done, and what came of it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Whether something may go wrong on a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Faults {
    None,
    Happen,
}

/// Something that is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Count {
    /// Calls that were made to be answered.
    Calls,
    /// Calls that were answered with what was theirs.
    Answered,
    /// Calls that ended with an error.
    Failed,
    /// Calls that were given up on purpose.
    Cancelled,
    /// Questions of the server.
    Asked,
    /// Reports of progress.
    Reports,
    /// Changes that were heard of.
    Changes,
    /// Connections and sessions that were opened.
    Opened,
    /// Connections that could not be opened.
    Refused,
}

const NAMES: [&str; 9] = [
    "calls",
    "answered",
    "failed",
    "cancelled",
    "asked",
    "reports",
    "changes",
    "opened",
    "refused",
];

/// The counts of some ways.
pub(super) struct Tally {
    name: &'static str,
    faults: Faults,
    counts: [AtomicU64; NAMES.len()],
    broken: Mutex<Vec<String>>,
}

impl Tally {
    pub(super) fn new(name: &'static str, faults: Faults) -> Arc<Self> {
        Arc::new(Self {
            name,
            faults,
            counts: Default::default(),
            broken: Mutex::default(),
        })
    }

    pub(super) fn add(&self, count: Count) {
        self.counts[count as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that something went wrong that may go wrong where there are faults, and there only.
    pub(super) fn failed(&self, count: Count, why: impl FnOnce() -> String) {
        self.add(count);
        if self.faults == Faults::None {
            self.broke(why());
        }
    }

    /// Whether something may go wrong.
    pub(super) fn has_faults(&self) -> bool {
        self.faults == Faults::Happen
    }

    /// Notes that something happened that may never happen.
    pub(super) fn broke(&self, what: String) {
        let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.push(format!("{}: {what}", self.name));
    }

    /// What happened that may not.
    pub(super) fn broken(&self) -> Vec<String> {
        let broken = self.broken.lock();
        broken.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn print(&self) {
        for (name, count) in NAMES.iter().zip(&self.counts) {
            let count = count.load(Ordering::Relaxed);
            println!("count {}_{name} {count}", self.name);
        }
    }
}
