//! A store of rounds that knows which were begun and not ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use toolwright::ask::{Begun, JournalStore, MemoryJournalStore, Round, RoundOutcome, StoreError};
use toolwright::handler::BoxFuture;

/// One store for every server there is, which outlives each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    rounds: MemoryJournalStore,
    open: Arc<AtomicI64>,
    repeated: Arc<AtomicI64>,
}

impl Store {
    /// Rounds that were begun and have not ended.
    pub(crate) fn open(&self) -> i64 {
        self.open.load(Ordering::Relaxed)
    }

    /// Rounds that came again.
    pub(crate) fn repeated(&self) -> i64 {
        self.repeated.load(Ordering::Relaxed)
    }
}

impl JournalStore for Store {
    fn begin(&self, round: Round, expires: SystemTime) -> BoxFuture<Result<Begun, StoreError>> {
        let (rounds, counts) = (self.rounds.clone(), self.clone());
        Box::pin(async move {
            let begun = rounds.begin(round, expires).await?;
            let count = match begun {
                Begun::First => &counts.open,
                Begun::Ended(_) => &counts.repeated,
            };
            count.fetch_add(1, Ordering::Relaxed);
            Ok(begun)
        })
    }

    fn end(&self, round: Round, outcome: RoundOutcome) -> BoxFuture<Result<(), StoreError>> {
        self.open.fetch_sub(1, Ordering::Relaxed);
        self.rounds.end(round, outcome)
    }
}
