//! What a stranger is told, and by which status.

use serde_json::json;
use toolwright::http::{AllowedHosts, AllowedOrigins, HttpOptions};

use crate::peer::{BOTH, JSON, MODERN, call, message, modern_with, request};
use crate::server::{start, start_with};

fn list(headers: &[(&str, &str)]) -> Vec<u8> {
    modern_with(headers, 1, "tools/list", json!({}))
}

#[tokio::test]
async fn fault_59_a_foreign_host_is_refused_and_a_malformed_one_is_no_request() {
    let server = start().await;
    for (host, status) in [
        ("127.0.0.1", 200),
        ("127.0.0.1:8001", 200),
        ("localhost:1", 200),
        ("[::1]:80", 200),
        ("evil.example.com", 403),
        ("127.0.0.1.evil.com", 403),
        ("localhost.", 403),
        ("user@127.0.0.1", 400),
        ("", 400),
    ] {
        let answer = server.peer().await.ask(list(&[("host", host)])).await;
        assert_eq!(answer.status(), status, "{host}");
    }
    let twice = server
        .peer()
        .await
        .ask(list(&[("host", "localhost"), ("host", "localhost")]))
        .await;
    assert_eq!(twice.status(), 400);
    let none = String::from_utf8(list(&[]))
        .unwrap()
        .replace("host: 127.0.0.1\r\n", "");
    assert_eq!(server.peer().await.ask(none).await.status(), 400);
}

#[tokio::test]
async fn fault_60_a_foreign_origin_is_refused_and_none_passes() {
    let server = start().await;
    let mut peer = server.peer().await;
    for (origin, status) in [
        ("http://127.0.0.1:3000", 200),
        ("http://localhost", 200),
        ("http://evil.example.com", 403),
        ("null", 403),
        ("http://localhost.evil.com", 403),
    ] {
        let answer = peer.ask(list(&[("origin", origin)])).await;
        assert_eq!(answer.status(), status, "{origin}");
    }
    assert_eq!(
        peer.ask(list(&[("sec-fetch-site", "cross-site")]))
            .await
            .status(),
        403
    );
}

#[tokio::test]
async fn hosts_and_origins_that_were_named_are_the_only_ones() {
    let options = HttpOptions::default()
        .hosts(AllowedHosts::new(["mcp.example.com"]).unwrap())
        .origins(AllowedOrigins::new(["https://app.example.com"]).unwrap());
    let server = start_with(|server| server, options).await;
    let mut peer = server.peer().await;
    let named = ("host", "mcp.example.com");
    for (headers, status) in [
        (vec![named], 200),
        (vec![named, ("origin", "https://app.example.com")], 200),
        (vec![named, ("origin", "http://app.example.com")], 403),
        (vec![("host", "127.0.0.1")], 403),
    ] {
        assert_eq!(
            peer.ask(list(&headers)).await.status(),
            status,
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn an_address_that_others_can_reach_needs_its_hosts_named() {
    let serving = toolwright::server!().serve_http(([0, 0, 0, 0], 0)).await;
    let error = serving.expect_err("hosts have to be named").to_string();
    assert!(error.contains("HttpOptions::hosts"), "{error}");
}

#[tokio::test]
async fn faults_61_and_63_only_json_is_read() {
    let server = start().await;
    let body = message(1, "tools/list", json!({})).to_string();
    let rest = [
        BOTH,
        ("mcp-protocol-version", MODERN),
        ("mcp-method", "tools/list"),
    ];
    for (kind, status) in [
        ("application/json; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/jsonp", 415),
    ] {
        let headers = [&[("content-type", kind)], &rest[..]].concat();
        let answer = server
            .peer()
            .await
            .ask(request("POST", &headers, &body))
            .await;
        assert_eq!(answer.status(), status, "{kind}");
    }
    let untyped = server.peer().await.ask(request("POST", &rest, &body)).await;
    assert_eq!(untyped.status(), 415);
    let gzip = [&[JSON, ("content-encoding", "gzip")], &rest[..]].concat();
    let fault_69 = server.peer().await.ask(request("POST", &gzip, &body)).await;
    assert_eq!(fault_69.status(), 415);
}

#[tokio::test]
async fn fault_64_what_the_client_cannot_read_is_not_acceptable() {
    let server = start().await;
    let body = message(1, "tools/list", json!({})).to_string();
    let rest = [
        JSON,
        ("mcp-protocol-version", MODERN),
        ("mcp-method", "tools/list"),
    ];
    for (accept, status) in [
        ("*/*", 200),
        ("application/json;q=0, text/event-stream;q=0", 406),
        ("text/html", 406),
        ("application/json", 200),
    ] {
        let headers = [&[("accept", accept)], &rest[..]].concat();
        let answer = server
            .peer()
            .await
            .ask(request("POST", &headers, &body))
            .await;
        assert_eq!(answer.status(), status, "{accept}");
    }
}

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
}

#[tokio::test]
async fn fault_66_a_body_over_the_limit_is_refused_by_its_length_or_by_its_chunks() {
    let server = start().await;
    let long = "x".repeat(5000);
    let by_length = server
        .peer()
        .await
        .ask(request("POST", &[JSON, BOTH], &long))
        .await;
    assert_eq!(by_length.status(), 413);
    assert!(by_length.body.contains("limit `body`"));
    let mut peer = server.peer().await;
    peer.send("POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n").await;
    for _ in 0..5 {
        peer.send(format!("3e8\r\n{}\r\n", "x".repeat(1000))).await;
    }
    assert_eq!(peer.answer().await.status(), 413);
}

#[tokio::test]
async fn fault_67_a_request_with_two_lengths_is_not_two_requests() {
    let server = start().await;
    for smuggler in [
        "content-length: 5\r\ncontent-length: 6",
        "transfer-encoding: gzip",
    ] {
        let mut peer = server.peer().await;
        peer.send(format!(
            "POST /mcp HTTP/1.1\r\nhost: localhost\r\n{smuggler}\r\n\r\nAAAAAA"
        ))
        .await;
        assert_eq!(peer.answer().await.status(), 400, "{smuggler}");
        peer.closed().await;
    }
    let mut peer = server.peer().await;
    let head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    let lengths = "content-length: 60\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    let smuggled = "GET /smuggled HTTP/1.1\r\nhost: localhost\r\n\r\n";
    peer.send(format!("{head}{lengths}{smuggled}")).await;
    assert_eq!(peer.answer().await.status(), 400);
    assert_eq!(peer.closed().await, "");
}

#[tokio::test]
async fn fault_71_a_head_that_is_too_large_is_refused() {
    let server = start().await;
    let many: Vec<(String, String)> = (0..101)
        .map(|n| (format!("x-{n}"), "1".to_owned()))
        .collect();
    let many: Vec<_> = many.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(server.peer().await.ask(list(&many)).await.status(), 431);
    let long = "x".repeat(70_000);
    assert_eq!(
        server
            .peer()
            .await
            .ask(list(&[("x-long", &long)]))
            .await
            .status(),
        431
    );
}

#[tokio::test]
async fn another_path_is_not_found() {
    let server = start().await;
    let elsewhere = String::from_utf8(list(&[]))
        .unwrap()
        .replace("/mcp", "/other");
    assert_eq!(server.peer().await.ask(elsewhere).await.status(), 404);
}

#[tokio::test]
async fn fault_68_a_client_that_says_half_of_something_is_not_waited_for() {
    let server = start_with(
        |server| {
            server.limits(toolwright::Limits {
                head_timeout: std::time::Duration::from_millis(20),
                body_timeout: std::time::Duration::from_millis(20),
                ..toolwright::Limits::default()
            })
        },
        HttpOptions::default(),
    )
    .await;
    for beginning in ["", "PRI", "POST /mcp HTTP/1.1\r\nhost: local"] {
        let mut peer = server.peer().await;
        peer.send(beginning).await;
        peer.closed().await;
    }
    let mut peer = server.peer().await;
    let whole = call(1, "add", json!({ "a": 1, "b": 1 }));
    peer.send(&whole[..whole.len() - 1]).await;
    assert_eq!(peer.answer().await.status(), 408);
}
