//! The part of the event store that one stream writes to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::http::events::{EventId, EventStore};
use crate::http::session_id::SessionId;

/// How long a client waits before it comes back to a stream that ended early (HTTP-L-11). It is said
/// to the client, and bounds nothing here.
pub(super) const RETRY: Duration = Duration::from_millis(500);

/// Where the events of a stream are kept, if they are.
pub(super) struct StreamLog {
    number: u64,
    store: Option<(Arc<dyn EventStore>, SessionId)>,
    primed: Primed,
}

/// Whether a stream begins with an event that makes it resumable (HTTP-L-11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Primed {
    /// As 2025-11-25 has it.
    Yes,
    /// Older clients do not expect one.
    No,
}

impl StreamLog {
    /// Of the stream with this number in its session.
    pub(super) fn new(
        number: u64,
        store: Option<(Arc<dyn EventStore>, SessionId)>,
        primed: Primed,
    ) -> Self {
        Self {
            number,
            store,
            primed,
        }
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Whether events have ids, from which the stream can be resumed.
    pub(super) fn is_kept(&self) -> bool {
        self.store.is_some()
    }

    /// Begins the stream, and says which id its first message has.
    pub(super) fn open(&self) -> EventId {
        if let Some((store, session)) = &self.store {
            store.open(session, self.number);
        }
        EventId::first_of(self.number).next()
    }

    /// The id of the priming event, if there is to be one.
    pub(super) fn prime(&self) -> Option<EventId> {
        let primed = self.is_kept() && self.primed == Primed::Yes;
        primed.then_some(EventId::first_of(self.number))
    }

    /// Keeps an event.
    pub(super) fn append(&self, id: EventId, data: &Arc<[u8]>) {
        if let Some((store, session)) = &self.store {
            store.append(session, id, Arc::clone(data));
        }
    }
}

impl fmt::Debug for StreamLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamLog")
            .field("number", &self.number)
            .field("is_kept", &self.is_kept())
            .finish_non_exhaustive()
    }
}
