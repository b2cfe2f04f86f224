//! Clients that take their time, and what it costs the others: nothing (faults 68 and 83).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpSocket;
use toolwright::http::HttpOptions;
use toolwright::prelude::*;

use crate::legacy::Client;
use crate::peer::{Peer, call, modern};
use crate::server::{Bell, Desk, Live, start_with};

/// Far more than the system keeps of a connection by itself.
const LARGE: usize = 24 << 20;
/// What one report of a handler comes to.
const REPORT: usize = 64 << 10;
/// How many reports a handler makes that comes to an end: more than any buffer holds.
const REPORTS: usize = 1000;

/// Answers at length.
#[tool]
fn lengthy() -> String {
    "x".repeat(LARGE)
}

/// Reports at length until it is stopped.
#[tool]
async fn flood(cx: Context, desk: State<Arc<Desk>>) {
    let _bell = Bell(Arc::clone(&desk));
    reports(&cx, usize::MAX).await;
}

/// Reports at length, and says when it is done.
#[tool]
async fn count(cx: Context, desk: State<Arc<Desk>>) -> &'static str {
    reports(&cx, REPORTS).await;
    desk.began.add_permits(1);
    "counted"
}

async fn reports(cx: &Context, count: usize) {
    let long = "x".repeat(REPORT);
    for number in 1..=count {
        cx.progress(number as f64, None, Some(&long));
        tokio::task::yield_now().await;
    }
}

async fn start() -> Live {
    start_with(
        |server| server.tool::<(lengthy, flood, count)>(),
        HttpOptions::default(),
    )
    .await
}

fn with_progress(tool: &str) -> Vec<u8> {
    let params = json!({ "name": tool, "_meta": { "progressToken": "t" } });
    modern(1, "tools/call", params)
}

/// A connection of which the system keeps little that was not read.
async fn narrow(server: &Live) -> Peer {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    Peer::over(socket.connect(server.address).await.unwrap())
}

/// Lets a second pass, and whoever has something to do, do it.
pub(crate) async fn second() {
    tokio::time::advance(Duration::from_secs(1)).await;
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn fault_68_a_client_that_says_half_of_something_is_not_waited_for() {
    let limits = toolwright::Limits {
        head_timeout: Duration::from_millis(200),
        body_timeout: Duration::from_millis(200),
        ..toolwright::Limits::default()
    };
    let server = start_with(|server| server.limits(limits), HttpOptions::default()).await;
    for beginning in ["", "PRI", "POST /mcp HTTP/1.1\r\nhost: local"] {
        let mut peer = server.peer().await;
        peer.send(beginning).await;
        peer.closed().await;
    }
    let mut peer = server.peer().await;
    let whole = call(1, "add", json!({ "a": 1, "b": 1 }));
    peer.send(&whole[..whole.len() - 1]).await;
    assert_eq!(peer.answer().await.status(), 408);
    server.serves_others().await;
}

#[tokio::test]
async fn fault_68_a_client_that_asks_nothing_more_is_not_waited_for() {
    let server = start().await;
    // However long it had to wait for its answer, and however that came.
    let numbers = json!({ "a": 1, "b": 1 });
    for (tool, arguments) in [("add", numbers), ("wait", json!({})), ("report", json!({}))] {
        let mut peer = server.peer().await;
        peer.send(call(1, tool, arguments)).await;
        if tool != "add" {
            server.desk.began.acquire().await.unwrap().forget();
            server.desk.go.notify_one();
        }
        peer.head().await;
        tokio::time::pause();
        for _ in 0..40 {
            second().await;
        }
        tokio::time::resume();
        peer.closed().await;
    }
    server.serves_others().await;
}

#[tokio::test]
async fn a_client_that_waits_for_an_answer_may_say_nothing_meanwhile() {
    let options = HttpOptions::default().keep_alive(Duration::from_secs(1000));
    let server = start_with(|server| server, options).await;
    let mut waiting = server.peer().await;
    waiting.send(call(1, "wait", json!({}))).await;
    server.desk.began.acquire().await.unwrap().forget();
    let mut listening = server.peer().await;
    let filter = json!({ "notifications": { "toolsListChanged": true } });
    let listen = modern("s", "subscriptions/listen", filter);
    listening.send(listen).await;
    listening.head().await;
    listening.event().await.expect("an acknowledgement");
    // Longer than a head may take.
    tokio::time::pause();
    for _ in 0..40 {
        second().await;
    }
    tokio::time::resume();
    server.handle.tools_changed();
    listening.event().await.expect("a change");
    server.desk.go.notify_one();
    waiting.head().await;
    while waiting.event().await.is_some() {}
    server.still_serves(&mut waiting).await;
}

#[tokio::test]
async fn fault_68_a_client_that_reads_nothing_loses_its_connection() {
    let server = start().await;
    let mut peer = narrow(&server).await;
    peer.send(call(1, "lengthy", json!({}))).await;
    peer.head().await;
    // From here on it reads nothing, for twice as long as it may.
    tokio::time::pause();
    for _ in 0..60 {
        second().await;
    }
    tokio::time::resume();
    let read = peer.closed().await.len();
    assert!(read < LARGE, "all of it came: {read}");
    server.serves_others().await;
}

#[tokio::test]
async fn fault_83_of_many_readers_only_the_slow_ones_lose_their_streams() {
    const SLOW: usize = 20;
    let server = start().await;
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut peer = narrow(&server).await;
        peer.send(with_progress("flood")).await;
        peer.head().await;
        slow.push(peer);
    }
    let mut brisk = server.peer().await;
    let filter = json!({ "notifications": { "toolsListChanged": true } });
    brisk
        .send(modern("s", "subscriptions/listen", filter))
        .await;
    brisk.head().await;
    brisk.event().await.expect("an acknowledgement");
    tokio::time::pause();
    for _ in 0..120 {
        second().await;
        server.handle.tools_changed();
        brisk.event().await.expect("a change");
    }
    assert_eq!(server.desk.cancelled.available_permits(), SLOW);
    tokio::time::resume();
    server.serves_others().await;
}

#[tokio::test]
async fn fault_83_a_slow_reader_of_a_session_misses_reports_and_no_answer() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut peer = narrow(&server).await;
    peer.send(client.call(1, "count", json!({}))).await;
    // It reads only when everything was said.
    server.desk.began.acquire().await.unwrap().forget();
    peer.head().await;
    let (mut progress, mut last) = (Vec::new(), Value::Null);
    while let Some(event) = peer.event().await {
        progress.extend(event["params"]["progress"].as_u64());
        last = event;
    }
    assert!(progress.is_sorted() && progress.len() < REPORTS / 2);
    assert_eq!(
        progress.last(),
        Some(&(REPORTS as u64)),
        "the latest counts"
    );
    assert_eq!(last["result"]["content"][0]["text"], "counted");
    server.still_serves(&mut peer).await;
}
