//! What a stranger is told, and by which status, before a byte of the body is looked at.

use serde_json::json;
use toolwright::http::{AllowedHosts, AllowedOrigins, HttpOptions};

use crate::peer::{BOTH, JSON, MODERN, message, modern_with, request};
use crate::server::{start, start_with};

fn list(headers: &[(&str, &str)]) -> Vec<u8> {
    modern_with(headers, 1, "tools/list", json!({}))
}

/// `tools/list` with these headers in place of the media types.
fn list_as(headers: &[(&str, &str)]) -> Vec<u8> {
    let mirrored = [
        ("mcp-protocol-version", MODERN),
        ("mcp-method", "tools/list"),
    ];
    let body = message(1, "tools/list", json!({})).to_string();
    request("POST", &[headers, &mirrored].concat(), &body)
}

#[tokio::test]
async fn fault_59_a_foreign_host_is_refused_and_a_malformed_one_is_no_request() {
    let server = start().await;
    let mut peer = server.peer().await;
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
        let answer = peer.ask(list(&[("host", host)])).await;
        assert_eq!(answer.status(), status, "{host}");
    }
    let twice = [("host", "localhost"), ("host", "localhost")];
    assert_eq!(peer.ask(list(&twice)).await.status(), 400);
    let text = String::from_utf8(list(&[])).unwrap();
    let none = text.replace("host: 127.0.0.1\r\n", "");
    assert_eq!(peer.ask(none).await.status(), 400);
    let target = text.replacen("/mcp", "http://evil.example.com/mcp", 1);
    assert_eq!(
        peer.ask(target).await.status(),
        400,
        "another than the header's"
    );
    server.still_serves(&mut peer).await;
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
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_60_hosts_and_origins_that_were_named_are_the_only_ones() {
    let options = HttpOptions::default()
        .hosts(AllowedHosts::new(["mcp.example.com"]).unwrap())
        .origins(AllowedOrigins::new(["https://app.example.com"]).unwrap());
    let server = start_with(|server| server, options).await;
    let mut peer = server.peer().await;
    let named = ("host", "mcp.example.com");
    for (headers, status) in [
        (vec![named], 200),
        (vec![("host", "127.0.0.1")], 403),
        (vec![named, ("origin", "http://app.example.com")], 403),
        (vec![named, ("origin", "https://app.example.com:8443")], 403),
        (vec![named, ("origin", "https://app.example.com")], 200),
    ] {
        let answer = peer.ask(list(&headers)).await;
        assert_eq!(answer.status(), status, "{headers:?}");
    }
}

#[tokio::test]
async fn an_address_that_others_can_reach_needs_its_hosts_named() {
    let serving = toolwright::server!().serve_http(([0, 0, 0, 0], 0)).await;
    let error = serving.expect_err("hosts have to be named").to_string();
    assert!(error.contains("HttpOptions::hosts"), "{error}");
}

#[tokio::test]
async fn fault_61_what_a_page_can_send_unasked_is_not_read() {
    let server = start().await;
    let mut peer = server.peer().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let answer = peer.ask(list_as(&[BOTH, ("content-type", kind)])).await;
        assert_eq!(answer.status(), 415, "{kind}");
    }
    let cross_site = ("sec-fetch-site", "cross-site");
    for (headers, status) in [
        (vec![cross_site], 403),
        (vec![cross_site, ("origin", "http://evil.example.com")], 403),
        (vec![cross_site, ("origin", "http://localhost:3000")], 200),
        (vec![("sec-fetch-site", "same-origin")], 200),
    ] {
        let answer = peer.ask(list(&headers)).await;
        assert_eq!(answer.status(), status, "{headers:?}");
    }
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_63_only_json_is_read_and_it_may_say_that_it_is_utf_8() {
    let server = start().await;
    let mut peer = server.peer().await;
    for (kind, status) in [
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        ("application/json; charset=utf-16", 415),
        ("application/jsonp", 415),
        ("", 415),
    ] {
        let answer = peer.ask(list_as(&[BOTH, ("content-type", kind)])).await;
        assert_eq!(answer.status(), status, "{kind}");
    }
    assert_eq!(peer.ask(list_as(&[BOTH])).await.status(), 415);
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_64_what_the_client_cannot_read_is_not_acceptable() {
    let server = start().await;
    let mut peer = server.peer().await;
    for (accept, status) in [
        ("*/*", 200),
        ("application/json", 200),
        ("application/json;q=0, text/event-stream;q=0", 406),
        ("application/json;q=0, */*;q=0.1", 200),
        ("text/html", 406),
    ] {
        let answer = peer.ask(list_as(&[JSON, ("accept", accept)])).await;
        assert_eq!(answer.status(), status, "{accept}");
    }
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_69_a_compressed_body_is_not_read() {
    let server = start().await;
    let mut peer = server.peer().await;
    for coding in ["gzip", "br", "gzip, identity"] {
        let coded = ("content-encoding", coding);
        let answer = peer.ask(list_as(&[BOTH, JSON, coded])).await;
        assert_eq!(answer.status(), 415, "{coding}");
    }
    let plain = ("content-encoding", "identity");
    assert_eq!(peer.ask(list_as(&[BOTH, JSON, plain])).await.status(), 200);
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_71_a_head_that_is_too_large_is_refused() {
    let server = start().await;
    let many: Vec<_> = (0..101).map(|n| (format!("x-{n}"), "1")).collect();
    let many: Vec<_> = many.iter().map(|(name, v)| (name.as_str(), *v)).collect();
    let long = "x".repeat(70_000);
    for headers in [&many[..], &[("x-long", &long)]] {
        let mut peer = server.peer().await;
        assert_eq!(peer.ask(list(headers)).await.status(), 431);
        peer.closed().await;
    }
    server.serves_others().await;
}

#[tokio::test]
async fn another_path_is_not_found() {
    let server = start().await;
    let elsewhere = String::from_utf8(list(&[])).unwrap();
    let elsewhere = elsewhere.replace("/mcp", "/other");
    let mut peer = server.peer().await;
    assert_eq!(peer.ask(elsewhere).await.status(), 404);
    server.still_serves(&mut peer).await;
}
