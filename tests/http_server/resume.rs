//! Streams that a client comes back to.

use serde_json::{Value, json};

use crate::legacy::{Client, text};
use crate::peer::Peer;
use crate::server::{Live, start};

/// An event with what it carries besides its message.
pub(crate) async fn event(peer: &mut Peer) -> Option<(String, Option<Value>)> {
    loop {
        let raw = peer.raw_event().await?;
        let field = |name| raw.lines().find_map(|line| line.strip_prefix(name));
        let Some(id) = field("id: ") else { continue };
        let data = field("data: ").filter(|data| !data.is_empty());
        let message = data.map(|data| serde_json::from_str(data).expect("a message"));
        return Some((id.to_owned(), message));
    }
}

pub(crate) async fn resume(server: &Live, client: &Client, last: &str) -> Peer {
    let mut peer = server.peer().await;
    peer.send(client.get(&[("last-event-id", last)])).await;
    peer
}

/// Starts a call that reports, and reads up to its first report.
async fn reporting(server: &Live, client: &Client) -> (Peer, String, String) {
    let mut peer = server.peer().await;
    peer.send(client.call(1, "report", json!({}))).await;
    assert_eq!(
        peer.head().await.header("content-type"),
        Some("text/event-stream")
    );
    let (prime, nothing) = event(&mut peer).await.expect("a priming event");
    assert_eq!(nothing, None);
    let (progress, message) = event(&mut peer).await.expect("progress");
    assert_eq!(message.unwrap()["method"], "notifications/progress");
    (peer, prime, progress)
}

#[tokio::test]
async fn a_stream_of_2025_11_25_begins_with_an_event_to_come_back_to() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut peer = server.peer().await;
    peer.send(client.call(1, "report", json!({}))).await;
    peer.head().await;
    let first = peer.raw_event().await.expect("an event");
    assert!(
        first.starts_with("id: ") && first.contains("\nretry: "),
        "{first}"
    );
    let older = Client::of(&server, "2025-06-18").await;
    let mut peer = server.peer().await;
    peer.send(older.call(1, "report", json!({}))).await;
    peer.head().await;
    let first = peer.raw_event().await.expect("an event");
    assert!(
        first.contains("notifications/progress") && !first.contains("retry"),
        "{first}"
    );
}

#[tokio::test]
async fn a_lost_connection_is_resumed_with_what_followed_and_the_response() {
    let server = start().await;
    let client = Client::new(&server).await;
    let (peer, prime, progress) = reporting(&server, &client).await;
    drop(peer);
    let mut again = resume(&server, &client, &progress).await;
    assert_eq!(again.head().await.status, 200);
    server.desk.began.acquire().await.unwrap().forget();
    server.desk.go.notify_one();
    let (_, second) = event(&mut again).await.expect("progress");
    assert_eq!(second.unwrap()["params"]["progress"], 2);
    let (_, response) = event(&mut again).await.expect("a response");
    assert_eq!(text(&response.unwrap()), "reported");
    assert_eq!(event(&mut again).await, None);
    // All of it is kept, for whoever comes from further back.
    let mut late = resume(&server, &client, &prime).await;
    let answer = late.answer().await;
    assert_eq!(answer.events().len(), 3);
}

#[tokio::test]
async fn a_resumed_stream_is_taken_over_from_a_connection_that_seems_to_live() {
    let server = start().await;
    let client = Client::new(&server).await;
    let (mut old, _, progress) = reporting(&server, &client).await;
    let mut new = resume(&server, &client, &progress).await;
    new.head().await;
    assert_eq!(event(&mut old).await, None);
    server.desk.go.notify_one();
    assert_eq!(
        event(&mut new).await.unwrap().1.unwrap()["params"]["progress"],
        2
    );
}

#[tokio::test]
async fn fault_79_only_the_stream_of_the_event_is_replayed() {
    let server = start().await;
    let client = Client::new(&server).await;
    let (_first, prime, _) = reporting(&server, &client).await;
    let mut second = server.peer().await;
    second.send(client.call(2, "report", json!({}))).await;
    second.head().await;
    let other = event(&mut second).await.expect("a priming event").0;
    assert_ne!(prime.split('-').next(), other.split('-').next());
    let mut again = resume(&server, &client, &other).await;
    again.head().await;
    assert_eq!(
        event(&mut again).await.unwrap().0.split('-').next(),
        other.split('-').next()
    );
    for last in [
        "",
        "garbage",
        "99-1",
        "1-99",
        "-1-1",
        "1",
        "18446744073709551616-0",
    ] {
        let answer = resume(&server, &client, last).await.answer().await;
        assert_eq!(answer.status(), 400, "{last}");
    }
    let stranger = Client::new(&server).await;
    let answer = resume(&server, &stranger, &prime).await.answer().await;
    assert_eq!(answer.status(), 400);
}
