//! A server over HTTP as the process it is: told to stop, it ends in peace.
#![cfg(all(unix, feature = "macros", feature = "http-server"))]
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

mod examples_common;
#[allow(dead_code, reason = "each test program uses a part")]
#[path = "http_server/peer.rs"]
mod peer;

use std::net::SocketAddr;
use std::process::Stdio;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use peer::{Peer, modern, post, request};

/// The example `everything`, listening at any port.
async fn everything() -> (Child, SocketAddr) {
    let mut child = Command::new(examples_common::program("everything"))
        .args(["--http", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("`cargo test` has built the example");
    let said = BufReader::new(child.stderr.take().expect("it is piped"));
    let url = said.lines().next_line().await.unwrap().expect("its URL");
    let address = url
        .strip_prefix("http://")
        .and_then(|url| url.strip_suffix("/mcp"));
    (child, address.expect("a URL").parse().unwrap())
}

async fn tell(child: &Child, signal: &str) {
    let pid = child.id().expect("it runs").to_string();
    let told = Command::new("kill").args([signal, &pid]).status().await;
    assert!(told.unwrap().success());
}

/// A subscription whose acknowledgement was read.
async fn listening(address: SocketAddr) -> Peer {
    let mut peer = Peer::connect(address).await;
    let params = json!({ "notifications": { "toolsListChanged": true } });
    peer.send(modern("listen", "subscriptions/listen", params))
        .await;
    assert_eq!(peer.head().await.status, 200);
    let first = peer.event().await.expect("an acknowledgement");
    assert_eq!(first["method"], "notifications/subscriptions/acknowledged");
    peer
}

/// A call that has reported once and goes on.
async fn calling(address: SocketAddr) -> Peer {
    let mut peer = Peer::connect(address).await;
    let params = json!({ "name": "test_tool_with_progress", "_meta": { "progressToken": 1 } });
    peer.send(modern("call", "tools/call", params)).await;
    assert_eq!(peer.head().await.status, 200);
    let first = peer.event().await.expect("progress");
    assert_eq!(first["method"], "notifications/progress");
    peer
}

/// A session's stream of what is sent unasked.
async fn waiting(address: SocketAddr) -> Peer {
    let mut peer = Peer::connect(address).await;
    let params = json!({
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    });
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
    let begun = peer.ask(post(&[], &hello)).await;
    let session = begun.head.header("mcp-session-id").expect("a session");
    let headers = [("mcp-session-id", session), ("accept", "text/event-stream")];
    peer.send(request("GET", &headers, "")).await;
    assert_eq!(peer.head().await.status, 200);
    peer
}

#[tokio::test]
async fn fault_57_a_process_told_to_stop_answers_what_runs_ends_what_listens_and_exits_well() {
    for signal in ["-TERM", "-INT"] {
        let (mut child, address) = everything().await;
        let mut listener = listening(address).await;
        let mut caller = calling(address).await;
        let mut session = waiting(address).await;
        tell(&child, signal).await;

        let last = listener.event().await.expect("a result");
        assert_eq!(last["id"], "listen");
        assert_eq!(last["result"]["resultType"], "complete");
        assert_eq!(listener.event().await, None);
        assert_eq!(session.event().await, None);
        let response = loop {
            let message = caller.event().await.expect("a response");
            if message["id"] == "call" {
                break message;
            }
        };
        let text = &response["result"]["content"][0]["text"];
        assert_eq!(text, "Reported progress three times.");
        assert_eq!(caller.event().await, None);
        let status = child.wait().await.unwrap();
        assert_eq!(status.code(), Some(0));
    }
}
