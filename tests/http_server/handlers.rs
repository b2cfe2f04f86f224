//! What a handler does at the wrong time or without being able to, as it is told over HTTP.

#![allow(deprecated, reason = "what is deprecated has to work")]

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use serde_json::{Value, json};
use toolwright::http::HttpOptions;
use toolwright::prelude::*;

use crate::legacy::{Client, text};
use crate::peer::{call, modern};
use crate::server::{Desk, Live, start_with};

/// Reports backwards, and goes on reporting when it is done.
#[tool]
async fn muddled(cx: Context, desk: State<Arc<Desk>>) -> &'static str {
    for progress in [2.0, 1.0, 2.0, 3.0, 3.0] {
        cx.progress(progress, None, None);
        tokio::task::yield_now().await;
    }
    let (later, desk) = (cx.clone(), Arc::clone(&desk));
    tokio::spawn(async move {
        desk.go.notified().await;
        later.progress(4.0, None, None);
        later.error("too late");
        desk.began.add_permits(1);
    });
    "done"
}

/// Asks for folders when its answer has begun already.
#[tool]
async fn late_folders(cx: Context) -> Result<usize, ToolError> {
    cx.progress(1.0, None, None);
    tokio::task::yield_now().await;
    Ok(cx.roots("folders").await?.len())
}

/// Holds its thread until it is told to go on.
#[tool]
fn hold(desk: State<Arc<Desk>>, held: State<Held>) -> &'static str {
    desk.began.add_permits(1);
    let go_on = held.lock().unwrap();
    go_on.recv().unwrap();
    "let go"
}

/// What a handler that holds its thread waits for.
type Held = Mutex<mpsc::Receiver<()>>;

async fn start() -> Live {
    let with_tools = |server: Server| server.tool::<(muddled, late_folders)>();
    start_with(with_tools, HttpOptions::default()).await
}

fn with_token(tool: &str) -> Vec<u8> {
    let params = json!({ "name": tool, "_meta": { "progressToken": "t" } });
    modern(1, "tools/call", params)
}

/// The progress among these events, which must rise.
#[track_caller]
fn rising(events: &[Value]) -> Vec<i64> {
    let reports = events.iter().map(|event| &event["params"]["progress"]);
    let reports: Vec<_> = reports.filter_map(Value::as_i64).collect();
    assert!(reports.is_sorted_by(|a, b| a < b), "{reports:?}");
    reports
}

#[tokio::test]
async fn fault_41_a_capability_that_was_not_declared_is_the_protocols_error_with_its_status() {
    let server = start().await;
    let mut peer = server.peer().await;
    for (tool, needed) in [
        ("greet", json!({ "elicitation": { "form": {} } })),
        ("folders", json!({ "roots": {} })),
    ] {
        let answer = peer.ask(call(1, tool, json!({}))).await;
        assert_eq!(answer.error(), (400, -32021), "{tool}");
        let error = &answer.json()["error"];
        assert_eq!(error["data"]["requiredCapabilities"], needed, "{tool}");
    }
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_41_a_capability_that_is_missed_on_a_stream_is_its_last_event() {
    let server = start().await;
    let mut peer = server.peer().await;
    let answer = peer.ask(with_token("late_folders")).await;
    assert_eq!(answer.status(), 200, "the head was sent by then");
    let events = answer.events();
    assert_eq!(rising(&events), [1]);
    assert_eq!(events.last().unwrap()["error"]["code"], -32021);
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn a_question_on_a_stream_is_its_last_event() {
    let server = start().await;
    let mut peer = server.peer().await;
    let meta = json!({
        "progressToken": "t", "io.modelcontextprotocol/clientCapabilities": { "roots": {} },
    });
    let params = json!({ "name": "late_folders", "_meta": meta });
    let answer = peer.ask(modern(1, "tools/call", params)).await;
    let events = answer.events();
    assert_eq!(rising(&events), [1]);
    let last = &events.last().unwrap()["result"];
    assert_eq!(last["resultType"], "input_required", "MRTR-M-11");
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_49_progress_rises_and_ends_with_the_answer() {
    let server = start().await;
    let mut peer = server.peer().await;
    let answer = peer.ask(with_token("muddled")).await;
    let events = answer.events();
    assert_eq!(rising(&events).last(), Some(&3));
    assert_eq!(text(events.last().unwrap()), "done");
    server.desk.go.notify_one();
    server.desk.began.acquire().await.unwrap().forget();
    // Nothing came after it, or this would not be the next answer.
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_49_without_a_token_nothing_is_reported() {
    let server = start().await;
    let mut peer = server.peer().await;
    let answer = peer.ask(call(1, "muddled", json!({}))).await;
    assert_eq!(text(&answer.json()), "done");
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_49_what_comes_after_the_answer_leaves_by_no_other_stream_of_the_session() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut listener = server.peer().await;
    listener.send(client.get(&[])).await;
    listener.head().await;
    let mut peer = server.peer().await;
    let answer = peer.ask(client.call(1, "muddled", json!({}))).await;
    let events = answer.events();
    assert_eq!(rising(&events).last(), Some(&3));
    assert_eq!(text(events.last().unwrap()), "done");
    server.desk.go.notify_one();
    server.desk.began.acquire().await.unwrap().forget();
    server.handle.tools_changed();
    let next = listener.event().await.expect("a change");
    assert_eq!(next["method"], "notifications/tools/list_changed");
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_53_a_handler_that_never_ends_is_answered_when_its_time_is_over() {
    let limits = toolwright::Limits {
        call_timeout: Duration::from_millis(50),
        ..toolwright::Limits::default()
    };
    let server = start_with(|server| server.limits(limits), HttpOptions::default()).await;
    let client = Client::new(&server).await;
    let mut peer = server.peer().await;
    for request in [
        call(1, "wait", json!({})),
        with_token("report"),
        client.call(1, "wait", json!({})),
        client.call(1, "report", json!({})),
    ] {
        let answer = peer.ask(request).await;
        let error = &answer.response()["error"];
        assert_eq!((answer.status(), &error["code"]), (200, &json!(-32603)));
        let why = error["message"].as_str().unwrap();
        assert!(why.contains("limit `call_timeout`"), "{why}");
        server.desk.cancelled.acquire().await.unwrap().forget();
        server.still_serves(&mut peer).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_54_a_handler_that_holds_its_thread_keeps_no_other_connection_waiting() {
    let (go_on, waits) = mpsc::channel();
    let held = Held::new(waits);
    let limits = toolwright::Limits {
        blocked_thread: Duration::from_millis(20),
        ..toolwright::Limits::default()
    };
    let with_hold = |server: Server| server.state(held).tool::<hold>().limits(limits);
    let server = start_with(with_hold, HttpOptions::default()).await;
    let mut holding = server.peer().await;
    holding.send(call(1, "hold", json!({}))).await;
    server.desk.began.acquire().await.unwrap().forget();
    for _ in 0..10 {
        server.serves_others().await;
    }
    go_on.send(()).unwrap();
    let answer = holding.answer().await;
    assert_eq!(answer.json()["result"]["content"][0]["text"], "let go");
    server.still_serves(&mut holding).await;
}
