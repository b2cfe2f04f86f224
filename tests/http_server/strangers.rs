//! What one client holds of another, or has made up: ids, events, states (faults 56 and 85).

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use toolwright::ask::Journals;
use toolwright::http::HttpOptions;

use crate::auth::ByName;
use crate::legacy::{Client, initialize, legacy, text};
use crate::peer::{Answer, Peer, modern, with_header};
use crate::server::{Live, start, start_with};

async fn start_with_names() -> Live {
    let options = HttpOptions::default().auth(ByName);
    start_with(|server| server, options).await
}

async fn ask(server: &Live, who: &str, request: Vec<u8>) -> Answer {
    let request = with_header("authorization", who, request);
    server.peer().await.ask(request).await
}

/// A connection on which somebody has asked for something.
async fn asked(server: &Live, who: &str, request: Vec<u8>) -> Peer {
    let mut peer = server.peer().await;
    peer.send(with_header("authorization", who, request)).await;
    peer
}

/// A modern call of a tool that asks who is there, with what else belongs to it.
fn greet(tool: &str, more: Value) -> Vec<u8> {
    let capabilities = json!({ "elicitation": {} });
    let mut params = json!({
        "name": tool, "_meta": { "io.modelcontextprotocol/clientCapabilities": capabilities }
    });
    for (key, value) in more.as_object().unwrap() {
        params[key] = value.clone();
    }
    modern(1, "tools/call", params)
}

/// What answers the question, with the state that came with it.
fn answered(state: &Value) -> Value {
    let visitor = json!({ "action": "accept", "content": { "name": "Ada" } });
    json!({ "inputResponses": { "visitor": visitor }, "requestState": state })
}

#[track_caller]
fn state_of(answer: &Answer) -> Value {
    assert_eq!(answer.json()["result"]["resultType"], "input_required");
    answer.json()["result"]["requestState"].clone()
}

#[tokio::test]
async fn fault_56_a_state_that_was_forged_or_is_of_another_request_is_refused() {
    let server = start().await;
    let mut peer = server.peer().await;
    let state = state_of(&peer.ask(greet("greet", json!({}))).await);
    let text_of = state.as_str().unwrap();
    for forged in [
        json!(format!("{text_of}A")),
        json!(text_of[1..]),
        json!(text_of.to_uppercase()),
        json!(""),
        json!(7),
    ] {
        let answer = peer.ask(greet("greet", answered(&forged))).await;
        assert_eq!(answer.error().1, -32602, "{forged}");
    }
    let other = peer.ask(greet("folders", answered(&state))).await;
    assert_eq!(other.error().1, -32602);
    let mut arguments = answered(&state);
    arguments["arguments"] = json!({ "who": "else" });
    assert_eq!(peer.ask(greet("greet", arguments)).await.error().1, -32602);
    let genuine = peer.ask(greet("greet", answered(&state))).await;
    assert_eq!(text(&genuine.json()), "Hello, Ada!");
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_56_a_state_that_is_too_old_is_refused() {
    static NOW: Mutex<SystemTime> = Mutex::new(SystemTime::UNIX_EPOCH);
    let minute = Duration::from_secs(60);
    let journals = Journals::default()
        .ttl(minute)
        .clock(|| *NOW.lock().unwrap());
    let server = start_with(|server| server.journals(journals), HttpOptions::default()).await;
    let mut peer = server.peer().await;
    let state = state_of(&peer.ask(greet("greet", json!({}))).await);
    *NOW.lock().unwrap() += minute;
    let late = peer.ask(greet("greet", answered(&state))).await;
    assert_eq!(late.error().1, -32602);
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_56_a_state_of_another_principal_is_refused() {
    let server = start_with_names().await;
    let state = state_of(&ask(&server, "ann", greet("greet", json!({}))).await);
    let stolen = ask(&server, "bob", greet("greet", answered(&state))).await;
    assert_eq!(stolen.error().1, -32602);
    let own = ask(&server, "ann", greet("greet", answered(&state))).await;
    assert_eq!(text(&own.json()), "Hello, Ada!");
}

/// A session of somebody.
async fn session_of(server: &Live, who: &str) -> Client {
    let begun = ask(server, who, initialize("2025-11-25")).await;
    let id = begun.head.header("mcp-session-id").expect("a session");
    Client {
        id: id.to_owned(),
        version: "2025-11-25",
    }
}

#[tokio::test]
async fn fault_85_ids_of_another_principal_lead_to_nothing() {
    let server = start_with_names().await;
    let ann = session_of(&server, "ann").await;
    let bob = session_of(&server, "bob").await;
    let mut call = asked(&server, "ann", ann.call(7, "report", json!({}))).await;
    call.head().await;
    let event = call.raw_event().await.expect("a priming event");
    let event = event.lines().find_map(|line| line.strip_prefix("id: "));
    let event = event.expect("an id").to_owned();
    server.desk.began.acquire().await.unwrap().forget();

    // Their request, named in a session of one's own and in theirs.
    let cancel = json!({ "requestId": 7 });
    let cancel = json!({
        "jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel
    });
    assert_eq!(ask(&server, "bob", bob.post(&cancel)).await.status(), 202);
    assert_eq!(ask(&server, "bob", ann.post(&cancel)).await.status(), 404);
    // Their events, likewise.
    let last = [("last-event-id", event.as_str())];
    assert_eq!(ask(&server, "bob", bob.get(&last)).await.status(), 400);
    assert_eq!(ask(&server, "bob", ann.get(&last)).await.status(), 404);
    // A task, which nobody has.
    let task = legacy(8, "tasks/get", json!({ "taskId": "7" }));
    let answer = ask(&server, "bob", bob.post(&task)).await;
    assert_eq!(answer.json()["error"]["code"], -32601);

    assert_eq!(server.desk.cancelled.available_permits(), 0);
    server.desk.go.notify_one();
    let mut response = Value::Null;
    while let Some(event) = call.event().await {
        response = event;
    }
    assert_eq!(text(&response), "reported");
}
