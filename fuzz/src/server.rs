//! A server with something of everything, in tight bounds, and a peer that says whatever it is
//! given.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use mcp_core::Limits;
use mcp_transport::memory;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, split};
use toolwright::ask::{Journals, KeyRing};
use toolwright::http::HttpOptions;
use toolwright::prelude::*;
use toolwright::server::HttpService;

/// Bounds that a short input can reach.
pub fn limits() -> Limits {
    Limits {
        stdio_line: 4096,
        body: 4096,
        sse_event: 4096,
        response: 4096,
        auth_document: 4096,
        sessions: 4,
        peer_sessions: 4,
        batch: 4,
        in_flight: 8,
        concurrency: 2,
        queue: 2,
        subscriptions: 2,
        output_backlog: 8192,
        journal: 1024,
        junk_lines: 16,
        list_entries: 32,
        list_bytes: 16 * 1024,
        client_cache: 16 * 1024,
        // By the clock on the wall, in a thread of its own.
        blocked_thread: Duration::from_secs(24 * 60 * 60),
        call_timeout: Duration::from_secs(20),
        drain: Duration::from_secs(2),
        ..Limits::default()
    }
}

/// The server, built once: what it offers does not change.
///
/// It never ends to be served, and nor does the thread that watches those that are: one that came and
/// went would be counted to whatever input is tried meanwhile.
pub fn server() -> &'static ServerHandle {
    static SERVER: OnceLock<(ServerHandle, HttpService)> = OnceLock::new();
    let (server, _) = SERVER.get_or_init(|| {
        let server = build();
        let served = server.http(HttpOptions::default());
        (server, served)
    });
    server
}

fn build() -> ServerHandle {
    Server::new("golden", "1.0.0")
        .limits(limits())
        .page_size(2)
        .journals(Journals::sealed(KeyRing::new([7; 32])).clock(the_time))
        .tool::<(greet, count, fail, wait, touch, ask, region)>()
        .resource::<(today, other)>()
        .prompt::<review>()
        .build()
        .expect("its parts make a server")
}

/// The time of day: a state that is sealed holds when it expires.
fn the_time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_785_196_800)
}

/// Greets somebody.
#[tool]
fn greet(name: &str, times: Option<u8>) -> String {
    format!("Hello, {name}! ").repeat(usize::from(times.unwrap_or(1)))
}

/// Counts to two.
#[tool]
fn count(cx: Context) -> &'static str {
    cx.progress(1.0, Some(2.0), Some("one"));
    cx.progress(2.0, Some(2.0), Some("two"));
    "counted"
}

/// Fails.
#[tool]
fn fail() -> Result<String, ToolError> {
    Err(ToolError::new("out of ink"))
}

/// Waits until it is cancelled.
#[tool]
async fn wait() {
    std::future::pending::<()>().await;
}

/// Changes the note of today.
#[tool]
fn touch(cx: Context) -> &'static str {
    cx.server().resource_updated("note://today");
    "touched"
}

#[form]
struct Visitor {
    name: String,
}

/// Asks who is there.
#[tool]
async fn ask(cx: Context) -> Result<String, AskError> {
    let visitor: Visitor = cx.elicit("visitor", "Who is there?").await?.accepted()?;
    Ok(format!("Hello, {}!", visitor.name))
}

/// Says where it runs.
#[tool]
fn region(
    #[arg(header = "Region")] region: Option<String>,
    #[arg(header = "Zone")] zone: Option<i64>,
) -> String {
    format!("{region:?} {zone:?}")
}

/// The note of today.
#[resource("note://today", mime = "text/plain")]
fn today() -> &'static str {
    "buy ink"
}

/// Any other note.
#[resource("note://{day}/{+rest}", mime = "text/plain")]
fn other(#[arg(complete = days)] day: &str, rest: &str) -> String {
    format!("{day}: {rest}")
}

fn days(prefix: &str) -> Vec<&'static str> {
    let days = ["monday", "tuesday", "thursday"].into_iter();
    days.filter(|day| day.starts_with(prefix)).collect()
}

/// Asks for a review.
#[prompt]
fn review(code: &str) -> String {
    format!("Review this: {code}")
}

/// Says `pieces` to `server` one after the other, hangs up, and returns all that it answered.
pub async fn hear(server: &ServerHandle, pieces: Vec<&[u8]>) -> Vec<u8> {
    let (near, far) = memory::pair(1024);
    let (reader, writer) = split(far);
    let (mut answers, mut requests) = split(near);
    let mut heard = Vec::new();
    let speaking = async {
        for piece in pieces {
            if requests.write_all(piece).await.is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
        // A server that hung up first is no news.
        let _ = requests.shutdown().await;
    };
    let (served, (), read) = tokio::join!(
        async {
            let (reader, writer) = (reader, writer);
            server.serve(reader, writer).await
        },
        speaking,
        answers.read_to_end(&mut heard)
    );
    served.expect("memory does not fail");
    read.expect("memory does not fail");
    heard
}
