//! How a server keeps the journals of calls that wait for their client.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mcp_core::Limits;
use serde::{Deserialize, Serialize};

use super::AskError;
use super::journal::Journal;
#[cfg(feature = "seal")]
use super::seal::KeyRing;
use super::store::JournalStore;
use super::table::Table;

/// How a server keeps the journals of calls that wait for an answer of a 2026-07-28 client.
///
/// The client carries the journal as `requestState`, sealed, so that any replica that shares the
/// keys can go on; or it carries a ticket, and the journal stays in this process, which suits a
/// server on standard input and output. The latter is the default without the feature `seal`,
/// sealing with a random key the default with it.
///
/// ```
/// use std::time::Duration;
///
/// use toolwright::Server;
/// use toolwright::ask::{Journals, MemoryJournalStore};
///
/// let journals = Journals::in_process()
///     .ttl(Duration::from_secs(300))
///     .once(MemoryJournalStore::default());
/// let server = Server::new("shop", "1.0.0").journals(journals);
/// # let _ = server;
/// ```
#[derive(Clone)]
pub struct Journals {
    keeper: Arc<Keeper>,
    ttl: Duration,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    store: Option<Arc<dyn JournalStore>>,
}

#[derive(Debug)]
enum Keeper {
    InProcess(Table),
    #[cfg(feature = "seal")]
    Sealed(KeyRing),
}

/// A journal on its way, with the time it is good for.
#[derive(Serialize, Deserialize)]
struct Kept<J> {
    /// Milliseconds since 1970.
    expires: u64,
    journal: J,
}

impl Journals {
    /// Journals stay in this process, at most [`Limits::held_journals`] of them and
    /// [`Limits::held_journal_bytes`]; the oldest go first.
    pub fn in_process() -> Self {
        Self::kept_by(Keeper::InProcess(Table::default()))
    }

    /// Journals travel with the client, sealed with the keys of `ring`.
    #[cfg(feature = "seal")]
    pub fn sealed(ring: KeyRing) -> Self {
        Self::kept_by(Keeper::Sealed(ring))
    }

    fn kept_by(keeper: Keeper) -> Self {
        const QUARTER_OF_AN_HOUR: Duration = Duration::from_secs(15 * 60);
        Self {
            keeper: Arc::new(keeper),
            ttl: QUARTER_OF_AN_HOUR,
            clock: Arc::new(SystemTime::now),
            store: None,
        }
    }

    /// How long a client may take for one round of answers. A quarter of an hour by default.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// Reads the time of day from `clock`, for tests of what expires.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Lets every round run at most once: `store` notes each when it begins, and answers its
    /// repetitions with the outcome of the first.
    #[must_use]
    pub fn once(mut self, store: impl JournalStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    pub(crate) fn store(&self) -> Option<&Arc<dyn JournalStore>> {
        self.store.as_ref()
    }

    /// When what is kept now expires.
    pub(super) fn expiry(&self) -> SystemTime {
        (self.clock)() + self.ttl
    }

    /// What the client carries until it has the answers.
    ///
    /// # Errors
    /// [`AskError::Unsealed`].
    pub(super) fn keep(
        &self,
        journal: &Journal,
        binding: &[u8],
        limits: &Limits,
    ) -> Result<String, AskError> {
        let kept = Kept {
            expires: millis(self.expiry()),
            journal,
        };
        let plain = serde_json::to_vec(&kept).expect("a journal is JSON");
        match &*self.keeper {
            Keeper::InProcess(table) => Ok(table.keep(plain, binding, limits)),
            #[cfg(feature = "seal")]
            Keeper::Sealed(ring) => ring.seal(plain, binding).map_err(|_| AskError::Unsealed),
        }
    }

    /// The journal that the client carried: `None` when it is not one of this server's, of
    /// another request, or too old (MRTR-M-07, MRTR-M-08). Which of these is nobody's business.
    pub(super) fn open(&self, state: &str, binding: &[u8]) -> Option<Journal> {
        let plain = match &*self.keeper {
            Keeper::InProcess(table) => table.open(state, binding),
            #[cfg(feature = "seal")]
            Keeper::Sealed(ring) => ring.open(state, binding),
        }?;
        let plain = std::str::from_utf8(&plain).ok()?;
        let kept: Kept<Journal> = serde_json::from_str(plain).ok()?;
        (millis((self.clock)()) < kept.expires).then_some(kept.journal)
    }
}

/// Sealed with a random key where sealing is compiled in, in the process elsewhere.
impl Default for Journals {
    fn default() -> Self {
        #[cfg(feature = "seal")]
        return Self::sealed(KeyRing::random());
        #[cfg(not(feature = "seal"))]
        Self::in_process()
    }
}

impl fmt::Debug for Journals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journals")
            .field("keeper", &self.keeper)
            .field("ttl", &self.ttl)
            .finish_non_exhaustive()
    }
}

fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
