//! What handlers ask the clients of sessions (RPC-L-10, HTTP-L-12).

use std::time::Duration;

use serde_json::{Value, json};
use toolwright::http::HttpOptions;

use crate::legacy::{Client, ask, legacy, text};
use crate::peer::Peer;
use crate::server::{Live, start, start_with};

/// Calls a tool that asks who is there, and reads the question on the stream of the call.
async fn greeted(server: &Live, client: &Client) -> (Peer, Value) {
    let mut peer = server.peer().await;
    peer.send(client.call(1, "greet", json!({}))).await;
    let head = peer.head().await;
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    let question = peer.event().await.expect("a question");
    assert_eq!(question["method"], "elicitation/create");
    assert_eq!(question["params"]["message"], "Who is there?");
    (peer, question)
}

/// The message that answers a question.
fn named(question: &Value, name: &str) -> Value {
    let result = json!({ "action": "accept", "content": { "name": name } });
    json!({ "jsonrpc": "2.0", "id": question["id"], "result": result })
}

#[tokio::test]
async fn a_form_is_asked_on_the_stream_of_its_call_and_filled_in_by_another_post() {
    let server = start().await;
    for version in ["2025-06-18", "2025-11-25"] {
        let client = Client::of(&server, version).await;
        let (mut peer, question) = greeted(&server, &client).await;
        let accepted = ask(&server, client.post(&named(&question, "Ada"))).await;
        assert_eq!((accepted.status(), accepted.body.as_str()), (202, ""));
        let response = peer.event().await.expect("a response");
        assert_eq!(text(&response), "Hello, Ada!");
        assert_eq!(peer.event().await, None);
    }
}

#[tokio::test]
async fn sessions_that_ask_at_once_do_not_cross() {
    let server = start().await;
    let (one, other) = (Client::new(&server).await, Client::new(&server).await);
    let (mut of_one, question) = greeted(&server, &one).await;
    let (mut of_other, same) = greeted(&server, &other).await;
    // Each counts its own questions, so that the ids are the same.
    assert_eq!(question["id"], same["id"]);
    ask(&server, other.post(&named(&same, "Bob"))).await;
    ask(&server, one.post(&named(&question, "Ada"))).await;
    for (peer, greeting) in [(&mut of_one, "Hello, Ada!"), (&mut of_other, "Hello, Bob!")] {
        assert_eq!(text(&peer.event().await.expect("a response")), greeting);
    }
}

#[tokio::test]
async fn calls_of_one_session_that_ask_at_once_each_ask_on_their_own_stream() {
    let server = start().await;
    let client = Client::new(&server).await;
    let (mut first, question) = greeted(&server, &client).await;
    let (mut second, another) = greeted(&server, &client).await;
    assert_ne!(question["id"], another["id"]);
    ask(&server, client.post(&named(&another, "Bob"))).await;
    ask(&server, client.post(&named(&question, "Ada"))).await;
    for (peer, greeting) in [(&mut first, "Hello, Ada!"), (&mut second, "Hello, Bob!")] {
        assert_eq!(text(&peer.event().await.expect("a response")), greeting);
    }
}

#[tokio::test]
async fn fault_29_an_answer_of_another_session_is_none() {
    let server = start().await;
    let client = Client::new(&server).await;
    let (mut peer, question) = greeted(&server, &client).await;
    let stranger = Client::new(&server).await;
    let forged = ask(&server, stranger.post(&named(&question, "Mallory"))).await;
    assert_eq!(forged.status(), 202);
    let nobody = Client {
        id: "A".repeat(32),
        version: "2025-11-25",
    };
    let forged = ask(&server, nobody.post(&named(&question, "Mallory"))).await;
    assert_eq!(forged.status(), 404);
    ask(&server, client.post(&named(&question, "Ada"))).await;
    let response = peer.event().await.expect("a response");
    assert_eq!(text(&response), "Hello, Ada!");
    // The session that forged one goes on as well.
    let ping = ask(&server, stranger.post(&legacy(2, "ping", json!({})))).await;
    assert_eq!(ping.json()["result"], json!({}));
}

#[tokio::test]
async fn fault_31_a_broken_answer_ends_the_question_and_is_refused() {
    let server = start().await;
    let client = Client::new(&server).await;
    for rest in [
        json!({}),
        json!({ "result": {}, "error": { "code": 1, "message": "" } }),
        json!({ "error": 7 }),
    ] {
        let (mut peer, question) = greeted(&server, &client).await;
        let mut broken = rest;
        broken["jsonrpc"] = json!("2.0");
        broken["id"] = question["id"].clone();
        let refused = ask(&server, client.post(&broken)).await;
        assert_eq!(refused.status(), 400, "{broken}");
        let error = refused.json();
        assert_eq!(error["error"]["code"], -32600, "{error}");
        // Whoever asked is told at once, long before `ask_timeout`.
        let response = peer.event().await.expect("a response");
        assert_eq!(response["result"]["isError"], true, "{response}");
    }
    let ping = ask(&server, client.post(&legacy(2, "ping", json!({})))).await;
    assert_eq!(ping.json()["result"], json!({}));
}

#[tokio::test]
async fn a_question_that_nobody_answers_is_taken_back_when_its_time_is_over() {
    let limits = toolwright::Limits {
        ask_timeout: Duration::from_millis(10),
        ..toolwright::Limits::default()
    };
    let server = start_with(|server| server.limits(limits), HttpOptions::default()).await;
    let client = Client::new(&server).await;
    let (mut peer, question) = greeted(&server, &client).await;
    let withdrawn = peer.event().await.expect("a notification");
    assert_eq!(withdrawn["method"], "notifications/cancelled");
    assert_eq!(withdrawn["params"]["requestId"], question["id"]);
    let response = peer.event().await.expect("a response");
    assert_eq!(response["result"]["isError"], true);
    let why = text(&response);
    assert!(why.contains("(limit `ask_timeout`)"), "{why}");
    // Too late, and still no reason to refuse it (fault 28).
    let late = ask(&server, client.post(&named(&question, "Ada"))).await;
    assert_eq!(late.status(), 202);
}
