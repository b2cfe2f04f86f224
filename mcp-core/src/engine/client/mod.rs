//! The client's side of one connection: finding the server's era, and pairing answers with
//! requests.

mod asked;
mod connect;
mod receive;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::Route;
use super::output::Outbox;
use crate::jsonrpc::{ErrorObject, Frame, RequestId, decode, encode};
use crate::lifecycle::{Event, State, transition};
use crate::model::{CancelledParams, ClientCapabilities, Implementation, Meta, ServerCapabilities};
use crate::{Era, Limits, Revision};

/// What a client says of itself, and how it looks for the server's era.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Who it is.
    pub info: Implementation,
    /// What it can be asked for.
    pub capabilities: ClientCapabilities,
    /// The one revision to speak, or `None` to probe: modern first, then the handshake
    /// (VER-D-10).
    pub pinned: Option<Revision>,
    /// How long the probe waits before the handshake is tried.
    pub probe_timeout: Duration,
    /// The bounds; [`Limits::request_timeout`] applies to each request.
    pub limits: Limits,
}

impl ClientConfig {
    /// A client of this name and version that probes.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            info: Implementation::new(name, version),
            capabilities: ClientCapabilities::default(),
            pinned: None,
            probe_timeout: Duration::from_secs(5),
            limits: Limits::default(),
        }
    }
}

/// What the connection told of the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Peer {
    /// The revision both sides speak.
    pub revision: Revision,
    /// Who the server is, when it said so.
    pub info: Option<Implementation>,
    /// What it offers.
    pub capabilities: ServerCapabilities,
    /// How to use it, for the model.
    pub instructions: Option<String>,
}

/// How a request of the client ended.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CallError {
    /// The server answered with an error.
    #[error(transparent)]
    Server(#[from] ErrorObject),
    /// No answer came in time (LIFE-L-09). The server was told to stop.
    #[error("no answer within {} s (limit `request_timeout`)", .0.as_secs_f32())]
    Timeout(Duration),
    /// The connection ended first.
    #[error("the connection ended before the answer came")]
    Closed,
    /// The answer was not what the protocol allows.
    #[error("the server broke the protocol: {0}")]
    Protocol(String),
}

/// The JSON of a result, or why there is none.
pub type Answer = Result<Box<RawValue>, CallError>;

/// Something that happened on the connection.
#[derive(Debug)]
pub enum ClientEvent {
    /// The server's era is known; requests may be sent.
    Connected(Box<Peer>),
    /// No common revision, or no usable answer.
    Failed(CallError),
    /// A request ended.
    Answered(RequestId, Answer),
    /// The server sent a notification: method and params.
    Notified(String, Option<Box<RawValue>>),
    /// A legacy server asks; [`ClientEngine::reply`] answers.
    Asked {
        /// What to reply to.
        id: RequestId,
        /// `elicitation/create`, `sampling/createMessage` or `roots/list`.
        method: String,
        /// Its parameters.
        params: Option<Box<RawValue>>,
    },
    /// The server no longer wants the answer to what it asked.
    Withdrawn(RequestId),
}

/// The protocol of one connection, client side, without IO.
///
/// [`ClientEngine::connect`] sends the first message; [`ClientEvent::Connected`] follows. Then
/// [`ClientEngine::request`] sends requests, and each ends in exactly one
/// [`ClientEvent::Answered`].
#[derive(Debug)]
pub struct ClientEngine {
    config: ClientConfig,
    state: State,
    phase: Phase,
    /// In the order of their ids, which is that of their beginning.
    pending: BTreeMap<RequestId, Pending>,
    /// What the server asked and was not answered yet.
    asked: BTreeSet<RequestId>,
    next_id: i64,
    /// Whether a refused handshake was followed by a second choice of revision.
    retried: bool,
    outbox: Outbox,
    events: VecDeque<ClientEvent>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    /// `server/discover` is on its way, in this revision.
    Probing(Revision),
    /// `initialize` is on its way, for this revision.
    Handshake(Revision),
    Open(Revision),
    Closed,
}

#[derive(Debug)]
struct Pending {
    /// `None` when it is further away than time goes.
    deadline: Option<Instant>,
    timeout: Duration,
}

impl ClientEngine {
    /// An engine for a new connection.
    pub fn new(config: ClientConfig) -> Self {
        Self {
            config,
            state: State::Uninitialized,
            phase: Phase::Idle,
            pending: BTreeMap::new(),
            asked: BTreeSet::new(),
            next_id: 1,
            retried: false,
            outbox: Outbox::default(),
            events: VecDeque::new(),
        }
    }

    /// Sends the first message: `server/discover`, or `initialize` when a legacy revision is
    /// pinned (VER-D-10).
    pub fn connect(&mut self, now: Instant) {
        match self.config.pinned {
            Some(revision) if revision.era() == Era::Legacy => self.initialize(now, revision),
            Some(revision) => self.discover(now, revision),
            None => self.discover(now, Revision::NEWEST_MODERN),
        }
    }

    /// Sends a request and returns its id. A modern one gets the `_meta` members that META-M-04
    /// demands; members the caller put there stay.
    ///
    /// # Errors
    /// [`CallError::Closed`] when the connection is not open.
    pub fn request(
        &mut self,
        now: Instant,
        method: &str,
        params: Map<String, Value>,
    ) -> Result<RequestId, CallError> {
        let Phase::Open(revision) = self.phase else {
            return Err(CallError::Closed);
        };
        let timeout = self.config.limits.request_timeout;
        Ok(self.send(now, revision, method, params, timeout))
    }

    /// Gives a request up: the server is told, and no answer is reported any more (CAN-A-01).
    pub fn cancel(&mut self, id: &RequestId, reason: Option<&str>) {
        if self.pending.remove(id).is_some() {
            self.tell_cancelled(id, reason);
        }
    }

    /// Takes one message of the server. Junk is skipped: a client never answers it (fault 1).
    pub fn handle_message(&mut self, now: Instant, bytes: &[u8]) {
        match decode(bytes, self.config.limits.batch) {
            Ok(Frame::Single(message)) => self.receive(now, message),
            Ok(Frame::Batch(items)) => {
                for item in items {
                    match item {
                        Ok(message) => self.receive(now, message),
                        Err(malformed) => self.receive_malformed(now, malformed),
                    }
                }
            }
            Err(malformed) => self.receive_malformed(now, malformed),
        }
    }

    /// Ends what has run out of time.
    pub fn handle_timeout(&mut self, now: Instant) {
        let expired = |(id, pending): (&RequestId, &Pending)| {
            let expired = pending.deadline.is_some_and(|deadline| deadline <= now);
            expired.then(|| (id.clone(), pending.timeout))
        };
        let over: Vec<_> = self.pending.iter().filter_map(expired).collect();
        for (id, timeout) in over {
            self.pending.remove(&id);
            match self.phase {
                Phase::Probing(_) if self.config.pinned.is_none() => {
                    self.initialize(now, Revision::NEWEST_LEGACY);
                }
                Phase::Probing(_) | Phase::Handshake(_) => self.fail(CallError::Timeout(timeout)),
                _ => {
                    self.tell_cancelled(&id, Some("timeout"));
                    let answer = Err(CallError::Timeout(timeout));
                    self.events.push_back(ClientEvent::Answered(id, answer));
                }
            }
        }
    }

    /// When [`ClientEngine::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let deadlines = self.pending.values().filter_map(|pending| pending.deadline);
        deadlines.min()
    }

    /// Appends the next message to send to `buffer`, without any framing.
    pub fn poll_output(&mut self, buffer: &mut Vec<u8>) -> Option<Route> {
        self.outbox.pop(buffer)
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<ClientEvent> {
        self.events.pop_front()
    }

    /// The connection is gone: every request ends (fault 22).
    pub fn handle_close(&mut self) {
        if let Ok(next) = transition(self.state, Event::Close) {
            self.state = next;
        }
        let connecting = matches!(self.phase, Phase::Probing(_) | Phase::Handshake(_));
        self.phase = Phase::Closed;
        self.asked.clear();
        if connecting {
            self.pending.clear();
            self.events
                .push_back(ClientEvent::Failed(CallError::Closed));
        }
        for (id, _) in std::mem::take(&mut self.pending) {
            let answer = Err(CallError::Closed);
            self.events.push_back(ClientEvent::Answered(id, answer));
        }
    }

    fn send(
        &mut self,
        now: Instant,
        revision: Revision,
        method: &str,
        mut params: Map<String, Value>,
        timeout: Duration,
    ) -> RequestId {
        if revision.era() == Era::Modern {
            let meta = params.entry("_meta").or_insert_with(|| json!({}));
            if let Value::Object(meta) = meta {
                meta.insert(Meta::PROTOCOL_VERSION.into(), json!(revision.as_str()));
                let capabilities = json!(self.config.capabilities);
                meta.insert(Meta::CLIENT_CAPABILITIES.into(), capabilities);
                meta.insert(Meta::CLIENT_INFO.into(), json!(self.config.info));
            }
        }
        let id = RequestId::from(self.next_id);
        self.next_id += 1;
        let params = (!params.is_empty()).then_some(&params);
        self.outbox.push(Route::Connection, |buffer| {
            encode::request(buffer, &id, method, params);
        });
        let deadline = now.checked_add(timeout);
        self.pending
            .insert(id.clone(), Pending { deadline, timeout });
        id
    }

    fn tell_cancelled(&mut self, id: &RequestId, reason: Option<&str>) {
        let mut params = CancelledParams::new(id.clone());
        params.reason = reason.map(Into::into);
        self.outbox.push(Route::Connection, |buffer| {
            encode::notification(buffer, "notifications/cancelled", Some(&params));
        });
    }
}
