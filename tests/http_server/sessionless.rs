//! Clients of any revision without a session.

use serde_json::json;
use toolwright::http::{HttpOptions, Legacy};

use crate::legacy::{Client, ask, initialize, legacy, text};
use crate::peer::{BOTH, post, request};
use crate::server::{start, start_with};

#[tokio::test]
async fn fault_72_without_sessions_get_and_delete_are_not_allowed() {
    for legacy in [Legacy::Off, Legacy::Stateless] {
        let server = start_with(|server| server, HttpOptions::default().legacy(legacy)).await;
        for method in ["GET", "DELETE", "PUT", "OPTIONS"] {
            let answer = ask(&server, request(method, &[BOTH], "")).await;
            assert_eq!(answer.status(), 405, "{method}");
            assert_eq!(answer.head.header("allow"), Some("POST"));
            let fault_62 = answer.head.header("access-control-allow-origin");
            assert_eq!(fault_62, None);
        }
    }
}

#[tokio::test]
async fn a_server_without_the_handshake_says_what_it_serves() {
    let server = start_with(|server| server, HttpOptions::default().legacy(Legacy::Off)).await;
    let answer = ask(&server, initialize("2025-11-25")).await;
    assert_eq!(answer.error(), (400, -32022));
    assert_eq!(answer.json()["error"]["data"]["requested"], "2025-11-25");
}

#[tokio::test]
async fn without_sessions_every_request_of_the_handshake_revisions_stands_alone() {
    let options = HttpOptions::default().legacy(Legacy::Stateless);
    let server = start_with(|server| server, options).await;
    let mut peer = server.peer().await;
    let begun = peer.ask(initialize("2025-06-18")).await;
    assert_eq!(begun.head.header("mcp-session-id"), None);
    assert_eq!(begun.json()["result"]["protocolVersion"], "2025-06-18");
    let version = ("mcp-protocol-version", "2025-06-18");
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(peer.ask(post(&[version], &note)).await.status(), 202);
    let params = json!({ "name": "add", "arguments": { "a": 1, "b": 2 } });
    for headers in [vec![version], vec![]] {
        let answer = peer
            .ask(post(&headers, &legacy(1, "tools/call", params.clone())))
            .await;
        assert_eq!(text(&answer.json()), "3");
    }
    let params = json!({ "name": "report", "_meta": { "progressToken": 1 } });
    server.desk.go.notify_one();
    let answer = peer
        .ask(post(&[version], &legacy(2, "tools/call", params)))
        .await;
    let events = answer.events();
    assert_eq!(text(events.last().unwrap()), "reported");
    assert!(!answer.body.contains("id: "), "{}", answer.body);
}

#[tokio::test]
async fn without_sessions_a_handler_that_asks_is_told_at_once_why_it_cannot() {
    let options = HttpOptions::default().legacy(Legacy::Stateless);
    let server = start_with(|server| server, options).await;
    let call = |tool: &str| {
        let params = json!({ "name": tool, "arguments": {} });
        let version = ("mcp-protocol-version", "2025-11-25");
        post(&[version], &legacy(1, "tools/call", params))
    };
    // One answer and no stream: nothing was sent to the client before it.
    let answer = ask(&server, call("folders")).await;
    assert_eq!(answer.head.header("content-type"), Some("application/json"));
    let result = answer.json();
    assert_eq!(result["result"]["isError"], true);
    assert_eq!(
        text(&result),
        "`folders` cannot be asked: the server keeps no session with this client, so that no \
         answer could find its way back"
    );
    // It can know so beforehand, and steps need no answer.
    assert_eq!(text(&ask(&server, call("careful")).await.json()), "no: 2");
}

#[tokio::test]
async fn fault_42_both_eras_share_the_endpoint_and_no_state() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut peer = server.peer().await;
    let modern = crate::peer::modern_with(
        &[("mcp-session-id", &client.id)],
        1,
        "server/discover",
        json!({}),
    );
    let answer = peer.ask(modern).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.head.header("mcp-session-id"), None);
    let answer = peer
        .ask(client.call(2, "add", json!({ "a": 2, "b": 2 })))
        .await;
    assert_eq!(text(&answer.json()), "4");
}
