//! How a connection ends, for the client.

use super::{CallError, ClientEngine, ClientEvent, Phase};
use crate::lifecycle::{Event, transition};

impl ClientEngine {
    /// The connection is gone: every request ends (fault 22).
    pub fn handle_close(&mut self) {
        self.close(&CallError::Closed);
    }

    /// A line was too long to be read. What it said is lost, and an answer may be among it, so
    /// the connection ends (fault 7).
    pub fn handle_overlong(&mut self) {
        self.give_up(CallError::Limit("stdio_line"));
    }

    /// Counts a line that is no message. A server that says nothing else is none (fault 13).
    pub(super) fn skip_junk(&mut self) {
        self.junk += 1;
        if self.junk > self.config.limits.junk_lines {
            self.give_up(CallError::Limit("junk_lines"));
        }
    }

    fn give_up(&mut self, error: CallError) {
        if self.phase == Phase::Closed {
            return;
        }
        let connecting = self.is_connecting();
        self.close(&error);
        if !connecting {
            self.events.push_back(ClientEvent::Failed(error));
        }
    }

    fn close(&mut self, error: &CallError) {
        if let Ok(next) = transition(self.state, Event::Close) {
            self.state = next;
        }
        if let Some(id) = self.connecting.take() {
            self.pending.remove(&id);
        }
        if self.is_connecting() {
            self.events.push_back(ClientEvent::Failed(error.clone()));
        }
        self.phase = Phase::Closed;
        self.asked.clear();
        for (id, _) in std::mem::take(&mut self.pending) {
            let answer = Err(error.clone());
            self.events.push_back(ClientEvent::Answered(id, answer));
        }
    }

    pub(super) fn is_connecting(&self) -> bool {
        matches!(self.phase, Phase::Probing(_) | Phase::Handshake(_))
    }
}
