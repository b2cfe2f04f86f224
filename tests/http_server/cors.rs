//! What pages in a browser are told.

use std::time::Duration;

use serde_json::json;
use toolwright::http::{AllowedOrigins, Cors, HttpOptions};

use crate::peer::{Answer, modern_with, request};
use crate::server::{Live, start, start_with};

const APP: &str = "https://app.example.com";
const ANSWERS: [&str; 5] = [
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
];

async fn sharing() -> Live {
    let options = HttpOptions::default()
        .origins(AllowedOrigins::new([APP]).unwrap())
        .cors(Cors::default().max_age(Duration::from_secs(60)));
    start_with(|server| server, options).await
}

fn preflight(origin: &str) -> Vec<u8> {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        (
            "access-control-request-headers",
            "content-type,mcp-param-region,x-odd",
        ),
    ];
    request("OPTIONS", &headers, "")
}

fn list(headers: &[(&str, &str)]) -> Vec<u8> {
    modern_with(headers, 1, "tools/list", json!({}))
}

fn assert_silent(answer: &Answer) {
    for header in ANSWERS {
        assert_eq!(answer.head.header(header), None, "{header}");
    }
}

#[tokio::test]
async fn fault_62_nothing_is_shared_by_default() {
    let server = start().await;
    let mut peer = server.peer().await;
    let answer = peer.ask(preflight("http://localhost:3000")).await;
    assert_eq!(answer.status(), 405);
    assert_silent(&answer);
    let answer = peer.ask(list(&[("origin", "http://localhost:3000")])).await;
    assert_eq!(answer.status(), 200);
    assert_silent(&answer);
    assert_eq!(answer.head.header("vary"), None);
}

#[tokio::test]
async fn a_preflight_from_an_allowed_origin_says_what_its_page_may_send() {
    let server = sharing().await;
    let answer = server.peer().await.ask(preflight(APP)).await;
    assert_eq!((answer.status(), answer.body.as_str()), (204, ""));
    let header = |name| answer.head.header(name).unwrap_or_default();
    assert_eq!(header("access-control-allow-origin"), APP);
    assert!(header("access-control-allow-methods").contains("POST"));
    assert_eq!(header("access-control-max-age"), "60");
    assert_eq!(header("access-control-allow-credentials"), "");
    let allowed: Vec<_> = header("access-control-allow-headers").split(", ").collect();
    for name in [
        "content-type",
        "authorization",
        "mcp-method",
        "mcp-param-region",
    ] {
        assert!(allowed.contains(&name), "{name}: {allowed:?}");
    }
    assert!(!allowed.contains(&"x-odd"), "{allowed:?}");
}

#[tokio::test]
async fn fault_62_a_preflight_from_elsewhere_or_for_another_host_is_refused_and_told_nothing() {
    let server = sharing().await;
    let mut peer = server.peer().await;
    for origin in [
        "https://evil.example.com",
        "http://app.example.com",
        "null",
        "*",
    ] {
        let answer = peer.ask(preflight(origin)).await;
        assert_eq!(answer.status(), 403, "{origin}");
        assert_silent(&answer);
        assert_eq!(answer.head.header("vary"), Some("origin"));
    }
    let elsewhere = String::from_utf8(preflight(APP)).unwrap();
    let elsewhere = elsewhere.replace("host: 127.0.0.1", "host: evil.example.com");
    let answer = peer.ask(elsewhere).await;
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.head.header("access-control-allow-methods"), None);
}

#[tokio::test]
async fn an_options_request_that_asks_nothing_is_no_preflight() {
    let server = sharing().await;
    let answer = server
        .peer()
        .await
        .ask(request("OPTIONS", &[("origin", APP)], ""))
        .await;
    assert_eq!(answer.status(), 405);
}

#[tokio::test]
async fn answers_and_errors_can_be_read_by_pages_of_allowed_origins_only() {
    let server = sharing().await;
    let mut peer = server.peer().await;
    let error = request(
        "POST",
        &[("origin", APP), ("content-type", "text/plain")],
        "",
    );
    for (request, status) in [(list(&[("origin", APP)]), 200), (error, 415)] {
        let answer = peer.ask(request).await;
        assert_eq!(answer.status(), status);
        let header = |name| answer.head.header(name);
        assert_eq!(header("access-control-allow-origin"), Some(APP));
        let exposed = Some("mcp-session-id, www-authenticate");
        assert_eq!(header("access-control-expose-headers"), exposed);
        assert_eq!(header("vary"), Some("origin"));
    }
    let no_page = peer.ask(list(&[])).await;
    assert_silent(&no_page);
    assert_eq!(no_page.head.header("vary"), Some("origin"));
}
