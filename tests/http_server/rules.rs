//! Which message may go which way over HTTP.

use serde_json::{Value, json};

use crate::legacy::{Client, ask, legacy, text};
use crate::peer::{MODERN, Peer, call, message, modern, modern_with, post};
use crate::server::start;

const TAG: &str = "io.modelcontextprotocol/subscriptionId";

#[tokio::test]
async fn a_modern_post_is_one_request_or_notification_and_nothing_else() {
    let server = start().await;
    let mut peer = server.peer().await;
    let list = message(1, "tools/list", json!({}));
    let version = ("mcp-protocol-version", MODERN);
    let method = ("mcp-method", "tools/list");
    let response = json!({ "jsonrpc": "2.0", "id": 1, "result": {} });
    for body in [
        json!([list]),
        json!([list, list]),
        json!([]),
        response.clone(),
        json!([response]),
    ] {
        let answer = peer.ask(post(&[version, method], &body)).await;
        assert_eq!(answer.status(), 400, "HTTP-M-01: {body}");
    }
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn a_modern_post_ignores_what_belongs_to_sessions_and_begins_none() {
    let server = start().await;
    let session = Client::new(&server).await;
    let mut peer = server.peer().await;
    for id in ["nonsense", &session.id] {
        let headers = [("mcp-session-id", id), ("last-event-id", "1-0")];
        let params = json!({ "name": "add", "arguments": { "a": 1, "b": 2 } });
        let answer = peer.ask(modern_with(&headers, 1, "tools/call", params));
        let answer = answer.await;
        assert_eq!(answer.status(), 200, "HTTP-M-05: {id}");
        assert_eq!(text(&answer.json()), "3");
        assert_eq!(answer.head.header("mcp-session-id"), None, "HTTP-M-05");
    }
}

#[tokio::test]
async fn a_legacy_request_needs_none_of_the_headers_that_it_does_not_know() {
    let server = start().await;
    for version in ["2025-03-26", "2025-06-18", "2025-11-25"] {
        // The handshake names no version in a header, and no request its method.
        let client = Client::of(&server, version).await;
        let call = legacy(
            1,
            "tools/call",
            json!({ "name": "add", "arguments": { "a": 1, "b": 2 } }),
        );
        let answer = ask(&server, client.post(&call)).await;
        assert_eq!(answer.status(), 200, "HTTP-D-51: {version}");
        assert_eq!(text(&answer.json()), "3");
    }
}

/// A call of a session whose stream has begun with its first report.
async fn reporting(server: &crate::server::Live, client: &Client, id: i64) -> Peer {
    let mut peer = server.peer().await;
    peer.send(client.call(id, "report", json!({}))).await;
    peer.head().await;
    let first = peer.event().await.expect("a report");
    assert_eq!(first["method"], "notifications/progress");
    peer
}

#[tokio::test]
async fn in_a_session_each_message_leaves_by_one_stream_which_ends_with_its_response() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut unasked = server.peer().await;
    unasked.send(client.get(&[])).await;
    unasked.head().await;
    let mut streams = Vec::new();
    for id in [1, 2] {
        streams.push((id, reporting(&server, &client, id).await));
    }
    server.handle.tools_changed();
    let told = unasked.event().await.expect("a change");
    assert_eq!(told["method"], "notifications/tools/list_changed");
    for (id, mut stream) in streams {
        server.desk.go.notify_one();
        // It may be the other one that goes on first; each says only what is its own (HTTP-L-06).
        let mut last = Value::Null;
        server.desk.go.notify_one();
        while let Some(event) = stream.event().await {
            let own = event["id"] == id || event["method"] == "notifications/progress";
            assert!(own, "HTTP-L-06: {event}");
            last = event;
        }
        assert_eq!(last["id"], id, "HTTP-L-03: the response is the last");
    }
    server.handle.prompts_changed();
    server.handle.tools_changed();
    // Nothing of the calls came in between.
    let told = unasked.event().await.expect("a change");
    assert!(told.get("id").is_none(), "{told}");
    assert!(told["method"].as_str().unwrap().ends_with("list_changed"));
}

#[tokio::test]
async fn a_subscription_carries_nothing_but_its_own() {
    let server = start().await;
    let mut listener = server.peer().await;
    let params = json!({
        "notifications": { "toolsListChanged": true },
        "_meta": { "progressToken": "mine", "io.modelcontextprotocol/logLevel": "debug" },
    });
    listener
        .send(modern("s", "subscriptions/listen", params))
        .await;
    listener.head().await;
    let mut others = server.peer().await;
    let with = json!({
        "progressToken": "mine", "io.modelcontextprotocol/logLevel": "debug",
    });
    server.desk.go.notify_one();
    let events = others.ask(modern(
        1,
        "tools/call",
        json!({ "name": "report", "_meta": with }),
    ));
    let events = events.await.events();
    let reports = events
        .iter()
        .filter(|it| it["method"] == "notifications/progress");
    assert!(
        reports.count() > 0,
        "PROG-M-03: on the stream of the request"
    );
    let logged = json!({ "name": "log", "_meta": { "io.modelcontextprotocol/logLevel": "debug" } });
    let events = others.ask(modern(2, "tools/call", logged)).await.events();
    assert_eq!(events[0]["method"], "notifications/message");
    server.handle.tools_changed();
    server.handle.shutdown();
    let mut said = Vec::new();
    while let Some(event) = listener.event().await {
        let meta = event["params"]
            .get("_meta")
            .or(event["result"].get("_meta"));
        let tag = meta.map(|meta| &meta[TAG]);
        assert_eq!(tag, Some(&json!("s")), "META-M-08: {event}");
        said.push(event["method"].as_str().unwrap_or("result").to_owned());
    }
    assert!(
        said.iter()
            .all(|it| !it.ends_with("progress") && !it.ends_with("message")),
        "SUB-M-05: {said:?}"
    );
    assert_eq!(
        said.first().unwrap(),
        "notifications/subscriptions/acknowledged"
    );
    assert_eq!(said.last().unwrap(), "result");
}

#[tokio::test]
async fn a_question_is_the_last_message_of_its_answer_whether_it_streams_or_not() {
    let server = start().await;
    let mut peer = server.peer().await;
    let capable = |tool: &str| {
        let capabilities = json!({ "elicitation": {}, "roots": {} });
        let meta = json!({
            "io.modelcontextprotocol/clientCapabilities": capabilities, "progressToken": 1,
        });
        modern(1, "tools/call", json!({ "name": tool, "_meta": meta }))
    };
    let plain = peer.ask(capable("greet")).await;
    assert_eq!(
        plain.head.header("content-type"),
        Some("application/json"),
        "MRTR-M-11: plain JSON is preferred"
    );
    let result = plain.json()["result"].clone();
    assert_eq!(result["resultType"], "input_required");
    for asked in result["inputRequests"].as_object().unwrap().values() {
        assert_eq!(asked.get("id"), None, "{asked}");
        assert_eq!(asked["params"].get("_meta"), None, "META-M-09: {asked}");
    }
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn a_modern_request_without_parameters_lacks_its_meta() {
    let server = start().await;
    let mut peer = server.peer().await;
    let bare = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let headers = [
        ("mcp-protocol-version", MODERN),
        ("mcp-method", "tools/list"),
    ];
    let answer = peer.ask(post(&headers, &bare)).await;
    assert_eq!(answer.error(), (400, -32602), "META-M-09");
    // A notification needs no header that says what it is (AMB-02).
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": {} });
    let version = ("mcp-protocol-version", MODERN);
    assert_eq!(
        peer.ask(post(&[version], &note)).await.status(),
        202,
        "AMB-02"
    );
    let answer = peer.ask(call(2, "add", json!({ "a": 1, "b": 2 }))).await;
    assert_eq!(text(&answer.json()), "3");
}
