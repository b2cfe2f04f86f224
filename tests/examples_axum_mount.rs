//! The example `axum_mount`, as a program that is talked to over a socket.
#![allow(clippy::unwrap_used)]

mod examples_common;
#[allow(dead_code, reason = "made for another test, too")]
#[path = "http_server/peer.rs"]
mod peer;

use std::net::SocketAddr;
use std::process::Stdio;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use peer::{Peer, call, modern, request};

/// The program, and where it listens.
async fn start() -> (Child, SocketAddr) {
    let mut child = Command::new(examples_common::program("axum_mount"))
        .arg("127.0.0.1:0")
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("`cargo test`, or `cargo build --examples`, has built the example");
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let address = line
        .strip_prefix("http://")
        .and_then(|line| line.strip_suffix("/mcp"));
    (child, address.unwrap().parse().unwrap())
}

/// A GET of another path than the endpoint's.
fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
}

#[tokio::test]
async fn the_endpoint_and_the_other_routes_share_a_connection_and_their_state() {
    let (_child, address) = start().await;
    let mut peer = Peer::connect(address).await;
    assert_eq!(peer.ask(get("/greetings")).await.body, "0");

    let answer = peer.ask(call(1, "greet", json!({ "name": "Ada" }))).await;
    assert_eq!(answer.status(), 200);
    let text = &answer.json()["result"]["content"][0]["text"];
    assert_eq!(text, "Hello, Ada!");

    assert_eq!(peer.ask(get("/greetings")).await.body, "1");
    assert_eq!(peer.ask(get("/")).await.body, "Tools are at /mcp.");
    assert_eq!(peer.ask(get("/elsewhere")).await.status(), 404);
}

#[tokio::test]
async fn mounting_keeps_the_checks_of_host_and_origin_to_the_endpoint() {
    let (_child, address) = start().await;
    let mut peer = Peer::connect(address).await;
    for stranger in [
        ("host", "evil.example.com"),
        ("origin", "https://evil.example.com"),
    ] {
        let answer = peer.ask(request("POST", &[stranger], "{}")).await;
        assert_eq!(answer.status(), 403, "{stranger:?}");
    }
    let page = get("/").replace("127.0.0.1", "www.example.com");
    assert_eq!(peer.ask(page).await.status(), 200);
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupt_ends_subscriptions_with_a_result_and_the_program_well() {
    let (mut child, address) = start().await;
    let mut peer = Peer::connect(address).await;
    let wish = json!({ "notifications": { "toolsListChanged": true } });
    peer.send(modern("s", "subscriptions/listen", wish)).await;
    assert_eq!(peer.head().await.status, 200);
    let begun = peer.event().await.expect("a first word");
    assert_eq!(begun["method"], "notifications/subscriptions/acknowledged");

    let pid = child.id().expect("it runs").to_string();
    let interrupted = Command::new("kill").args(["-INT", &pid]).status().await;
    assert!(interrupted.unwrap().success());
    let end = peer.event().await.expect("a result");
    assert_eq!(end["id"], "s", "{end}");
    assert_eq!(peer.event().await, None);
    drop(peer);
    assert!(child.wait().await.unwrap().success());
}
