//! Changes of the server, told to listeners of both eras, in one process or several.

use serde_json::{Value, json};
use toolwright::Limits;
use toolwright::http::HttpOptions;
use toolwright::prelude::*;
use toolwright::server::{Bus, Change, Listener, MemoryBus};

use crate::legacy::{Client, ask, legacy};
use crate::peer::{Peer, modern};
use crate::server::{Live, start_with};

const NOTE: &str = "notes://today";
const TOOLS: &str = "notifications/tools/list_changed";
const UPDATED: &str = "notifications/resources/updated";

#[resource("notes://{day}")]
fn note(day: String) -> String {
    day
}

async fn start(change: impl FnOnce(Server) -> Server) -> Live {
    let with_notes = |server: Server| change(server.resource::<note>());
    start_with(with_notes, HttpOptions::default()).await
}

/// The request of a modern listener for the tools and these resources.
fn listen(uris: &[&str]) -> Vec<u8> {
    let wanted = json!({ "toolsListChanged": true, "resourceSubscriptions": uris });
    modern(
        "s",
        "subscriptions/listen",
        json!({ "notifications": wanted }),
    )
}

/// A modern listener, acknowledged.
async fn modern_listener(server: &Live, uris: &[&str]) -> Peer {
    let mut peer = server.peer().await;
    peer.send(listen(uris)).await;
    peer.head().await;
    let acknowledged = peer.event().await.expect("an acknowledgement");
    assert_eq!(
        acknowledged["method"],
        "notifications/subscriptions/acknowledged"
    );
    peer
}

/// A legacy listener, subscribed to these resources.
async fn legacy_listener(server: &Live, uris: &[&str]) -> Peer {
    let client = Client::new(server).await;
    for uri in uris {
        let answer = subscribe(server, &client, uri).await;
        assert_eq!(answer["result"], json!({}));
    }
    let mut peer = server.peer().await;
    peer.send(client.get(&[])).await;
    peer.head().await;
    peer
}

async fn subscribe(server: &Live, client: &Client, uri: &str) -> Value {
    let request = legacy("s", "resources/subscribe", json!({ "uri": uri }));
    ask(server, client.post(&request)).await.json()
}

/// The next thing that a listener is told: the method, and the resource if there is one.
async fn told(listener: &mut Peer) -> (String, Value) {
    let event = listener.event().await.expect("a change");
    let method = event["method"].as_str().expect("a method").to_owned();
    (method, event["params"]["uri"].clone())
}

async fn assert_told(listener: &mut Peer, method: &str, uri: Value) {
    assert_eq!(told(listener).await, (method.to_owned(), uri));
}

#[tokio::test]
async fn one_change_is_told_to_listeners_of_both_eras() {
    let server = start(|server| server).await;
    let mut modern = modern_listener(&server, &[NOTE]).await;
    let mut legacy = legacy_listener(&server, &[NOTE]).await;
    server.handle.resource_updated("notes://tomorrow");
    server.handle.resource_updated(NOTE);
    for listener in [&mut modern, &mut legacy] {
        assert_told(listener, UPDATED, json!(NOTE)).await;
    }
    assert!(server.handle.remove_tool("region"));
    for listener in [&mut modern, &mut legacy] {
        assert_told(listener, TOOLS, Value::Null).await;
    }
}

#[tokio::test]
async fn each_listener_hears_of_its_own_resources_and_of_no_others() {
    let server = start(|server| server).await;
    let others = "notes://tomorrow";
    let mut one = [
        modern_listener(&server, &[NOTE]).await,
        legacy_listener(&server, &[NOTE]).await,
    ];
    let mut other = [
        modern_listener(&server, &[others]).await,
        legacy_listener(&server, &[others]).await,
    ];
    server.handle.resource_updated(NOTE);
    server.handle.resource_updated(others);
    for (listeners, uri) in [(&mut one, NOTE), (&mut other, others)] {
        for listener in listeners {
            assert_told(listener, UPDATED, json!(uri)).await;
        }
    }
    // Nothing else was waiting before what comes now.
    server.handle.tools_changed();
    for listener in one.iter_mut().chain(&mut other) {
        assert_told(listener, TOOLS, Value::Null).await;
    }
}

#[tokio::test]
async fn fault_58_a_change_at_any_time_comes_after_the_acknowledgement() {
    let server = start(|server| server).await;
    for _ in 0..20 {
        let mut peer = server.peer().await;
        server.handle.tools_changed();
        peer.send(listen(&[])).await;
        server.handle.tools_changed();
        tokio::task::yield_now().await;
        server.handle.tools_changed();
        peer.head().await;
        let first = peer.event().await.expect("an acknowledgement");
        assert_eq!(first["method"], "notifications/subscriptions/acknowledged");
    }
    server.serves_others().await;
}

#[tokio::test]
async fn fault_58_more_resources_than_a_peer_may_listen_to_are_refused() {
    let limits = Limits {
        subscriptions: 9_999,
        ..Limits::default()
    };
    let server = start(|server| server.limits(limits)).await;
    let uris: Vec<_> = (0..10_000).map(|day| format!("notes://{day}")).collect();
    let uris: Vec<_> = uris.iter().map(String::as_str).collect();
    let mut peer = server.peer().await;
    let refused = peer.ask(listen(&uris)).await;
    assert_eq!(refused.error(), (400, -32602));
    assert!(
        refused.body.contains("limit `subscriptions`"),
        "{}",
        refused.body
    );
    server.still_serves(&mut peer).await;
    modern_listener(&server, &uris[1..]).await;
}

#[tokio::test]
async fn fault_58_a_session_may_subscribe_to_so_many_resources_and_no_more() {
    let limits = Limits {
        subscriptions: 2,
        ..Limits::default()
    };
    let server = start(|server| server.limits(limits)).await;
    let client = Client::new(&server).await;
    for (uri, code) in [
        ("notes://1", Value::Null),
        ("notes://2", Value::Null),
        ("notes://3", json!(-32602)),
        ("notes://2", Value::Null),
    ] {
        let answer = subscribe(&server, &client, uri).await;
        assert_eq!(answer["error"]["code"], code, "{uri}");
    }
    let stranger = Client::new(&server).await;
    assert_eq!(
        subscribe(&server, &stranger, "notes://3").await["result"],
        json!({})
    );
}

#[tokio::test]
async fn a_change_in_one_process_reaches_the_listeners_of_the_other() {
    let bus = MemoryBus::default();
    let here = start(|server| server.bus(bus.clone())).await;
    let there = start(|server| server.bus(bus.clone())).await;
    let mut listeners = [
        modern_listener(&here, &[NOTE]).await,
        legacy_listener(&here, &[NOTE]).await,
        modern_listener(&there, &[NOTE]).await,
        legacy_listener(&there, &[NOTE]).await,
    ];
    here.handle.resource_updated(NOTE);
    for listener in &mut listeners {
        assert_told(listener, UPDATED, json!(NOTE)).await;
    }
    there.handle.tools_changed();
    for listener in &mut listeners {
        assert_told(listener, TOOLS, Value::Null).await;
    }
}

/// A bus that loses everything.
struct Broken;

impl Bus for Broken {
    fn publish(&self, _: &Change) {}

    fn subscribe(&self, _: Listener) {}
}

#[tokio::test]
async fn what_is_lost_on_the_bus_is_told_to_nobody_and_harms_nobody() {
    let server = start(|server| server.bus(Broken)).await;
    let mut listener = modern_listener(&server, &[NOTE]).await;
    server.handle.resource_updated(NOTE);
    assert!(server.handle.remove_tool("region"));
    server.serves_others().await;
    server.handle.shutdown();
    assert_eq!(listener.event().await.expect("the end")["id"], "s");
}
