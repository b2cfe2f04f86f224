//! Messages on their way out.

use std::collections::VecDeque;

use super::ExchangeId;

/// Where a message belongs. A line-framed connection flattens routes; HTTP maps each to the
/// stream of one response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// The connection as a whole.
    Connection,
    /// What travels beside the response of one request.
    Request(ExchangeId),
    /// The response of one request, or of one batch: the last message of its exchange.
    Response(ExchangeId),
    /// One subscription.
    Subscription(ExchangeId),
}

/// Encoded messages, one behind the other in one buffer.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    bytes: Vec<u8>,
    frames: VecDeque<(Route, usize)>,
    taken: usize,
}

impl Outbox {
    /// Appends the message that `write` encodes.
    pub(super) fn push(&mut self, route: Route, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.frames.push_back((route, self.bytes.len()));
    }

    /// Appends the oldest message to `buffer`.
    pub(super) fn pop(&mut self, buffer: &mut Vec<u8>) -> Option<Route> {
        let (route, end) = self.frames.pop_front()?;
        if buffer.is_empty() && self.taken == 0 && self.frames.is_empty() {
            // The only message, into an empty buffer: a large result is not copied once more.
            std::mem::swap(buffer, &mut self.bytes);
            return Some(route);
        }
        buffer.extend_from_slice(self.bytes.get(self.taken..end).unwrap_or_default());
        self.taken = end;
        if self.frames.is_empty() {
            self.reset();
        }
        Some(route)
    }

    /// Bytes that were not taken yet.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.taken
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Forgets what was sent, and gives back the memory of a huge message.
    fn reset(&mut self) {
        const KEEP: usize = 64 * 1024;
        self.bytes.clear();
        self.bytes.shrink_to(KEEP);
        self.taken = 0;
    }
}
