//! The context of a request: what a handler can ask and tell while it runs.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock};

use mcp_core::engine::{Call, ClientProfile, Exchange, Principal};
use mcp_core::json::JsonBuf;
use mcp_core::jsonrpc::{RequestId, encode};
use mcp_core::model::legacy::LoggingLevel;
use mcp_core::model::{ClientCapabilities, Implementation, Meta};
use mcp_core::{Limits, ProtocolVersion, Revision};
use serde::Serialize;
use serde_json::Value;

use crate::ask::{Desk, Journals};
use crate::server::ServerHandle;

/// The request a handler serves. Cheap to clone; a parameter of this type gets it.
///
/// ```
/// use toolwright::prelude::*;
///
/// /// Counts to three.
/// #[tool]
/// async fn count(cx: Context) -> String {
///     for n in 1..=3 {
///         cx.progress(f64::from(n), Some(3.0), None);
///     }
///     cx.info("counted");
///     format!("asked in {}", cx.protocol_version())
/// }
/// ```
#[derive(Clone)]
pub struct Context(Arc<Inner>);

struct Inner {
    id: RequestId,
    revision: Revision,
    principal: Principal,
    exchange: Arc<Exchange>,
    /// What a legacy client said in its handshake.
    handshake: Option<Arc<ClientProfile>>,
    /// The request's `_meta` as it arrived, read when it is first asked for.
    meta_json: Option<JsonBuf>,
    said: OnceLock<Said>,
    desk: Desk,
    server: ServerHandle,
}

/// What the client said of itself and of this request.
#[derive(Default)]
struct Said {
    meta: Meta,
    info: Option<Implementation>,
    capabilities: ClientCapabilities,
}

impl Context {
    pub(crate) fn new(call: &Call<'_>, server: ServerHandle) -> Self {
        Self(Arc::new(Inner {
            id: call.id().clone(),
            revision: call.revision,
            principal: call.principal().clone(),
            exchange: Arc::clone(call.exchange()),
            handshake: call.client().cloned(),
            meta_json: call.params.meta.raw().map(JsonBuf::from),
            said: OnceLock::new(),
            desk: Desk::of(call),
            server,
        }))
    }

    /// A context without a connection, for unit tests of handlers: it belongs to no request,
    /// what it sends goes nowhere, and it is never cancelled.
    pub fn detached() -> Self {
        let server = crate::Server::new("detached", "0.0.0")
            .build()
            .expect("a server without parts has none that clash");
        Self(Arc::new(Inner {
            id: RequestId::from(0_i64),
            revision: Revision::NEWEST_MODERN,
            principal: Principal::LOCAL,
            exchange: Exchange::detached(),
            handshake: None,
            meta_json: None,
            said: OnceLock::new(),
            desk: Desk::detached(),
            server,
        }))
    }

    /// The id the client gave the request.
    pub fn request_id(&self) -> &RequestId {
        &self.0.id
    }

    /// The protocol version the request is answered in. Handlers rarely need it: whatever they
    /// return is brought down to what that version knows.
    pub fn protocol_version(&self) -> ProtocolVersion {
        self.0.revision.into()
    }

    /// Reports progress: `progress` of `total` units are done, with a sentence for people.
    ///
    /// Nothing is sent when the client did not ask for progress, or when `progress` is not above
    /// the value before it (PROG-A-02).
    pub fn progress(&self, progress: f64, total: Option<f64>, message: Option<&str>) {
        let message = message.map(ToOwned::to_owned);
        self.0.exchange.progress(progress, total, message);
    }

    /// Whether the client asked for progress.
    pub fn wants_progress(&self) -> bool {
        self.0.exchange.wants_progress()
    }

    /// Sends a log message to the client, when its level passes the client's filter (LOG-M-02,
    /// LOG-L-03). `data` is any value that serialises; one that does not is sent as an error
    /// text. Never log secrets (LOG-A-01).
    #[deprecated(
        note = "2026-07-28 deprecates logging to the client (SEP-2577), and a revision of 2027-07-28 or later may remove it; use `tracing`"
    )]
    pub fn log(&self, level: LoggingLevel, logger: Option<&str>, data: impl Serialize) {
        self.send_log(level, logger, data);
    }

    fn send_log(&self, level: LoggingLevel, logger: Option<&str>, data: impl Serialize) {
        if self.0.exchange.logs(level) {
            let data = serde_json::to_value(data)
                .unwrap_or_else(|error| Value::String(format!("<unserialisable: {error}>")));
            let logger = logger.map(ToOwned::to_owned);
            self.0.exchange.log(level, logger, data);
        }
    }

    /// Sends a log message of the level `debug`.
    #[deprecated(
        note = "2026-07-28 deprecates logging to the client (SEP-2577), and a revision of 2027-07-28 or later may remove it; use `tracing`"
    )]
    pub fn debug(&self, message: impl Serialize) {
        self.send_log(LoggingLevel::Debug, None, message);
    }

    /// Sends a log message of the level `info`.
    #[deprecated(
        note = "2026-07-28 deprecates logging to the client (SEP-2577), and a revision of 2027-07-28 or later may remove it; use `tracing`"
    )]
    pub fn info(&self, message: impl Serialize) {
        self.send_log(LoggingLevel::Info, None, message);
    }

    /// Sends a log message of the level `warning`.
    #[deprecated(
        note = "2026-07-28 deprecates logging to the client (SEP-2577), and a revision of 2027-07-28 or later may remove it; use `tracing`"
    )]
    pub fn warning(&self, message: impl Serialize) {
        self.send_log(LoggingLevel::Warning, None, message);
    }

    /// Sends a log message of the level `error`.
    #[deprecated(
        note = "2026-07-28 deprecates logging to the client (SEP-2577), and a revision of 2027-07-28 or later may remove it; use `tracing`"
    )]
    pub fn error(&self, message: impl Serialize) {
        self.send_log(LoggingLevel::Error, None, message);
    }

    /// Closes the connection that the answer is awaited on, and lets the client come back for it
    /// (HTTP-L-11): for work that takes long, so that nothing is held open meanwhile.
    ///
    /// That is possible with a client of 2025-11-25 that has a session over HTTP, and only
    /// there. The client is told to come back after half a second, and then gets what was sent
    /// since, and the answer. Called again, the connection it came back by is closed, too.
    /// Everywhere else nothing happens: no client is left that could not come back.
    pub fn close_stream(&self) {
        self.0.exchange.close_stream();
    }

    /// Whether the request was cancelled, ran out of time, or lost its connection.
    pub fn is_cancelled(&self) -> bool {
        self.0.exchange.is_cancelled()
    }

    /// Completes when the request is cancelled. A handler that asks for it gets
    /// [`Limits::cancel_grace`](crate::Limits::cancel_grace) to end by itself; any other is
    /// dropped where it waits.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + '_ {
        self.watch_cancellation();
        self.0.exchange.cancelled()
    }

    pub(crate) fn watch_cancellation(&self) {
        self.0.exchange.watch();
    }

    /// The request's `_meta`.
    pub fn meta(&self) -> &Meta {
        &self.said().meta
    }

    /// Who the client says it is. Informational: nothing may depend on it (META-M-07).
    pub fn client_info(&self) -> Option<&Implementation> {
        match &self.0.handshake {
            Some(profile) => Some(&profile.info),
            None => self.said().info.as_ref(),
        }
    }

    /// What the client can be asked for in this request (META-M-06).
    pub fn client_capabilities(&self) -> &ClientCapabilities {
        match &self.0.handshake {
            Some(profile) => &profile.capabilities,
            None => &self.said().capabilities,
        }
    }

    /// Who is behind the request, as far as the transport knows.
    pub fn principal(&self) -> &Principal {
        &self.0.principal
    }

    /// The W3C trace context the client sent along (META-A-03).
    pub fn trace_context(&self) -> TraceContext<'_> {
        let text = |key| self.meta().get(key).and_then(Value::as_str);
        TraceContext {
            traceparent: text(Meta::TRACEPARENT),
            tracestate: text(Meta::TRACESTATE),
            baggage: text(Meta::BAGGAGE),
        }
    }

    /// The server, to change or announce something from inside a handler.
    pub fn server(&self) -> &ServerHandle {
        &self.0.server
    }

    /// What the request asks and records.
    pub(crate) fn desk(&self) -> &Desk {
        &self.0.desk
    }

    pub(crate) fn exchange(&self) -> &Arc<Exchange> {
        &self.0.exchange
    }

    pub(crate) fn revision(&self) -> Revision {
        self.0.revision
    }

    pub(crate) fn limits(&self) -> &Limits {
        self.0.server.limits()
    }

    pub(crate) fn journals(&self) -> &Journals {
        self.0.server.journals()
    }

    fn said(&self) -> &Said {
        self.0.said.get_or_init(|| {
            let json = self.0.meta_json.as_ref();
            let json = json.map_or("{}", |json| json.as_text().get());
            let meta: Meta = serde_json::from_str(json).unwrap_or_default();
            Said {
                info: member(&meta, Meta::CLIENT_INFO),
                capabilities: member(&meta, Meta::CLIENT_CAPABILITIES).unwrap_or_default(),
                meta,
            }
        })
    }
}

/// Reads a member from text, as messages are: to read a type from a tree as well is all its code
/// once more.
fn member<T: serde::de::DeserializeOwned>(meta: &Meta, key: &str) -> Option<T> {
    serde_json::from_str(&encode::text(meta.get(key)?)).ok()
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("request_id", &self.0.id)
            .field("revision", &self.0.revision)
            .finish_non_exhaustive()
    }
}

/// The W3C trace context of a request; each value in its own format, unchecked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TraceContext<'a> {
    /// The trace and the parent span.
    pub traceparent: Option<&'a str>,
    /// Vendor data.
    pub tracestate: Option<&'a str>,
    /// Key-value pairs of the application.
    pub baggage: Option<&'a str>,
}
