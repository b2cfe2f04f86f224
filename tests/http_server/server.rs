//! The server under test.

#![allow(deprecated, reason = "what is deprecated has to work")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;
use toolwright::ask::StepError;
use toolwright::http::HttpOptions;
use toolwright::prelude::*;
use toolwright::server::ServerHandle;

use crate::peer::{Peer, call};
use crate::still::in_no_time;

/// What handlers and tests tell each other.
#[derive(Debug)]
pub(crate) struct Desk {
    /// A handler began.
    pub(crate) began: Semaphore,
    /// A handler was dropped or noticed its cancellation.
    pub(crate) cancelled: Semaphore,
    /// A handler may go on.
    pub(crate) go: Notify,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            began: Semaphore::new(0),
            cancelled: Semaphore::new(0),
            go: Notify::new(),
        }
    }
}

/// Counts its own end.
pub(crate) struct Bell(pub(crate) Arc<Desk>);

impl Drop for Bell {
    fn drop(&mut self) {
        self.0.cancelled.add_permits(1);
    }
}

/// Adds.
#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Says where it runs.
#[tool]
fn region(
    #[arg(header = "Region")] region: Option<String>,
    #[arg(header = "Zone")] zone: Option<i64>,
) -> String {
    format!("{region:?} {zone:?}")
}

/// Waits until it is told to go on.
#[tool]
async fn wait(desk: State<Arc<Desk>>) -> &'static str {
    let bell = Bell(Arc::clone(&desk));
    desk.began.add_permits(1);
    desk.go.notified().await;
    std::mem::forget(bell);
    "gone on"
}

/// Reports once and waits until it is told to go on.
#[tool]
async fn report(cx: Context, desk: State<Arc<Desk>>) -> &'static str {
    let bell = Bell(Arc::clone(&desk));
    cx.progress(1.0, Some(2.0), Some("half"));
    desk.began.add_permits(1);
    desk.go.notified().await;
    cx.progress(2.0, Some(2.0), None);
    std::mem::forget(bell);
    "reported"
}

/// Logs at once.
#[tool]
fn log(cx: Context) -> &'static str {
    cx.warning("careful");
    "logged"
}

/// Asks for the client's folders.
#[tool]
async fn folders(cx: Context) -> Result<usize, ToolError> {
    let roots = cx.roots("folders").await?;
    Ok(roots.len())
}

#[form]
struct Visitor {
    name: String,
}

/// Asks who is there.
#[tool]
async fn greet(cx: Context) -> Result<String, AskError> {
    let visitor: Visitor = cx.elicit("visitor", "Who is there?").await?.accepted()?;
    Ok(format!("Hello, {}!", visitor.name))
}

/// Asks for the client's folders if it can, and takes a step.
#[tool]
async fn careful(cx: Context) -> Result<String, StepError<std::convert::Infallible>> {
    let two = cx.step("two", async |_| Ok(2)).await?;
    if !cx.can_list_roots() {
        return Ok(format!("no: {two}"));
    }
    let roots = cx.roots("folders").await?;
    Ok(format!("{}: {two}", roots.len()))
}

/// Panics.
#[tool]
fn panics() -> i64 {
    panic!("never shown")
}

/// A server that runs.
pub(crate) struct Live {
    pub(crate) address: SocketAddr,
    pub(crate) handle: ServerHandle,
    pub(crate) desk: Arc<Desk>,
    pub(crate) task: JoinHandle<toolwright::Result<()>>,
}

impl Live {
    /// A new connection.
    pub(crate) async fn peer(&self) -> Peer {
        Peer::connect(self.address).await
    }

    /// Whatever `peer` did, it is served in no time on the connection it has, and so are others.
    pub(crate) async fn still_serves(&self, peer: &mut Peer) {
        in_no_time(assert_adds(peer)).await;
        self.serves_others().await;
    }

    /// Whatever somebody did, others are served in no time.
    pub(crate) async fn serves_others(&self) {
        in_no_time(async { assert_adds(&mut self.peer().await).await }).await;
    }
}

async fn assert_adds(peer: &mut Peer) {
    let answer = peer
        .ask(call("ok", "add", json!({ "a": 20, "b": 22 })))
        .await;
    assert_eq!(answer.json()["result"]["content"][0]["text"], "42");
}

/// A server with every tool here.
pub(crate) fn server(desk: &Arc<Desk>) -> Server {
    Server::new("http", "1.0.0")
        .state(Arc::clone(desk))
        .tool::<(
            add,
            region,
            wait,
            report,
            log,
            folders,
            greet,
            careful,
            panics,
        )>()
        .limits(toolwright::Limits {
            body: 4096,
            drain: Duration::from_secs(5),
            ..toolwright::Limits::default()
        })
}

/// Starts a server as it comes.
pub(crate) async fn start() -> Live {
    start_with(|server| server, HttpOptions::default()).await
}

/// Starts a server that was changed before.
pub(crate) async fn start_with(
    change: impl FnOnce(Server) -> Server,
    options: HttpOptions,
) -> Live {
    let desk = Arc::new(Desk::default());
    let handle = change(server(&desk)).build().expect("a server");
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let serving = handle.clone();
    let task = tokio::spawn(async move { serving.serve_listener(listener, options).await });
    Live {
        address,
        handle,
        desk,
        task,
    }
}
