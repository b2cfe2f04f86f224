//! A server engine with a scripted handler and a clock of its own.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use mcp_core::engine::{
    Call, Change, Exchange, Outcome, Received, Reply, ServerEngine, ServerProfile, Ticket,
};
use mcp_core::jsonrpc::{ErrorCode, ErrorObject, RequestId};
use mcp_core::lifecycle::{Method, Params};
use mcp_core::model::{CallToolResult, Implementation, ListToolsResult, ServerCapabilities};
use mcp_core::{Limits, Revision};
use serde_json::{Value, json};

use crate::messages::{initialize, modern_call, modern_result, notification, said};

/// Where the time of every test starts. Only differences matter.
#[expect(
    clippy::disallowed_methods,
    reason = "an `Instant` has no other origin"
)]
pub(crate) static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// A handler that is still running.
pub(crate) struct Running {
    pub(crate) ticket: Ticket,
    pub(crate) id: RequestId,
    pub(crate) exchange: Arc<Exchange>,
}

/// A server. Its tools are named after what they do: `now` answers at once, `later` when it is
/// told to, `watch` too but it watches for cancellation, `needs` lacks a client capability.
pub(crate) struct Server {
    pub(crate) engine: ServerEngine,
    pub(crate) now: Instant,
    pub(crate) running: Vec<Running>,
    pub(crate) executed: usize,
}

/// A server with everything on.
pub(crate) fn capabilities() -> ServerCapabilities {
    capabilities_of(json!({
        "logging": {},
        "completions": {},
        "prompts": { "listChanged": true },
        "resources": { "listChanged": true, "subscribe": true },
        "tools": { "listChanged": true },
    }))
}

pub(crate) fn capabilities_of(json: Value) -> ServerCapabilities {
    serde_json::from_value(json).expect("capabilities")
}

pub(crate) fn profile(capabilities: ServerCapabilities, revisions: &[Revision]) -> ServerProfile {
    ServerProfile::new(
        Implementation::new("tested", "1"),
        capabilities,
        None,
        revisions,
    )
}

impl Server {
    pub(crate) fn new() -> Self {
        Self::with(profile(capabilities(), &Revision::ALL), Limits::default())
    }

    pub(crate) fn limited(limits: Limits) -> Self {
        Self::with(profile(capabilities(), &Revision::ALL), limits)
    }

    pub(crate) fn with(profile: ServerProfile, limits: Limits) -> Self {
        Self {
            engine: ServerEngine::new(Arc::new(profile), limits),
            now: *START,
            running: Vec::new(),
            executed: 0,
        }
    }

    /// A server whose legacy handshake in `version` is over.
    pub(crate) fn ready(version: &str) -> Self {
        let mut server = Self::new();
        server.handshake(version);
        server
    }

    pub(crate) fn handshake(&mut self, version: &str) {
        let answer = self.send(&initialize("handshake", version));
        assert_eq!(answer[0]["result"]["protocolVersion"], version);
        assert!(
            self.send(&notification("notifications/initialized", json!({})))
                .is_empty()
        );
    }

    /// Feeds a message and returns what comes out.
    pub(crate) fn send(&mut self, message: &Value) -> Vec<Value> {
        self.feed(message.to_string().as_bytes())
    }

    /// Feeds bytes and returns what comes out.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<Value> {
        let calls = match self.engine.handle_message(self.now, bytes) {
            Received::Handled => Vec::new(),
            Received::Call(call) => vec![call],
            Received::Batch(calls) => calls,
        };
        for call in calls {
            if self.engine.parked() == 0 && self.engine.has_capacity() {
                self.dispatch(&call);
            } else {
                self.engine.park(self.now, call);
            }
        }
        self.output()
    }

    fn dispatch(&mut self, call: &Call<'_>) {
        self.executed += 1;
        match answer_at_once(call) {
            Some(outcome) => self.engine.complete(call, outcome),
            None => {
                let exchange = Arc::clone(call.exchange());
                if tool(call) == "watch" {
                    exchange.watch();
                }
                self.running.push(Running {
                    ticket: self.engine.begin(self.now, call),
                    id: call.id().clone(),
                    exchange,
                });
            }
        }
    }

    /// Everything that wants to leave: what handlers queued, messages, and handlers to stop.
    pub(crate) fn output(&mut self) -> Vec<Value> {
        while let Some(parked) = self.engine.unpark() {
            self.dispatch(&parked.call());
        }
        if let Some(mail) = self.engine.signals().take() {
            for exchange in mail.exchanges {
                self.engine.flush(self.now, &exchange);
            }
            self.engine.announce(&mail.changes);
        }
        while let Some(stopped) = self.engine.poll_abort() {
            self.running
                .retain(|handler| handler.exchange.id() != stopped);
        }
        let mut messages = Vec::new();
        let mut buffer = Vec::new();
        while self.engine.poll_output(&mut buffer).is_some() {
            assert!(!buffer.contains(&b'\n'), "one message per line");
            messages.push(serde_json::from_slice(&buffer).expect("what is sent is JSON"));
            buffer.clear();
        }
        messages
    }

    /// The handler of a request that still runs.
    pub(crate) fn exchange(&self, id: impl Into<Value>) -> Arc<Exchange> {
        let id = read_id(&id.into());
        let mut running = self.running.iter();
        let found = running.find(|handler| handler.id == id);
        Arc::clone(&found.expect("the handler runs").exchange)
    }

    /// Lets the handler of a request end, and returns what comes out.
    pub(crate) fn finish(&mut self, id: impl Into<Value>) -> Vec<Value> {
        let id = read_id(&id.into());
        let at = self.running.iter().position(|handler| handler.id == id);
        let handler = self.running.remove(at.expect("the handler runs"));
        self.engine.finish(&handler.ticket, text("late"));
        self.output()
    }

    /// Posts a change of the server, and returns what comes out.
    pub(crate) fn change(&mut self, change: Change) -> Vec<Value> {
        self.engine.signals().change(change);
        self.output()
    }

    /// Lets time pass, and returns what comes out.
    pub(crate) fn advance(&mut self, by: Duration) -> Vec<Value> {
        self.now += by;
        self.engine.handle_timeout(self.now);
        self.output()
    }

    /// Whether the next request is answered, and nothing is left behind by those before.
    pub(crate) fn lives(&mut self) {
        let answer = self.send(&modern_call("alive?", "now"));
        assert_eq!(answer, [modern_result("alive?", said("done"))]);
        assert!(self.engine.is_at_rest(), "{:?}", self.engine);
    }
}

fn read_id(id: &Value) -> RequestId {
    serde_json::from_value(id.clone()).expect("an id")
}

fn tool(call: &Call<'_>) -> String {
    Params::text(call.params.name, "name").map_or_else(|_| String::new(), |name| name.into_owned())
}

fn text(text: &str) -> Outcome {
    Ok(Reply::CallTool(CallToolResult::text(text)))
}

fn answer_at_once(call: &Call<'_>) -> Option<Outcome> {
    if call.method != Method::CallTool {
        return Some(match call.method {
            Method::ListTools => Ok(Reply::ListTools(ListToolsResult::default())),
            _ => Ok(Reply::Empty),
        });
    }
    let name = match Params::text(call.params.name, "name") {
        Ok(name) => name,
        Err(error) => return Some(Err(error)),
    };
    Some(match &*name {
        "now" => text("done"),
        "later" | "watch" => return None,
        "needs" => Err(ErrorObject::new(
            ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY,
            "This tool asks its user",
        )
        .with_data(json!({ "requiredCapabilities": { "elicitation": {} } }))),
        unknown => Err(ErrorObject::invalid_params(format!(
            "Unknown tool: {unknown}"
        ))),
    })
}
