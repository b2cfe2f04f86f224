//! Sessions and their ids (faults 76 to 80).

use serde_json::json;

use crate::legacy::{Client, ask, initialize, legacy};
use crate::peer::{post, request, with_header};
use crate::server::start;

#[tokio::test]
async fn fault_76_a_missing_session_is_400_and_an_unknown_one_404() {
    let server = start().await;
    let body = legacy(1, "tools/list", json!({}));
    let version = ("mcp-protocol-version", "2025-11-25");
    let get = request("GET", &[("accept", "text/event-stream")], "");
    let mut peer = server.peer().await;
    for request in [post(&[], &body), post(&[version], &body), get] {
        assert_eq!(peer.ask(request).await.status(), 400);
    }
    let unknown = "A".repeat(32);
    let unknown = post(&[("mcp-session-id", &unknown)], &body);
    assert_eq!(peer.ask(unknown).await.status(), 404);
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_77_an_id_that_is_guessed_or_overlong_is_no_session_and_becomes_none() {
    let server = start().await;
    let body = legacy(1, "tools/list", json!({}));
    let mut peer = server.peer().await;
    for id in ["A".repeat(32), "short".to_owned(), "x".repeat(5000)] {
        let answer = peer.ask(post(&[("mcp-session-id", &id)], &body)).await;
        assert_eq!(answer.status(), 404);
        assert_eq!(answer.head.header("mcp-session-id"), None);
    }
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_77_a_handshake_does_not_adopt_an_id() {
    let server = start().await;
    let mine = "A".repeat(32);
    let wanted = with_header("mcp-session-id", &mine, initialize("2025-11-25"));
    let mut peer = server.peer().await;
    assert_eq!(peer.ask(wanted).await.status(), 404);
    server.still_serves(&mut peer).await;
    let client = Client {
        id: mine,
        version: "2025-11-25",
    };
    assert_eq!(
        ask(&server, client.call(1, "add", json!({})))
            .await
            .status(),
        404
    );
}

#[tokio::test]
async fn fault_78_a_second_stream_is_refused_and_the_first_goes_on() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut first = server.peer().await;
    first.send(client.get(&[])).await;
    assert_eq!(first.head().await.status, 200);
    let mut second = server.peer().await;
    assert_eq!(second.ask(client.get(&[])).await.status(), 409);
    server.still_serves(&mut second).await;
    server.handle.tools_changed();
    let change = first.event().await.expect("a change");
    assert_eq!(change["method"], "notifications/tools/list_changed");
}

#[tokio::test]
async fn fault_80_a_deleted_session_cancels_its_calls_and_is_gone() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut peer = server.peer().await;
    peer.send(client.call(1, "report", json!({}))).await;
    peer.head().await;
    peer.event().await.expect("progress");
    let mut other = server.peer().await;
    assert_eq!(other.ask(client.delete()).await.status(), 204);
    server.desk.cancelled.acquire().await.unwrap().forget();
    assert_eq!(peer.event().await, None);
    for request in [
        client.delete(),
        client.call(2, "add", json!({})),
        client.get(&[]),
    ] {
        assert_eq!(other.ask(request).await.status(), 404);
    }
    server.still_serves(&mut other).await;
    server.still_serves(&mut peer).await;
}
