//! The example `protected`, as a program that is talked to over a socket.
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

use peer::{Answer, Peer, call, modern, request};

const KEY: &str = "a-long-and-random-key";

/// The program, and where it listens.
async fn start(arguments: &[&str]) -> (Child, SocketAddr) {
    let mut child = Command::new(examples_common::program("protected"))
        .args(arguments)
        .env("PROTECTED_KEY", KEY)
        .env("PROTECTED_ADDRESS", "127.0.0.1:0")
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

async fn ask(address: SocketAddr, request: Vec<u8>) -> Answer {
    let request = String::from_utf8(request).unwrap();
    let from = format!("\r\nauthorization: Bearer {KEY}\r\n");
    let request = request.replacen("\r\n", &from, 1);
    Peer::connect(address).await.ask(request).await
}

#[tokio::test]
async fn whoever_has_the_key_orders_and_nobody_else() {
    let (_child, address) = start(&[]).await;
    let order = || call(1, "place_order", json!({ "article": "tea" }));
    let stranger = Peer::connect(address).await.ask(order()).await;
    assert_eq!(stranger.status(), 401);
    let answer = ask(address, order()).await;
    let text = &answer.json()["result"]["content"][0]["text"];
    assert_eq!(text, "ordered: tea", "{answer:?}");
    let answer = ask(address, call(2, "list_orders", json!({}))).await;
    assert!(answer.body.contains("tea"), "{answer:?}");
}

#[tokio::test]
async fn an_issuer_is_told_to_whoever_comes_without_a_token() {
    let (issuer, resource) = ("https://login.example.com", "https://shop.example.com/mcp");
    let (_child, address) = start(&[issuer, resource]).await;
    let path = "/.well-known/oauth-protected-resource/mcp";
    let host = [("host", "shop.example.com")];
    let get = String::from_utf8(request("GET", &host, "")).unwrap();
    let get = get.replacen("/mcp", path, 1);
    let answer = Peer::connect(address).await.ask(get).await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert_eq!(answer.json()["authorization_servers"], json!([issuer]));
    let list = String::from_utf8(modern(1, "tools/list", json!({}))).unwrap();
    let list = list.replacen("host: 127.0.0.1", "host: shop.example.com", 1);
    let refused = Peer::connect(address).await.ask(list).await;
    assert_eq!(refused.status(), 401);
    let challenge = refused.head.header("www-authenticate").unwrap();
    let expected = "resource_metadata=\"https://shop.example.com/.well-known";
    assert!(challenge.contains(expected), "{challenge}");
}
