//! Handlers that panic, however and wherever that is noticed over HTTP (fault 52).

use std::sync::Arc;

use serde_json::{Value, json};
use toolwright::http::HttpOptions;
use toolwright::prelude::*;

use crate::frames::{self, CANCEL, Frame, H2, RST_STREAM};
use crate::legacy::{Client, text};
use crate::peer::{call, modern};
use crate::server::{Bell, Desk, Live, start_with};

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("never shown");
    }
}

/// Panics in one of many ways.
#[tool]
async fn burst(cx: Context, desk: State<Arc<Desk>>, how: String) -> &'static str {
    if how == "on a stream" {
        cx.progress(1.0, None, None);
        desk.go.notified().await;
    }
    tokio::task::yield_now().await;
    let _bomb = match how.as_str() {
        "at its end" => Bomb,
        "oddly" => std::panic::panic_any(Bomb),
        _ => panic!("never shown"),
    };
    "never shown"
}

/// Never ends, and cannot be stopped in peace.
#[tool]
async fn unstoppable(cx: Context, desk: State<Arc<Desk>>) {
    // Dropped last, and so only if the bomb has gone off.
    let _bell = Bell(Arc::clone(&desk));
    let _bomb = Bomb;
    cx.progress(1.0, None, None);
    desk.began.add_permits(1);
    std::future::pending::<()>().await;
}

async fn start() -> Live {
    start_with(
        |server| server.tool::<(burst, unstoppable)>(),
        HttpOptions::default(),
    )
    .await
}

/// A modern call that wants to hear of progress.
fn reported(tool: &str, arguments: Value) -> Vec<u8> {
    let params = json!({ "name": tool, "arguments": arguments, "_meta": { "progressToken": "t" } });
    modern(1, "tools/call", params)
}

/// The response says that something went wrong inside, and nothing more.
#[track_caller]
fn assert_internal(response: &Value, tool: &str) {
    let message = format!("Internal error: the handler of `{tool}` panicked");
    let expected = json!({ "code": -32603, "message": message });
    assert_eq!(response["error"], expected);
}

#[tokio::test]
async fn fault_52_no_panic_of_a_handler_says_more_than_that_it_panicked() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut peer = server.peer().await;
    let how = |how: &str| json!({ "how": how });
    for (tool, arguments) in [
        ("panics", json!({})),
        ("burst", how("later")),
        ("burst", how("at its end")),
        ("burst", how("oddly")),
    ] {
        for request in [
            call(1, tool, arguments.clone()),
            client.call(1, tool, arguments.clone()),
        ] {
            let answer = peer.ask(request).await;
            assert_eq!(answer.status(), 200, "{arguments}");
            assert_internal(&answer.response(), tool);
            server.still_serves(&mut peer).await;
        }
    }
    let answer = peer
        .ask(client.call(2, "add", json!({ "a": 1, "b": 1 })))
        .await;
    assert_eq!(text(&answer.json()), "2", "the session goes on");
}

#[tokio::test]
async fn fault_52_a_panic_on_a_stream_is_its_last_event() {
    let server = start().await;
    let client = Client::new(&server).await;
    let how = json!({ "how": "on a stream" });
    for request in [reported("burst", how.clone()), client.call(1, "burst", how)] {
        let mut peer = server.peer().await;
        peer.send(request).await;
        peer.head().await;
        let first = peer.event().await.expect("progress");
        assert_eq!(first["method"], "notifications/progress");
        server.desk.go.notify_one();
        assert_internal(&peer.event().await.expect("a response"), "burst");
        assert_eq!(peer.event().await, None);
        server.still_serves(&mut peer).await;
    }
}

#[tokio::test]
async fn fault_52_a_handler_that_panics_when_its_client_leaves_harms_nobody() {
    let server = start().await;
    let stopped = async || {
        server.desk.cancelled.acquire().await.unwrap().forget();
        server.serves_others().await;
    };
    for request in [
        call(1, "unstoppable", json!({})),
        reported("unstoppable", json!({})),
    ] {
        let mut peer = server.peer().await;
        peer.send(request).await;
        server.desk.began.acquire().await.unwrap().forget();
        drop(peer);
        stopped().await;
    }
    // Over HTTP/2 others are on the same connection.
    let mut peer = H2::connect(&server).await;
    peer.send(&frames::call(1, "unstoppable", json!({}))).await;
    server.desk.began.acquire().await.unwrap().forget();
    let (head, report) = (peer.frame().await.unwrap(), peer.frame().await.unwrap());
    assert_eq!((head.stream, report.stream), (1, 1));
    peer.send(&frames::call(3, "wait", json!({}))).await;
    server.desk.began.acquire().await.unwrap().forget();
    peer.send(&[Frame::new(RST_STREAM, 0, 1, CANCEL)]).await;
    stopped().await;
    server.desk.go.notify_one();
    assert_eq!(peer.answer(3).await.text(), "gone on");
    peer.still_serves(5).await;
}

#[tokio::test]
async fn fault_52_a_handler_that_panics_when_it_is_cancelled_leaves_its_session_whole() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut notes = server.peer().await;
    let begin = async |id: i64| {
        let mut peer = server.peer().await;
        peer.send(client.call(id, "unstoppable", json!({}))).await;
        server.desk.began.acquire().await.unwrap().forget();
        peer
    };
    let _cancelled = begin(1).await;
    let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled",
        "params": { "requestId": 1 } });
    assert_eq!(notes.ask(client.post(&cancel)).await.status(), 202);
    server.desk.cancelled.acquire().await.unwrap().forget();
    let answer = notes
        .ask(client.call(2, "add", json!({ "a": 1, "b": 1 })))
        .await;
    assert_eq!(text(&answer.json()), "2");
    let _deleted = begin(3).await;
    assert_eq!(notes.ask(client.delete()).await.status(), 204);
    server.desk.cancelled.acquire().await.unwrap().forget();
    server.still_serves(&mut notes).await;
}
