//! The server of the session, and its users.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::{sleep, timeout};
use toolwright::Revision;
use toolwright::client::{Answers, Client, ClientBuilder, ClientConfig};
use toolwright::jsonrpc::ErrorObject;
use toolwright::model::{ClientCapabilities, ElicitParams, ElicitResult};
use toolwright::prelude::*;

use crate::points::{How, Points};

/// What happened in the handlers.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    begun: AtomicUsize,
    ended: AtomicUsize,
    /// How often the step of `greet` was run.
    pub(crate) steps: AtomicUsize,
}

impl Desk {
    /// Handlers that have neither ended nor been dropped.
    pub(crate) fn running(&self) -> usize {
        self.begun.load(Ordering::Relaxed) - self.ended.load(Ordering::Relaxed)
    }
}

/// A handler that runs.
struct Running(Arc<Desk>);

impl Running {
    fn new(desk: &Shared) -> Self {
        desk.begun.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(desk))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

type Shared = State<Arc<Desk>>;

#[tool]
fn echo(text: String) -> String {
    text
}

/// Says it again after a while.
#[tool]
async fn later(text: String, desk: Shared) -> String {
    let _running = Running::new(&desk);
    sleep(Duration::from_millis(20)).await;
    text
}

/// Never ends.
#[tool]
async fn hang(desk: Shared) {
    let _running = Running::new(&desk);
    std::future::pending::<()>().await;
}

/// Tells how far it is.
#[tool]
async fn report(cx: Context, desk: Shared) -> &'static str {
    let _running = Running::new(&desk);
    for part in 1..=3 {
        cx.progress(f64::from(part), Some(3.0), None);
        sleep(Duration::from_millis(200)).await;
    }
    "reported"
}

#[form]
struct Visitor {
    name: String,
}

/// Asks who is there, and takes a step.
#[tool]
async fn greet(cx: Context, desk: Shared) -> Result<String, ToolError> {
    let _running = Running::new(&desk);
    let visitor: Visitor = cx.elicit("visitor", "Who is there?").await?.accepted()?;
    let counted = async |_| {
        desk.steps.fetch_add(1, Ordering::Relaxed);
        Ok::<_, ToolError>(1)
    };
    let visits = cx.step("count", counted).await?;
    Ok(format!("Hello, {}: {visits}", visitor.name))
}

/// A server with all of this.
pub(crate) fn server(desk: &Arc<Desk>) -> Server {
    Server::new("nth", "1.0.0")
        .state(Arc::clone(desk))
        .tool::<(echo, later, hang, report, greet)>()
}

/// Answers every form.
pub(crate) struct Visiting;

impl Answers for Visiting {
    async fn elicit(&self, _: ElicitParams) -> Result<ElicitResult, ErrorObject> {
        let content = serde_json::json!({ "name": "Ada" });
        Ok(ElicitResult::accept(content.as_object().cloned()))
    }
}

/// A client to be, of this revision or of whichever is found.
pub(crate) fn builder(revision: Option<Revision>) -> ClientBuilder {
    let mut config = ClientConfig::new("nth", "1.0.0");
    config.pinned = revision;
    config.capabilities = capabilities();
    Client::builder(config).answers(Visiting)
}

fn capabilities() -> ClientCapabilities {
    serde_json::from_value(serde_json::json!({ "elicitation": { "form": {} } })).unwrap()
}

/// Somebody to whom nothing happened is served within a second.
pub(crate) async fn serves_others(server: &ServerHandle, points: &Points) {
    if points.how() == How::Jump {
        // A clock that has yet to jump would be what took long.
        sleep(Duration::from_secs(1)).await;
    }
    let served = async {
        let client = builder(None).connect(server).await.unwrap();
        let answer = client.call("echo", serde_json::json!({ "text": "here" }));
        assert_eq!(answer.await.unwrap().content[0].as_text(), Some("here"));
    };
    let served = timeout(Duration::from_secs(1), served).await;
    served.expect("it took longer than a second");
}
