//! The stream of what belongs to no request: beside the others (HTTP-L-05), or, at a server of
//! 2024-11-05, the only one (HTTP-L-40).

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode};
use mcp_core::engine::{CallError, Outbound};
use mcp_core::jsonrpc::RequestId;
use tokio::task::AbortHandle;

use super::connection::{Connection, Held};
use super::reference::{resolve, same_origin};
use super::report::{End, Over, Purpose, What};
use super::running::Kind;
use super::wire::Message;
use super::{answer, head};
use crate::http_headers::LAST_EVENT_ID;

/// How long the first requests wait for the head of the stream's answer, which some servers hold
/// back until there is something to say. It bounds nothing that a peer could make grow, so it is no
/// limit.
const HEAD: Duration = Duration::from_millis(500);

/// The stream, open or about to be.
pub(super) struct Listening {
    task: AbortHandle,
    /// Whether the server ever opened it: then it has such streams.
    pub(super) opened: bool,
    resume: Option<String>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A handshake that was refused, and is tried the way of 2024-11-05.
pub(super) struct Pairing {
    pub(super) id: RequestId,
    pub(super) body: Bytes,
    /// What stands if that is refused too.
    pub(super) refusal: CallError,
}

impl Connection {
    /// Opens the stream of a session, and lets the first requests wait for it: what a server says
    /// of them may come there, and is lost when nobody listens yet.
    pub(super) fn listen_first(&mut self) {
        self.listen();
        let reporter = self.reporter(Purpose::Listening);
        self.tasks.spawn(async move {
            tokio::time::sleep(HEAD).await;
            reporter.tell(What::Overdue).await;
        });
    }

    /// The stream is open, or will not be soon.
    pub(super) fn heard(&mut self, session: u64) {
        let is_first = !self.session.ready && self.pairing.is_none();
        if is_first && session == self.session.number {
            self.begin_requests();
        }
    }

    /// Sends what waited for the session.
    pub(super) fn begin_requests(&mut self) {
        self.session.ready = true;
        self.send_held();
    }

    /// Opens the stream of a session.
    pub(super) fn listen(&mut self) {
        self.deaf = false;
        let task = self.open(None, Duration::ZERO);
        self.listening = Some(Listening {
            task,
            opened: false,
            resume: None,
        });
    }

    fn open(&mut self, resume: Option<&str>, delay: Duration) -> AbortHandle {
        let get = self.get(resume);
        let wire = Arc::clone(&self.wire);
        let reporter = self.reporter(Purpose::Listening);
        self.tasks.spawn(async move {
            tokio::time::sleep(delay).await;
            answer::run(wire, get, reporter).await;
        })
    }

    /// A GET of a stream, from its beginning or after an event.
    pub(super) fn get(&self, resume: Option<&str>) -> Message {
        let mut headers = head::of_get();
        self.session.mark(&mut headers);
        let after = resume.map(HeaderValue::from_str);
        if let Some(Ok(after)) = after {
            headers.insert(LAST_EVENT_ID.clone(), after);
        }
        Message {
            method: Method::GET,
            uri: self.wire.url.clone(),
            headers,
            body: Bytes::new(),
        }
    }

    /// Asks a server that refuses handshakes whether it is one of 2024-11-05.
    pub(super) fn pair(&mut self, pairing: Pairing) {
        self.pairing = Some(pairing);
        self.listen();
    }

    /// Takes the place where messages go. They may be secret, so it has to be the same server's.
    pub(super) fn paired(&mut self, place: &str) {
        let Some(pairing) = self.pairing.take() else {
            return;
        };
        let url = &self.wire.url;
        let endpoint = resolve(url, place).filter(|uri| same_origin(url, uri));
        let Some(endpoint) = endpoint else {
            let why = "it wants messages to be sent to another server".to_owned();
            return self.calls.engine.handle_no_server(CallError::Protocol(why));
        };
        self.session.endpoint = Some(endpoint);
        let handshake = Held {
            what: Outbound::Handshake(pairing.id.clone()),
            body: pairing.body,
            head: http::HeaderMap::new(),
            resent: false,
        };
        self.post(pairing.id, Kind::Handshake, handshake);
    }

    /// What the end of the stream means.
    pub(super) fn listening_ended(&mut self, now: Instant, end: End) {
        if let Some(pairing) = self.pairing.take() {
            return self
                .calls
                .engine
                .handle_failure(now, &pairing.id, pairing.refusal);
        }
        if self.session.endpoint.is_some() {
            // Answers came this way alone.
            return self.calls.close();
        }
        self.heard(self.session.number);
        let Some(listening) = &mut self.listening else {
            return;
        };
        let over = match end {
            End::Over(over) => over,
            End::Failed(error @ (CallError::Unreachable(_) | CallError::Lost(_))) => Over {
                broken: Some(error.to_string()),
                ..Over::default()
            },
            End::Refused { status, .. } if is_passing(status) => Over::default(),
            End::Refused { status, .. } if status == StatusCode::NOT_FOUND && listening.opened => {
                return self.renew(now);
            }
            // 405 above all: it has no such stream.
            end => {
                tracing::debug!(?end, "the server says nothing unasked");
                self.listening = None;
                return;
            }
        };
        let resume = over.resume.or_else(|| listening.resume.take());
        let delay = self.streak.next(&self.backoff, over.lasted, over.retry);
        let Some(delay) = delay else {
            tracing::warn!("the stream of what the server says unasked broke too often");
            self.listening = None;
            self.deaf = true;
            return;
        };
        let task = self.open(resume.as_deref(), delay);
        if let Some(listening) = &mut self.listening {
            listening.task = task;
            listening.resume = resume;
        }
    }
}

/// Whether a status says that it may be otherwise later.
pub(super) fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
        || matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
        )
}
