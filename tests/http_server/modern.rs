//! The modern era: requests that stand for themselves.

use std::time::Duration;

use serde_json::{Value, json};
use toolwright::http::HttpOptions;

use crate::peer::{MODERN, call, message, modern, post};
use crate::server::{start, start_with};

fn text(message: &Value) -> &str {
    message["result"]["content"][0]["text"]
        .as_str()
        .unwrap_or_default()
}

fn with_progress(tool: &str) -> Value {
    json!({ "name": tool, "_meta": { "progressToken": "t" } })
}

#[tokio::test]
async fn a_call_that_is_answered_at_once_is_one_json_body() {
    let server = start().await;
    let answer = server
        .peer()
        .await
        .ask(call(7, "add", json!({ "a": 2, "b": 3 })))
        .await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.head.header("content-type"), Some("application/json"));
    assert_eq!(answer.head.header("mcp-session-id"), None);
    assert_eq!(answer.json()["id"], 7);
    assert_eq!(text(&answer.json()), "5");
    assert_eq!(answer.json()["result"]["resultType"], "complete");
}

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let server = start().await;
    let mut peer = server.peer().await;
    for id in 0..3 {
        let answer = peer.ask(call(id, "add", json!({ "a": id, "b": 0 }))).await;
        assert_eq!(answer.json()["id"], id);
    }
    let answer = peer.ask(modern(9, "server/discover", json!({}))).await;
    assert_eq!(answer.json()["result"]["supportedVersions"][0], MODERN);
}

#[tokio::test]
async fn a_handler_that_is_not_ready_is_still_answered_by_json() {
    let server = start().await;
    let mut peer = server.peer().await;
    peer.send(call("w", "wait", json!({}))).await;
    server.desk.began.acquire().await.unwrap().forget();
    server.desk.go.notify_one();
    let answer = peer.answer().await;
    assert_eq!(answer.head.header("content-type"), Some("application/json"));
    assert_eq!(text(&answer.json()), "gone on");
}

#[tokio::test]
async fn progress_makes_the_answer_a_stream_that_ends_with_the_response() {
    let server = start().await;
    let mut peer = server.peer().await;
    peer.send(modern("p", "tools/call", with_progress("report")))
        .await;
    let head = peer.head().await;
    assert_eq!(head.status, 200);
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    assert_eq!(head.header("x-accel-buffering"), Some("no"));
    let first = peer.event().await.expect("progress");
    assert_eq!(first["method"], "notifications/progress");
    assert_eq!(first["params"]["progressToken"], "t");
    server.desk.go.notify_one();
    assert_eq!(
        peer.event().await.expect("progress")["params"]["progress"],
        2
    );
    assert_eq!(text(&peer.event().await.expect("a response")), "reported");
    assert_eq!(peer.event().await, None);
}

#[tokio::test]
async fn what_was_said_before_an_immediate_end_is_not_lost() {
    let server = start().await;
    let level = json!({ "io.modelcontextprotocol/logLevel": "info" });
    let params = json!({ "name": "log", "_meta": level });
    let answer = server
        .peer()
        .await
        .ask(modern(1, "tools/call", params))
        .await;
    let events = answer.events();
    assert_eq!(events[0]["method"], "notifications/message");
    assert_eq!(text(&events[1]), "logged");
    let plain = server.peer().await.ask(call(2, "log", json!({}))).await;
    assert_eq!(text(&plain.json()), "logged");
}

#[tokio::test]
async fn a_client_that_takes_only_json_gets_no_stream_and_one_that_takes_only_streams_no_json() {
    let server = start().await;
    let mut peer = server.peer().await;
    let json_only = [("accept", "application/json")];
    let request = |accept: &[(&str, &str)], tool: &str| {
        let headers = [
            accept,
            &[
                ("content-type", "application/json"),
                ("mcp-protocol-version", MODERN),
                ("mcp-method", "tools/call"),
                ("mcp-name", tool),
            ],
        ]
        .concat();
        let mut params = with_progress(tool);
        params["arguments"] = json!({ "a": 1, "b": 1 });
        if tool == "report" {
            params["arguments"] = json!({});
        }
        let body = message(1, "tools/call", params).to_string();
        crate::peer::request("POST", &headers, &body)
    };
    server.desk.go.notify_one();
    let answer = peer.ask(request(&json_only, "report")).await;
    assert_eq!(text(&answer.json()), "reported");
    let stream_only = [("accept", "text/event-stream")];
    let answer = peer.ask(request(&stream_only, "add")).await;
    assert_eq!(text(&answer.events()[0]), "2");
}

#[tokio::test]
async fn fault_84_a_silent_answer_begins_after_a_while_and_says_that_it_lives() {
    let options = HttpOptions::default()
        .patience(Duration::from_millis(1))
        .keep_alive(Duration::from_millis(1));
    let server = start_with(|server| server, options).await;
    let mut peer = server.peer().await;
    peer.send(call(1, "wait", json!({}))).await;
    let head = peer.head().await;
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    for _ in 0..3 {
        assert_eq!(peer.raw_event().await.as_deref(), Some(":\n\n"));
    }
    server.desk.go.notify_one();
    assert_eq!(text(&peer.event().await.expect("a response")), "gone on");
}

#[tokio::test]
async fn fault_47_a_disconnect_cancels_before_and_after_the_head() {
    let server = start().await;
    for request in [
        call(1, "wait", json!({})),
        modern(2, "tools/call", with_progress("report")),
    ] {
        let mut peer = server.peer().await;
        peer.send(request).await;
        server.desk.began.acquire().await.unwrap().forget();
        drop(peer);
        server.desk.cancelled.acquire().await.unwrap().forget();
    }
    server.serves_others().await;
}

#[tokio::test]
async fn fault_27_the_same_id_twice_at_once_gets_each_its_own_answer() {
    let server = start().await;
    let (mut first, mut second) = (server.peer().await, server.peer().await);
    first.send(call(1, "wait", json!({}))).await;
    server.desk.began.acquire().await.unwrap().forget();
    let answer = second.ask(call(1, "add", json!({ "a": 1, "b": 1 }))).await;
    assert_eq!(text(&answer.json()), "2");
    server.desk.go.notify_one();
    assert_eq!(text(&first.answer().await.json()), "gone on");
    server.still_serves(&mut first).await;
}

#[tokio::test]
async fn fault_32_an_unknown_method_is_404_and_so_is_one_of_the_other_era() {
    let server = start().await;
    let mut peer = server.peer().await;
    for method in [
        "unknown/method",
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
    ] {
        let answer = peer.ask(modern("x", method, json!({}))).await;
        assert_eq!(answer.error(), (404, -32601), "{method}");
        assert_eq!(answer.json()["id"], "x");
    }
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_33_an_unknown_notification_is_accepted_without_a_word() {
    let server = start().await;
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/unknown" });
    let mut peer = server.peer().await;
    let note = post(&[("mcp-protocol-version", MODERN)], &note);
    let answer = peer.ask(note).await;
    assert_eq!((answer.status(), answer.body.as_str()), (202, ""));
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_35_a_call_without_an_id_is_not_made() {
    let server = start().await;
    let mut call = message(1, "tools/call", json!({ "name": "wait" }));
    call.as_object_mut().unwrap().remove("id");
    let headers = [
        ("mcp-protocol-version", MODERN),
        ("mcp-method", "tools/call"),
        ("mcp-name", "wait"),
    ];
    let mut peer = server.peer().await;
    let answer = peer.ask(post(&headers, &call)).await;
    assert_eq!((answer.status(), answer.body.as_str()), (202, ""));
    server.still_serves(&mut peer).await;
    assert_eq!(server.desk.began.available_permits(), 0);
}

#[tokio::test]
async fn fault_39_an_unknown_version_is_refused_with_those_that_are_served() {
    let server = start().await;
    let mut body = message(1, "tools/list", json!({}));
    body["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("v999.0.0");
    let headers = [
        ("mcp-protocol-version", "v999.0.0"),
        ("mcp-method", "tools/list"),
    ];
    let mut peer = server.peer().await;
    let answer = peer.ask(post(&headers, &body)).await;
    assert_eq!(answer.error(), (400, -32022));
    assert_eq!(answer.json()["error"]["data"]["requested"], "v999.0.0");
    assert_eq!(answer.json()["error"]["data"]["supported"][0], MODERN);
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_40_a_missing_meta_member_is_400_even_with_a_valid_header() {
    let server = start().await;
    let mut peer = server.peer().await;
    let headers = [
        ("mcp-protocol-version", MODERN),
        ("mcp-method", "server/discover"),
    ];
    for meta in [
        json!({}),
        json!({ "io.modelcontextprotocol/protocolVersion": MODERN }),
        json!({ "io.modelcontextprotocol/clientCapabilities": {} }),
    ] {
        let params = json!({ "_meta": meta });
        let body =
            json!({ "jsonrpc": "2.0", "id": 3, "method": "server/discover", "params": params });
        let answer = peer.ask(post(&headers, &body)).await;
        assert_eq!(answer.error(), (400, -32602), "{meta}");
        assert_eq!(answer.json()["id"], 3);
    }
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_52_a_panic_is_an_internal_error_and_the_connection_lives() {
    let server = start().await;
    let mut peer = server.peer().await;
    let answer = peer.ask(call(1, "panics", json!({}))).await;
    assert_eq!(answer.error(), (200, -32603));
    assert!(!answer.body.contains("never shown"));
    let answer = peer.ask(call(2, "add", json!({ "a": 1, "b": 1 }))).await;
    assert_eq!(text(&answer.json()), "2");
}

#[tokio::test]
async fn a_subscription_is_acknowledged_first_and_hears_only_what_it_asked_for() {
    let server = start().await;
    let mut peer = server.peer().await;
    let filter =
        json!({ "notifications": { "toolsListChanged": true, "promptsListChanged": true } });
    peer.send(modern(
        1_700_000_000_000_i64,
        "subscriptions/listen",
        filter,
    ))
    .await;
    assert_eq!(
        peer.head().await.header("content-type"),
        Some("text/event-stream")
    );
    let tag = "io.modelcontextprotocol/subscriptionId";
    let ack = peer.event().await.expect("an acknowledgement");
    assert_eq!(ack["method"], "notifications/subscriptions/acknowledged");
    assert_eq!(ack["params"]["_meta"][tag], 1_700_000_000_000_i64);
    assert_eq!(
        ack["params"]["notifications"],
        json!({ "toolsListChanged": true })
    );
    server.handle.resources_changed();
    server.handle.tools_changed();
    let change = peer.event().await.expect("a change");
    assert_eq!(change["method"], "notifications/tools/list_changed");
    assert_eq!(change["params"]["_meta"][tag], 1_700_000_000_000_i64);
}

#[tokio::test]
async fn fault_57_the_end_of_the_server_ends_subscriptions_with_a_result_and_answers_calls() {
    let server = start().await;
    let (mut listener, mut caller) = (server.peer().await, server.peer().await);
    let filter = json!({ "notifications": { "toolsListChanged": true } });
    listener
        .send(modern("s", "subscriptions/listen", filter))
        .await;
    listener.head().await;
    listener.event().await.expect("an acknowledgement");
    caller.send(call("c", "wait", json!({}))).await;
    server.desk.began.acquire().await.unwrap().forget();
    server.handle.shutdown();
    let end = listener.event().await.expect("a result");
    assert_eq!(end["id"], "s");
    assert_eq!(end["result"]["resultType"], "complete");
    assert_eq!(listener.event().await, None);
    server.desk.go.notify_one();
    assert_eq!(text(&caller.answer().await.json()), "gone on");
    caller.closed().await;
    server.task.await.expect("no panic").expect("a clean end");
}

#[tokio::test]
async fn fault_57_nobody_new_is_accepted_while_the_last_calls_are_answered() {
    let server = start().await;
    let (mut caller, mut idle) = (server.peer().await, server.peer().await);
    server.still_serves(&mut idle).await;
    caller.send(call("c", "wait", json!({}))).await;
    server.desk.began.acquire().await.unwrap().forget();
    server.handle.shutdown();
    assert_eq!(idle.closed().await, "", "it asked for nothing");
    let refused = tokio::net::TcpStream::connect(server.address).await;
    let refused = refused.expect_err("nobody listens").kind();
    assert_eq!(refused, std::io::ErrorKind::ConnectionRefused);
    server.desk.go.notify_one();
    assert_eq!(text(&caller.answer().await.json()), "gone on");
    server.task.await.expect("no panic").expect("a clean end");
}
