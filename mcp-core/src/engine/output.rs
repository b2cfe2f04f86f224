//! Messages on their way out.

use std::collections::VecDeque;

use super::ExchangeId;
use crate::Revision;
use crate::jsonrpc::RequestId;

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

/// What a message of a client is, for a transport on which each travels by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outbound {
    /// The request that looks for a modern server (VER-D-10).
    Probe(RequestId, Revision),
    /// `initialize`: nothing that belongs to a session goes along.
    Handshake(RequestId),
    /// `notifications/initialized`: what comes after it has to wait until it was taken.
    Initialized,
    /// Any other request.
    Request(RequestId),
    /// Tells that this request is given up. Where its stream can be closed, a modern server needs
    /// no such message (HTTP-M-33).
    Cancelled(RequestId),
    /// The answer to a request of the server.
    Reply,
}

/// Encoded messages, one behind the other in one buffer, each with where it belongs.
#[derive(Debug)]
pub(super) struct Outbox<R> {
    bytes: Vec<u8>,
    /// Where the oldest message belongs, and where it ends.
    first: Option<(R, usize)>,
    /// The same of those behind it. Mostly there are none, and this takes no memory.
    more: VecDeque<(R, usize)>,
    taken: usize,
}

impl<R> Default for Outbox<R> {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            first: None,
            more: VecDeque::new(),
            taken: 0,
        }
    }
}

impl<R> Outbox<R> {
    /// Appends the message that `write` encodes.
    pub(super) fn push(&mut self, route: R, write: impl FnOnce(&mut Vec<u8>)) {
        if self.bytes.capacity() == 0 {
            // Enough for most messages, so that they do not make it grow step by step.
            self.bytes.reserve(512);
        }
        write(&mut self.bytes);
        let frame = (route, self.bytes.len());
        if self.is_empty() {
            self.first = Some(frame);
        } else {
            self.more.push_back(frame);
        }
    }

    /// Appends the oldest message to `buffer`.
    pub(super) fn pop(&mut self, buffer: &mut Vec<u8>) -> Option<R> {
        let (route, end) = self.first.take()?;
        self.first = self.more.pop_front();
        if buffer.is_empty() && self.taken == 0 && self.is_empty() {
            // The only message, into an empty buffer: a large result is not copied once more.
            std::mem::swap(buffer, &mut self.bytes);
            return Some(route);
        }
        buffer.extend_from_slice(self.bytes.get(self.taken..end).unwrap_or_default());
        self.taken = end;
        if self.is_empty() {
            self.reset();
        }
        Some(route)
    }

    /// Bytes that were not taken yet.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.taken
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Forgets what was sent, and gives back the memory of a huge message.
    fn reset(&mut self) {
        const KEEP: usize = 64 * 1024;
        self.bytes.clear();
        self.bytes.shrink_to(KEEP);
        self.taken = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_taken_yet_is_counted() {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.len(), 0);
        for (route, text) in [(1, "one"), (2, "three"), (3, "two")] {
            outbox.push(route, |buffer| buffer.extend_from_slice(text.as_bytes()));
        }
        let mut taken = Vec::new();
        for (route, left) in [(Some(1), 8), (Some(2), 3), (Some(3), 0), (None, 0)] {
            assert_eq!(outbox.pop(&mut taken), route);
            assert_eq!(outbox.len(), left);
        }
        assert_eq!(taken, b"onethreetwo");
    }

    #[test]
    fn a_message_into_an_empty_buffer_is_not_copied() {
        let mut outbox = Outbox::default();
        outbox.push((), |buffer| buffer.extend_from_slice(&[b'x'; 4096]));
        let place = outbox.bytes.as_ptr();
        let mut taken = Vec::new();
        outbox.pop(&mut taken);
        assert_eq!(taken.as_ptr(), place);
        assert_eq!(outbox.len(), 0);
    }

    #[test]
    fn only_the_memory_of_a_huge_message_is_given_back() {
        let mut outbox = Outbox::default();
        let mut send = |size: usize| {
            outbox.push((), |buffer| buffer.resize(buffer.len() + size, b'x'));
            let mut before = vec![b'!'];
            outbox.pop(&mut before);
            (before.len(), outbox.bytes.capacity())
        };
        assert_eq!(send(10), (11, 512), "enough for most messages at once");
        assert_eq!(send(64 * 1024), (64 * 1024 + 1, 64 * 1024));
        assert_eq!(send(10), (11, 64 * 1024), "what is not huge is kept");
        assert_eq!(send(1024 * 1024), (1024 * 1024 + 1, 64 * 1024));
    }
}
