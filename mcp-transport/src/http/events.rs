//! What was sent on the streams of legacy sessions, kept so that a client that lost its
//! connection can have the rest (HTTP-L-09, HTTP-L-10).

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;

use super::session_id::SessionId;

mod memory;

pub use memory::{EventBounds, MemoryEventStore};

/// A future behind a `dyn` seam.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The id of an event: which stream of its session it belongs to, and its place in it
/// (HTTP-L-09).
///
/// On the wire `3-17` is the 17th message of stream 3. Place 0 is the priming event's, which
/// carries no message. An id needs not be hard to guess: it is only looked at inside the session
/// that the request belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId {
    stream: u64,
    place: u64,
}

impl EventId {
    /// The id of a stream's priming event; its messages follow with [`next`](Self::next). No two
    /// streams of a session may have the same number, whatever opened them.
    #[must_use]
    pub const fn first_of(stream: u64) -> Self {
        Self { stream, place: 0 }
    }

    /// The id after this one on the same stream.
    #[must_use]
    pub const fn next(self) -> Self {
        Self {
            stream: self.stream,
            place: self.place.saturating_add(1),
        }
    }

    /// The number of the stream.
    #[must_use]
    pub const fn stream(self) -> u64 {
        self.stream
    }

    /// The place on the stream; 0 is the priming event.
    #[must_use]
    pub const fn place(self) -> u64 {
        self.place
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.stream, self.place)
    }
}

/// Reads a `Last-Event-ID`. Only what [`EventId`] writes is one.
impl FromStr for EventId {
    type Err = InvalidEventId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (stream, place) = text.split_once('-').ok_or(InvalidEventId)?;
        Ok(Self {
            stream: parse_number(stream)?,
            place: parse_number(place)?,
        })
    }
}

/// Digits without sign or leading zeros, so that each id has one spelling.
fn parse_number(digits: &str) -> Result<u64, InvalidEventId> {
    let canonical = digits == "0" || !digits.starts_with(['0', '+']);
    digits
        .parse()
        .ok()
        .filter(|_| canonical)
        .ok_or(InvalidEventId)
}

/// A `Last-Event-ID` that this server never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Last-Event-ID is not an event id of this server")]
pub struct InvalidEventId;

/// An event that is sent once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The id it was sent with.
    pub id: EventId,
    /// The message.
    pub data: Arc<[u8]>,
}

/// Why a stream cannot be resumed after an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The session has no such stream, or sent no such event on it, as far as the store knows.
    #[error("Last-Event-ID names no event of this session")]
    Unknown,
    /// Events that followed it are gone: what is left would be a stream with a hole.
    #[error("the events after Last-Event-ID are no longer kept")]
    Evicted,
    /// The store itself failed.
    #[error("the event store is unavailable")]
    Unavailable,
}

/// Keeps the events of sessions for a while.
///
/// Ids are given out by the server, in order and per stream, so writing never has to wait for
/// the store: an implementation over a network queues what it is told, in order, and loses the
/// oldest when it cannot keep up, which [`ReplayError::Evicted`] then says.
pub trait EventStore: Send + Sync + 'static {
    /// A stream begins: from now on it can be resumed after [`EventId::first_of`] it.
    fn open(&self, session: &SessionId, stream: u64);

    /// Keeps an event. Called before the event is sent; must not block.
    fn append(&self, session: &SessionId, id: EventId, data: Arc<[u8]>);

    /// The events of the stream of `after` that followed it, in order, and of no other stream
    /// (HTTP-L-10). None when it was the last.
    fn replay<'a>(
        &'a self,
        session: &'a SessionId,
        after: EventId,
    ) -> BoxFuture<'a, Result<Vec<StoredEvent>, ReplayError>>;

    /// The session is over: nothing of it is needed any more.
    fn end_session(&self, session: &SessionId);
}

#[cfg(test)]
mod tests;
