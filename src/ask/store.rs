//! At most once: every round of a call is noted when it begins, and repeated from the note.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use mcp_core::jsonrpc::ErrorObject;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::handler::BoxFuture;

/// One round of one call: what happens between an answer of the client and the next question.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Round {
    /// The call.
    pub journal: String,
    /// The round, from 1.
    pub number: u32,
}

/// How a round ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RoundOutcome {
    /// By a result: its JSON.
    Answered(String),
    /// By an error of the protocol.
    Refused(ErrorObject),
}

/// What a store knows of a round that is to begin.
#[derive(Debug, Clone, PartialEq)]
pub enum Begun {
    /// Nothing: it is begun now, and [`JournalStore::end`] follows.
    First,
    /// It was begun before, and ended so.
    Ended(RoundOutcome),
}

/// Why a store could not do what it was asked.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// Notes rounds, so that one that is sent twice runs once: with it, steps run at most once.
///
/// One store serves all replicas of a server; [`MemoryJournalStore`] serves one process.
pub trait JournalStore: Send + Sync + 'static {
    /// Notes that a round begins. Of several that begin the same round, exactly one gets
    /// [`Begun::First`]; the others wait for the end of that one. The note may be forgotten after
    /// `expires`, when nobody can begin the round any more.
    fn begin(&self, round: Round, expires: SystemTime) -> BoxFuture<Result<Begun, StoreError>>;

    /// Notes how a round ended. One that was interrupted ends with an error; one whose process
    /// died is never heard of again, which a store that outlives its processes has to notice.
    fn end(&self, round: Round, outcome: RoundOutcome) -> BoxFuture<Result<(), StoreError>>;
}

/// The rounds of one process, at most 10,000 that have not expired: more are refused, because
/// forgetting one early would let it run twice. How many that are is said where the store is made,
/// not by `Limits`, since one store may serve several servers.
#[derive(Clone)]
pub struct MemoryJournalStore(Arc<Mutex<Rounds>>);

struct Rounds {
    noted: HashMap<Round, Noted>,
    most: usize,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

struct Noted {
    outcome: watch::Sender<Option<RoundOutcome>>,
    expires: SystemTime,
}

impl MemoryJournalStore {
    /// A store of at most `most` rounds that have not expired by `clock`.
    pub fn new(most: usize, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(Mutex::new(Rounds {
            noted: HashMap::new(),
            most,
            clock: Box::new(clock),
        })))
    }

    fn rounds(&self) -> MutexGuard<'_, Rounds> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryJournalStore {
    fn default() -> Self {
        Self::new(10_000, SystemTime::now)
    }
}

impl fmt::Debug for MemoryJournalStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryJournalStore")
            .field("rounds", &self.rounds().noted.len())
            .finish()
    }
}

impl Rounds {
    /// Notes a round, or returns where the outcome of its first run will be.
    fn note(
        &mut self,
        round: Round,
        expires: SystemTime,
    ) -> Result<Option<watch::Receiver<Option<RoundOutcome>>>, StoreError> {
        if let Some(noted) = self.noted.get(&round) {
            return Ok(Some(noted.outcome.subscribe()));
        }
        if self.noted.len() >= self.most {
            let now = (self.clock)();
            self.noted.retain(|_, noted| noted.expires > now);
        }
        if self.noted.len() >= self.most {
            let why = format!("more than {} rounds are noted already", self.most);
            return Err(why.into());
        }
        let (outcome, _) = watch::channel(None);
        self.noted.insert(round, Noted { outcome, expires });
        Ok(None)
    }
}

impl JournalStore for MemoryJournalStore {
    fn begin(&self, round: Round, expires: SystemTime) -> BoxFuture<Result<Begun, StoreError>> {
        let noted = self.rounds().note(round, expires);
        Box::pin(async move {
            let Some(mut outcome) = noted? else {
                return Ok(Begun::First);
            };
            let ended = outcome.wait_for(Option::is_some).await?.clone();
            Ok(ended.map_or(Begun::First, Begun::Ended))
        })
    }

    fn end(&self, round: Round, outcome: RoundOutcome) -> BoxFuture<Result<(), StoreError>> {
        if let Some(noted) = self.rounds().noted.get(&round) {
            noted.outcome.send_replace(Some(outcome));
        }
        Box::pin(async { Ok(()) })
    }
}
