//! Health and readiness.

use std::time::Duration;

use serde_json::json;
use toolwright::http::HttpOptions;

use crate::peer::{Answer, Peer, call, modern};
use crate::server::{start, start_with};

async fn probe(peer: &mut Peer, method: &str, path: &str) -> Answer {
    let host = "somebody.who.balances";
    peer.ask(format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n\r\n"))
        .await
}

#[tokio::test]
async fn nothing_is_probed_by_default() {
    let server = start().await;
    let mut peer = server.peer().await;
    for path in ["/healthz", "/readyz", "/"] {
        assert_eq!(probe(&mut peer, "GET", path).await.status(), 404);
    }
}

#[tokio::test]
async fn a_server_that_runs_is_healthy_and_ready_for_whoever_asks() {
    let options = HttpOptions::default()
        .health("/healthz")
        .readiness("/readyz", Duration::ZERO);
    let server = start_with(|server| server, options).await;
    let mut peer = server.peer().await;
    for path in ["/healthz", "/readyz"] {
        let answer = probe(&mut peer, "GET", path).await;
        assert_eq!((answer.status(), answer.body.as_str()), (200, ""));
        assert_eq!(answer.head.header("cache-control"), Some("no-store"));
        assert_eq!(probe(&mut peer, "HEAD", path).await.status(), 200);
        let refused = probe(&mut peer, "POST", path).await;
        assert_eq!(refused.status(), 405);
        assert_eq!(refused.head.header("allow"), Some("GET, HEAD"));
    }
    assert_eq!(probe(&mut peer, "GET", "/healthz/more").await.status(), 404);
}

#[tokio::test]
async fn a_server_that_leaves_says_so_goes_on_for_its_notice_and_then_ends_what_is_left() {
    // Far longer than the test needs, so that it decides itself when the notice is over.
    let notice = Duration::from_secs(3600);
    let options = HttpOptions::default()
        .health("/healthz")
        .readiness("/readyz", notice);
    let server = start_with(|server| server, options).await;
    let mut early = server.peer().await;
    assert_eq!(probe(&mut early, "GET", "/readyz").await.status(), 200);

    server.handle.shutdown();
    while probe(&mut early, "GET", "/readyz").await.status() == 200 {}
    let mut late = server.peer().await;
    assert_eq!(probe(&mut late, "GET", "/readyz").await.status(), 503);
    assert_eq!(probe(&mut late, "GET", "/healthz").await.status(), 200);
    let answer = late.ask(call(1, "add", json!({ "a": 1, "b": 1 }))).await;
    assert_eq!(answer.status(), 200);
    let filter = json!({ "notifications": { "toolsListChanged": true } });
    late.send(modern("s", "subscriptions/listen", filter)).await;
    late.head().await;
    late.event().await.expect("an acknowledgement");

    tokio::time::pause();
    tokio::time::advance(notice).await;
    tokio::time::resume();
    assert_eq!(late.event().await.expect("a result")["id"], "s");
    assert_eq!(late.event().await, None);
    drop((early, late));
    server.task.await.unwrap().unwrap();
}
