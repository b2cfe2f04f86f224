//! What the server sends: answers, notifications, and requests of the legacy era.

use std::time::Instant;

use serde_json::value::RawValue;

use super::{CallError, ClientEngine, ClientEvent, Phase};
use crate::engine::Outbound;
use crate::jsonrpc::{Malformed, Message, Request, RequestId, Response, encode};
use crate::{Era, Revision};

impl ClientEngine {
    pub(super) fn receive(&mut self, now: Instant, message: Message<'_>) {
        match message {
            Message::Response(response) => self.receive_response(now, response),
            Message::Notification(notification) => self.receive_notification(now, &notification),
            Message::Request(request) => self.receive_request(request),
        }
    }

    /// A legacy server may ping (LIFE-L-08), and ask for what was declared. A modern server sends
    /// no requests, and gets no answer to one (RPC-M-09, STDIO-M-04).
    fn receive_request(&mut self, request: Request<'_>) {
        let modern = |revision: Revision| revision.era() == Era::Modern;
        if matches!(self.phase, Phase::Open(revision) if modern(revision)) {
            return;
        }
        if request.method == "ping" {
            self.outbox.push(Outbound::Reply, |buffer| {
                encode::response_raw(buffer, &request.id, "{}");
            });
        } else {
            self.receive_question(request);
        }
    }

    /// Responses to nothing, or to something given up, are ignored (fault 28).
    fn receive_response(&mut self, now: Instant, response: Response<'_>) {
        let connecting = self.is_connecting();
        let id = match response.id {
            // A server that could not read a request answers without its id (RPC-A-04); while
            // connecting there is but one it can mean.
            None if connecting && response.outcome.is_err() => self.connecting.clone(),
            id => id,
        };
        if let Some(id) = id {
            let outcome = response.outcome.map_err(CallError::Server);
            self.end(now, id, outcome);
        }
    }

    /// Junk is skipped, but for what is left of the answer to a request of ours: its caller is
    /// told (fault 31).
    pub(super) fn receive_malformed(&mut self, now: Instant, malformed: Malformed) {
        let answered = malformed.id.filter(|_| !malformed.has_method);
        match answered.filter(|id| self.pending.contains_key(id)) {
            Some(id) => {
                let why = malformed.error.message.into_owned();
                self.end(now, id, Err(CallError::Protocol(why)));
            }
            None => self.skip_junk(),
        }
    }

    /// Ends the request `id`, if it is one that waits.
    pub(super) fn end(
        &mut self,
        now: Instant,
        id: RequestId,
        outcome: Result<&RawValue, CallError>,
    ) {
        if self.pending.remove(&id).is_none() {
            return;
        }
        if self.connecting.as_ref() == Some(&id) {
            self.connecting = None;
            match self.phase {
                Phase::Probing(revision) => return self.discovered(now, revision, outcome),
                Phase::Handshake(revision) => return self.initialized(now, revision, outcome),
                _ => {}
            }
        }
        let answer = outcome.map(ToOwned::to_owned);
        self.events.push_back(ClientEvent::Answered(id, answer));
    }
}
