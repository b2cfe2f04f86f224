//! What a transport needs on which every message travels by itself, and may be lost by itself.

use std::time::Instant;

use super::connect::supported_versions;
use super::{CallError, ClientEngine, ClientEvent, Peer, Phase};
use crate::jsonrpc::{ErrorCode, ErrorObject, RequestId};
use crate::lifecycle::State;
use crate::{Era, ProtocolVersion, Revision};

impl ClientEngine {
    /// Takes the server for one that is known already, and sends nothing (VER-D-13). A modern
    /// server needs no more.
    pub fn assume(&mut self, peer: Peer) {
        self.phase = Phase::Open(peer.revision);
        self.events
            .push_back(ClientEvent::Connected(Box::new(peer)));
    }

    /// Shakes hands without a probe first, or once more on a connection whose session is gone
    /// (HTTP-L-07). Requests under way go on waiting.
    pub fn handshake(&mut self, now: Instant) {
        self.state = State::Uninitialized;
        self.asked.clear();
        let pinned = self
            .config
            .pinned
            .filter(|pinned| pinned.era() == Era::Legacy);
        self.initialize(now, pinned.unwrap_or(Revision::NEWEST_LEGACY));
    }

    /// Looks for the server's era anew: it is not what it was taken for (VER-D-13). Requests under
    /// way go on waiting.
    pub fn probe(&mut self, now: Instant) {
        if let Some(id) = self.connecting.take() {
            self.pending.remove(&id);
        }
        self.connect(now);
    }

    /// The revision spoken, once it is known and while the connection lasts.
    pub fn revision(&self) -> Option<Revision> {
        match self.phase {
            Phase::Open(revision) => Some(revision),
            _ => None,
        }
    }

    /// Whether an error refuses the modern revision in use and names it among those that the
    /// server has: a request may go through the second time (VER-M-02).
    pub fn is_spoken_after_all(&self, error: &ErrorObject) -> bool {
        let revision = self
            .revision()
            .filter(|revision| revision.era() == Era::Modern);
        let is_ours = |version: &ProtocolVersion| version.revision() == revision;
        error.code == ErrorCode::UNSUPPORTED_PROTOCOL_VERSION
            && revision.is_some()
            && supported_versions(error).iter().any(is_ours)
    }

    /// Whether this request still waits for its answer.
    pub fn is_pending(&self, id: &RequestId) -> bool {
        self.pending.contains_key(id)
    }

    /// Ends a request whose answer does not come, or came as no message. That of a probe says as
    /// little of the era as any other failure (VER-D-12).
    pub fn handle_failure(&mut self, now: Instant, id: &RequestId, error: CallError) {
        self.end(now, id.clone(), Err(error));
    }

    /// Gives up to connect: there is no server to speak of, whatever its era.
    pub fn handle_no_server(&mut self, error: CallError) {
        if let Some(id) = self.connecting.take() {
            self.pending.remove(&id);
        }
        self.fail(error);
    }

    /// Stops the clock of a request: before it goes on, somebody has to be asked who sends it.
    pub fn pause(&mut self, id: &RequestId) {
        if let Some(pending) = self.pending.get_mut(id) {
            pending.deadline = None;
            pending.last = None;
        }
    }

    /// Starts the clock of a request anew.
    pub fn resume(&mut self, now: Instant, id: &RequestId) {
        if let Some(pending) = self.pending.get_mut(id) {
            pending.restart(now);
        }
    }
}
