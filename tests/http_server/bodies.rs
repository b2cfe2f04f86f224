//! Bodies that are none, that are too long, or that could be two.

use std::time::Duration;

use serde_json::json;
use tokio::net::TcpSocket;
use toolwright::http::HttpOptions;

use crate::peer::{BOTH, JSON, Peer, call, request};
use crate::server::{start, start_with};

const CHUNKED: &str = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                       accept: */*\r\ntransfer-encoding: chunked\r\n\r\n";

#[tokio::test]
async fn fault_65_a_body_that_is_no_message_is_a_parse_error() {
    let server = start().await;
    let mut peer = server.peer().await;
    for body in [
        "",
        "{",
        "not json",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\"}x",
    ] {
        let answer = peer.ask(request("POST", &[JSON, BOTH], body)).await;
        assert_eq!(answer.error(), (400, -32700), "{body}");
    }
    let mut broken = request("POST", &[JSON, BOTH], "12");
    let end = broken.len();
    broken[end - 2..].copy_from_slice(b"\xff\xfe");
    assert_eq!(peer.ask(broken).await.error(), (400, -32700));
    let answer = peer.ask(request("POST", &[JSON, BOTH], "{\"id\":5}")).await;
    assert_eq!(answer.error(), (400, -32600));
    assert_eq!(answer.json()["id"], 5);
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_66_a_body_over_the_limit_is_refused_by_its_length_or_by_its_chunks() {
    let server = start().await;
    let long = "x".repeat(5000);
    let mut peer = server.peer().await;
    let by_length = peer.ask(request("POST", &[JSON, BOTH], &long)).await;
    assert_eq!(by_length.status(), 413);
    assert!(by_length.body.contains("limit `body`"));
    // A length alone is enough: nothing of the body has to come.
    let mut peer = server.peer().await;
    let claimed = String::from_utf8(request("POST", &[JSON, BOTH], "")).unwrap();
    let claimed = claimed.replace("content-length: 0", "content-length: 99999999999");
    assert_eq!(peer.ask(claimed).await.status(), 413);
    let mut peer = server.peer().await;
    peer.send(CHUNKED).await;
    for _ in 0..5 {
        peer.send(format!("3e8\r\n{}\r\n", "x".repeat(1000))).await;
    }
    assert_eq!(peer.answer().await.status(), 413);
    peer.closed().await;
    server.serves_others().await;
}

#[tokio::test]
async fn fault_66_a_reset_in_the_middle_of_a_body_gives_its_place_back() {
    let limits = toolwright::Limits {
        connections: 1,
        ..toolwright::Limits::default()
    };
    let server = start_with(|server| server.limits(limits), HttpOptions::default()).await;
    let whole = call(1, "add", json!({ "a": 1, "b": 1 }));
    for cut in [whole.len() - 1, whole.len() / 2, 20] {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_zero_linger().unwrap();
        let stream = socket.connect(server.address).await.unwrap();
        let mut peer = Peer::over(stream);
        peer.send(&whole[..cut]).await;
        drop(peer);
        // The only connection there may be is free again, or this one would wait for ever.
        server.serves_others().await;
    }
}

#[tokio::test]
async fn fault_67_a_request_with_two_lengths_is_not_two_requests() {
    let server = start().await;
    for smuggler in [
        "content-length: 5\r\ncontent-length: 6",
        "content-length: 5, 6",
        "content-length: +5",
        "transfer-encoding: gzip",
        "transfer-encoding: chunked, identity",
        "transfer-encoding : chunked",
    ] {
        let mut peer = server.peer().await;
        peer.send(format!(
            "POST /mcp HTTP/1.1\r\nhost: localhost\r\n{smuggler}\r\n\r\nAAAAAA"
        ))
        .await;
        assert_eq!(peer.answer().await.status(), 400, "{smuggler}");
        peer.closed().await;
    }
    // Chunks count, whatever the length says, and nothing that follows (RFC 9112, 6.1).
    let add = String::from_utf8(call(1, "add", json!({ "a": 1, "b": 1 }))).unwrap();
    let (head, body) = add.split_once("\r\n\r\n").unwrap();
    let smuggled = "GET /smuggled HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n{smuggled}", body.len());
    let mut peer = server.peer().await;
    peer.send(format!(
        "{head}\r\ntransfer-encoding: chunked\r\n\r\n{chunked}"
    ))
    .await;
    assert_eq!(peer.answer().await.status(), 200);
    assert_eq!(peer.closed().await, "");
    server.serves_others().await;
}

#[tokio::test]
async fn fault_67_chunks_that_end_in_a_bare_line_feed_hide_no_second_request() {
    let limits = toolwright::Limits {
        body_timeout: Duration::from_millis(100),
        ..toolwright::Limits::default()
    };
    let server = start_with(|server| server.limits(limits), HttpOptions::default()).await;
    let smuggled = "GET /smuggled HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let add = String::from_utf8(call(1, "add", json!({ "a": 1, "b": 1 }))).unwrap();
    for chunks in [
        "0\n\n",
        "0\r\n\n",
        "2\n{}\r\n0\r\n\r\n",
        "2\r\n{}\n0\r\n\r\n",
        "2;a\nb\r\n{}\r\n0\r\n\r\n",
    ] {
        let mut peer = server.peer().await;
        peer.send(format!("{CHUNKED}{chunks}{smuggled}")).await;
        // Malformed, or not over yet: then it is not waited for.
        let status = peer.answer().await.status();
        assert!([400, 408].contains(&status), "{chunks:?}: {status}");
        // What comes next is the answer to what is sent next, if anything.
        peer.send(add.replacen("\r\n", "\r\nconnection: close\r\n", 1))
            .await;
        let next = peer.closed().await;
        assert!(
            next.is_empty() || next.starts_with("HTTP/1.1 200"),
            "{chunks:?}: {next}"
        );
    }
    server.serves_others().await;
}
