//! Handlers that close their own stream, and clients that come back for the rest (HTTP-L-11).

use std::sync::Arc;

use serde_json::json;
use toolwright::http::{HttpOptions, Legacy};
use toolwright::prelude::*;

use crate::legacy::{Client, ask, legacy, text};
use crate::peer::{call, post};
use crate::resume::{event, resume};
use crate::server::{Desk, Live, start_with};

/// Reports, closes its stream, and goes on when it is told to; twice.
#[tool]
async fn leave(cx: Context, desk: State<Arc<Desk>>) -> &'static str {
    for done in [1.0, 2.0] {
        cx.progress(done, None, None);
        cx.close_stream();
        desk.began.add_permits(1);
        desk.go.notified().await;
    }
    "came back"
}

async fn start(legacy: Legacy) -> Live {
    let options = HttpOptions::default().legacy(legacy);
    start_with(|server| server.tool::<leave>(), options).await
}

#[tokio::test]
async fn a_closed_stream_is_come_back_to_for_what_was_sent_since_and_the_answer() {
    let server = start(Legacy::Sessions).await;
    let client = Client::new(&server).await;
    let mut peer = server.peer().await;
    peer.send(client.call(1, "leave", json!({}))).await;
    peer.head().await;
    let prime = peer.raw_event().await.expect("a priming event");
    assert!(prime.contains("\nretry: 500\n"), "{prime}");
    let (last, progress) = event(&mut peer).await.expect("progress");
    assert_eq!(progress.unwrap()["params"]["progress"], 1);
    assert_eq!(event(&mut peer).await, None);

    // The handler goes on while nobody is there, and closes the next stream as well.
    let mut again = resume(&server, &client, &last).await;
    again.head().await;
    server.desk.go.notify_one();
    let (last, progress) = event(&mut again).await.expect("progress");
    assert_eq!(progress.unwrap()["params"]["progress"], 2);
    assert_eq!(event(&mut again).await, None);

    let mut third = resume(&server, &client, &last).await;
    third.head().await;
    server.desk.go.notify_one();
    let (_, response) = event(&mut third).await.expect("a response");
    assert_eq!(text(&response.unwrap()), "came back");
    assert_eq!(event(&mut third).await, None);
    // Nothing of it is in the way of anything else on the connection.
    let answer = peer
        .ask(client.call(2, "add", json!({ "a": 1, "b": 1 })))
        .await;
    assert_eq!(text(&answer.json()), "2");
}

#[tokio::test]
async fn a_client_that_could_not_come_back_is_not_left() {
    let sessions = start(Legacy::Sessions).await;
    let older = Client::of(&sessions, "2025-06-18").await;
    let stateless = start(Legacy::Stateless).await;
    let version = ("mcp-protocol-version", "2025-11-25");
    let alone = legacy(1, "tools/call", json!({ "name": "leave", "arguments": {} }));
    for (server, request) in [
        (&sessions, older.call(1, "leave", json!({}))),
        (&sessions, call(1, "leave", json!({}))),
        (&stateless, post(&[version], &alone)),
    ] {
        let mut peer = server.peer().await;
        peer.send(request).await;
        for _ in 0..2 {
            server.desk.began.acquire().await.unwrap().forget();
            server.desk.go.notify_one();
        }
        let answer = peer.answer().await;
        assert!(answer.body.contains("came back"), "{answer:?}");
        server.serves_others().await;
    }
}

#[tokio::test]
async fn a_client_that_wants_no_stream_gets_the_whole_answer() {
    let server = start(Legacy::Sessions).await;
    let client = Client::new(&server).await;
    let request = String::from_utf8(client.call(1, "leave", json!({}))).unwrap();
    let request = request.replace(", text/event-stream", "");
    server.desk.go.notify_one();
    let calling = tokio::spawn({
        let mut peer = server.peer().await;
        async move { peer.ask(request).await }
    });
    server.desk.began.acquire_many(2).await.unwrap().forget();
    server.desk.go.notify_one();
    assert_eq!(text(&calling.await.unwrap().json()), "came back");
    assert_eq!(ask(&server, client.delete()).await.status(), 204);
}
