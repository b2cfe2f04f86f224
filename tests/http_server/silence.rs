//! Streams on which nothing is said for a while (fault 84).

use serde_json::json;
use toolwright::http::HttpOptions;

use crate::legacy::Client;
use crate::peer::{Peer, modern};
use crate::server::{Live, start_with};
use crate::slow::second;

/// Lets so many seconds pass on a clock of its own, and then goes on by the real one.
async fn seconds(count: u32) {
    tokio::time::pause();
    for _ in 0..count {
        second().await;
    }
    tokio::time::resume();
}

/// A stream that has begun as one does that no proxy may hold back.
async fn begun(server: &Live, request: Vec<u8>) -> Peer {
    let mut peer = server.peer().await;
    peer.send(request).await;
    let head = peer.head().await;
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    assert_eq!(head.header("x-accel-buffering"), Some("no"));
    assert_eq!(head.header("cache-control"), Some("no-cache"));
    peer
}

#[tokio::test]
async fn fault_84_every_stream_says_after_fifteen_seconds_of_silence_that_it_lives() {
    let server = start_with(|server| server, HttpOptions::default()).await;
    let client = Client::new(&server).await;
    let mut session = begun(&server, client.get(&[])).await;
    assert_eq!(session.raw_event().await.as_deref(), Some(":\n\n"));
    let first = session.raw_event().await.expect("where to come back to");
    assert!(first.starts_with("id: "), "{first}");
    let filter = json!({ "notifications": { "toolsListChanged": true } });
    let listen = modern("s", "subscriptions/listen", filter);
    let mut subscription = begun(&server, listen).await;
    subscription.event().await.expect("an acknowledgement");
    let params = json!({ "name": "report", "_meta": { "progressToken": "t" } });
    let mut call = begun(&server, modern(1, "tools/call", params)).await;
    call.event().await.expect("progress");

    // Not sooner: what comes first is what there is to say.
    seconds(12).await;
    server.handle.tools_changed();
    for stream in [&mut session, &mut subscription] {
        let event = stream.raw_event().await.expect("a change");
        assert!(
            event.contains("notifications/tools/list_changed"),
            "{event}"
        );
    }
    seconds(4).await;
    assert_eq!(call.raw_event().await.as_deref(), Some(":\n\n"));
    seconds(15).await;
    for stream in [&mut session, &mut subscription, &mut call] {
        assert_eq!(stream.raw_event().await.as_deref(), Some(":\n\n"));
    }
    server.serves_others().await;
}
