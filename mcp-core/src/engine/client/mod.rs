//! The client's side of one connection: finding the server's era, and pairing answers with
//! requests.

mod asked;
mod close;
mod connect;
mod notice;
mod options;
mod receive;
mod remote;

pub use options::{ClientConfig, RequestOptions, Wait};

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::Outbound;
use super::output::Outbox;
use crate::jsonrpc::{ErrorCode, ErrorObject, Frame, RequestId, decode, encode};
use crate::lifecycle::State;
use crate::model::{
    CancelledParams, Implementation, Meta, ProgressParams, ServerCapabilities, UrlElicitations,
};
use crate::{Era, Revision};

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
    /// Progress came, but no answer within the longest that a request may take (fault 51). The
    /// server was told to stop.
    #[error("no answer after {} s of progress (limit `request_total`)", .0.as_secs_f32())]
    Overdue(Duration),
    /// There is no way to the server, so it has not seen the request.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The server did not take the request, and said so by no more than the status of HTTP.
    #[error("the server refused with the HTTP status {status}{}{why}", if why.is_empty() { "" } else { ": " })]
    Refused {
        /// The status.
        status: u16,
        /// What is known besides.
        why: String,
    },
    /// The answer was on its way when its stream broke. The server may have done what it was
    /// asked (CAN-M-03).
    #[error("the answer was lost: {0}")]
    Lost(String),
    /// The connection ended first.
    #[error("the connection ended before the answer came")]
    Closed,
    /// The answer was not what the protocol allows.
    #[error("the server broke the protocol: {0}")]
    Protocol(String),
    /// The server sent more than is taken, and the connection was closed. Names the field of
    /// [`Limits`](crate::Limits).
    #[error("the server went over the limit `{0}`, and the connection was closed")]
    Limit(&'static str),
    /// The tool was called and says, by `isError`, that it failed: the text that is meant for the
    /// model (TOOL-A-07).
    #[error("the tool failed: {0}")]
    Tool(String),
    /// The server asked something first, and the client's user or program refused to answer: the
    /// request was not sent again (MRTR-M-10, SMP-M-04).
    #[error("the server's question `{key}` was not answered: {error}")]
    Unanswered {
        /// The question, as the server calls it.
        key: String,
        /// Why not.
        error: ErrorObject,
    },
}

impl CallError {
    /// The URLs that the user has to open before the request can be sent again: the error -32042
    /// of 2025-11-25 (ELI-L-06). A server of 2026-07-28 asks for them instead.
    pub fn urls_required(&self) -> Option<UrlElicitations> {
        let Self::Server(error) = self else {
            return None;
        };
        let data = error.data.as_ref();
        let data = data.filter(|_| error.code == ErrorCode::URL_ELICITATION_REQUIRED)?;
        UrlElicitations::deserialize(data).ok()
    }
}

/// The JSON of a result, or why there is none.
pub type Answer = Result<Box<RawValue>, CallError>;

/// Something that happened on the connection.
#[derive(Debug)]
pub enum ClientEvent {
    /// The server's era is known; requests may be sent.
    Connected(Box<Peer>),
    /// No common revision, no usable answer, or too much of what is none: the connection is over.
    Failed(CallError),
    /// A request that asked for progress makes some (PROG-A-02).
    Progress(RequestId, Box<ProgressParams>),
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
    /// The probe or handshake that is on its way.
    connecting: Option<RequestId>,
    /// In the order of their ids, which is that of their beginning.
    pending: BTreeMap<RequestId, Pending>,
    /// What the server asked and was not answered yet.
    asked: BTreeSet<RequestId>,
    /// No id is used twice on a connection (RPC-M-03).
    next_id: i64,
    /// Lines in a row that were no messages.
    junk: usize,
    /// Whether a refused handshake was followed by a second choice of revision.
    retried: bool,
    outbox: Outbox<Outbound>,
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
    /// How long each wait is, which progress begins anew.
    timeout: Duration,
    /// When progress helps no longer.
    last: Option<Instant>,
    /// From the request to `last`.
    total: Duration,
    /// How far it is, if it asked for progress.
    progress: Option<f64>,
    /// Whether it is a subscription, which the server may end by a notification.
    subscription: bool,
}

impl ClientEngine {
    /// An engine for a new connection.
    pub fn new(config: ClientConfig) -> Self {
        Self {
            config,
            state: State::Uninitialized,
            phase: Phase::Idle,
            connecting: None,
            pending: BTreeMap::new(),
            asked: BTreeSet::new(),
            next_id: 1,
            junk: 0,
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
        options: &RequestOptions,
    ) -> Result<RequestId, CallError> {
        let Phase::Open(revision) = self.phase else {
            return Err(CallError::Closed);
        };
        Ok(self.send(now, revision, method, params, options))
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
            Ok(Frame::Single(message)) => {
                self.junk = 0;
                self.receive(now, message);
            }
            Ok(Frame::Batch(items)) => {
                for item in items {
                    match item {
                        Ok(message) => {
                            self.junk = 0;
                            self.receive(now, message);
                        }
                        Err(malformed) => self.receive_malformed(now, malformed),
                    }
                }
            }
            Err(malformed) => self.receive_malformed(now, malformed),
        }
    }

    /// How many messages in a row were none, and were skipped (fault 13). More than
    /// [`Limits::junk_lines`](crate::Limits::junk_lines) end the connection.
    pub fn skipped(&self) -> usize {
        self.junk
    }

    /// Ends what has run out of time.
    pub fn handle_timeout(&mut self, now: Instant) {
        let expired = |(id, pending): (&RequestId, &Pending)| {
            let expired = pending.deadline.is_some_and(|deadline| deadline <= now);
            expired.then(|| (id.clone(), pending.why_late(now)))
        };
        let over: Vec<_> = self.pending.iter().filter_map(expired).collect();
        for (id, error) in over {
            self.pending.remove(&id);
            let phase = match self.connecting.as_ref() == Some(&id) {
                true => self.phase,
                false => Phase::Idle,
            };
            match phase {
                Phase::Probing(_) if self.config.pinned.is_none() => {
                    self.initialize(now, Revision::NEWEST_LEGACY);
                }
                Phase::Probing(_) | Phase::Handshake(_) => self.fail(error),
                _ => {
                    self.tell_cancelled(&id, Some("timeout"));
                    self.events.push_back(ClientEvent::Answered(id, Err(error)));
                }
            }
        }
    }

    /// When [`ClientEngine::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let deadlines = self.pending.values().filter_map(|pending| pending.deadline);
        deadlines.min()
    }

    /// Appends the next message to send to `buffer`, without any framing, and says what it is.
    pub fn poll_output(&mut self, buffer: &mut Vec<u8>) -> Option<Outbound> {
        self.outbox.pop(buffer)
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<ClientEvent> {
        self.events.pop_front()
    }

    fn send(
        &mut self,
        now: Instant,
        revision: Revision,
        method: &str,
        mut params: Map<String, Value>,
        options: &RequestOptions,
    ) -> RequestId {
        let id = RequestId::from(self.next_id);
        self.next_id += 1;
        if revision.era() == Era::Modern {
            let meta = params.entry("_meta").or_insert_with(|| json!({}));
            if let Value::Object(meta) = meta {
                meta.insert(Meta::PROTOCOL_VERSION.into(), json!(revision.as_str()));
                let capabilities = json!(self.config.capabilities);
                meta.insert(Meta::CLIENT_CAPABILITIES.into(), capabilities);
                meta.insert(Meta::CLIENT_INFO.into(), json!(self.config.info));
                if let Some(level) = self.config.log_level {
                    let meta = meta.entry(Meta::LOG_LEVEL);
                    meta.or_insert_with(|| json!(level));
                }
            }
        }
        if options.progress {
            let meta = params.entry("_meta").or_insert_with(|| json!({}));
            if let Value::Object(meta) = meta {
                meta.insert(Meta::PROGRESS_TOKEN.into(), json!(id));
            }
        }
        let params = (!params.is_empty()).then_some(&params);
        let outbound = match method {
            "server/discover" if self.is_connecting() => Outbound::Probe(id.clone(), revision),
            "initialize" => Outbound::Handshake(id.clone()),
            _ => Outbound::Request(id.clone()),
        };
        self.outbox.push(outbound, |buffer| {
            encode::request(buffer, &id, method, params);
        });
        let pending = options.begin(now, &self.config.limits, method);
        self.pending.insert(id.clone(), pending);
        id
    }

    fn tell_cancelled(&mut self, id: &RequestId, reason: Option<&str>) {
        let mut params = CancelledParams::new(id.clone());
        params.reason = reason.map(Into::into);
        self.outbox.push(Outbound::Cancelled(id.clone()), |buffer| {
            encode::notification(buffer, "notifications/cancelled", Some(&params));
        });
    }
}
