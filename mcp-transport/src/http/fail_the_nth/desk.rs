//! What serves the session.

use std::collections::HashMap;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mcp_core::engine::{Call, Change, Exchange, Outcome, Principal, Reply, Scopes, Signals};
use mcp_core::lifecycle::{Method, Params};
use mcp_core::model::{
    CallToolResult, InputRequest, InputRequired, ListToolsResult, ServerCapabilities, Tool,
    ToolsCapability,
};
use mcp_core::{Era, jsonrpc::ErrorObject};

use crate::driver::{Dispatch, Handler, Mirrored};

/// A handler of calls, which counts.
#[derive(Debug, Default)]
pub(super) struct Desk {
    counts: Arc<Counts>,
    mailboxes: Mutex<HashMap<usize, Arc<Signals>>>,
}

/// What happened at a desk.
#[derive(Debug, Default)]
pub(super) struct Counts {
    running: AtomicUsize,
}

impl Counts {
    /// Calls whose futures are neither done nor dropped.
    pub(super) fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }
}

/// A call that runs.
struct Running(Arc<Counts>);

impl Running {
    fn new(counts: &Arc<Counts>) -> Self {
        counts.running.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(counts))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Desk {
    pub(super) fn capabilities() -> ServerCapabilities {
        ServerCapabilities {
            tools: Some(ToolsCapability {
                list_changed: Some(true),
                ..ToolsCapability::default()
            }),
            ..ServerCapabilities::default()
        }
    }

    pub(super) fn counts(&self) -> &Arc<Counts> {
        &self.counts
    }

    /// Tells everybody who listens that there are other tools.
    pub(super) fn change(&self) {
        for signals in self.mailboxes.lock().unwrap().values() {
            signals.change(Change::Tools);
        }
    }

    /// Connections and streams that are noted.
    pub(super) fn mailboxes(&self) -> usize {
        self.mailboxes.lock().unwrap().len()
    }

    fn later(&self, call: impl Future<Output = Outcome> + Send + 'static) -> Dispatch {
        let running = Running::new(&self.counts);
        Dispatch::Pending(Box::pin(async move {
            let _running = running;
            call.await
        }))
    }

    /// Asks for the roots first: in the middle of the call, or by its result.
    fn ask(&self, call: &Call<'_>) -> Dispatch {
        if call.revision.era() == Era::Legacy {
            let exchange = Arc::clone(call.exchange());
            return self.later(async move {
                let asked = exchange.ask(InputRequest::ListRoots(None)).await;
                let asked = asked.map_err(|error| ErrorObject::internal(error.to_string()))?;
                said(asked.get())
            });
        }
        Dispatch::Ready(match call.params.input_responses {
            Some(_) => said(r#"{"roots":[]}"#),
            None => {
                let asks = [("where".to_owned(), InputRequest::ListRoots(None))];
                let required = InputRequired::new(asks.into(), Some("state".to_owned()));
                Ok(Reply::InputRequired(Box::new(required)))
            }
        })
    }
}

impl Handler for Desk {
    fn handle(&self, call: &Call<'_>) -> Dispatch {
        if call.method == Method::ListTools {
            let tools = ["echo", "report", "hang", "ask"].map(|name| {
                let schema = serde_json::json!({ "type": "object" });
                Tool::new(name, schema.as_object().cloned().unwrap_or_default())
            });
            let listed = ListToolsResult {
                tools: tools.into(),
                ..ListToolsResult::default()
            };
            return Dispatch::Ready(Ok(Reply::ListTools(listed)));
        }
        let name = Params::text(call.params.name, "name");
        match name.as_deref() {
            Ok("echo") => Dispatch::Ready(said("here")),
            Ok("report") => self.later(report(Arc::clone(call.exchange()))),
            Ok("hang") => self.later(pending()),
            Ok("ask") => self.ask(call),
            _ => Dispatch::Ready(Err(ErrorObject::invalid_params("no such tool"))),
        }
    }

    fn connected(&self, signals: &Arc<Signals>) {
        let mut mailboxes = self.mailboxes.lock().unwrap();
        mailboxes.insert(Arc::as_ptr(signals).addr(), Arc::clone(signals));
    }

    fn disconnected(&self, signals: &Arc<Signals>) {
        let mut mailboxes = self.mailboxes.lock().unwrap();
        mailboxes.remove(&Arc::as_ptr(signals).addr());
    }

    fn shutdown(&self) {}

    fn lacking(&self, _: &Principal, _: &str, _: &Params<'_>) -> Option<Scopes> {
        None
    }

    fn mirrored(&self, _: &str) -> Option<Arc<[Mirrored]>> {
        None
    }
}

/// Tells how far it is.
async fn report(exchange: Arc<Exchange>) -> Outcome {
    for part in 1..=3 {
        exchange.progress(f64::from(part), Some(3.0), None);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    said("reported")
}

fn said(text: &str) -> Outcome {
    Ok(Reply::CallTool(CallToolResult::text(text)))
}
