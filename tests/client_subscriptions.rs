//! Single resources of a legacy server, wanted and not wanted any more (SUB-L-10).
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

mod client_support;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use client_support::{Script, config};
use serde_json::json;
use toolwright::Revision;
use toolwright::client::{CallError, Client, ServerEvent, Subscription};

const BEAT: &str = "trial://beat";

/// A client of a legacy server that tells of resources, and the server.
async fn connected() -> (Script, Client) {
    let (mut script, client) = Script::dial(config().pin(Revision::V2025_11_25));
    let (client, ()) = tokio::join!(client, async {
        let request = script.next().await;
        let capabilities = json!({ "resources": { "subscribe": true } });
        let info = json!({ "name": "script", "version": "1" });
        let result = json!({
            "protocolVersion": "2025-11-25", "capabilities": capabilities, "serverInfo": info,
        });
        script.answer(&request, result).await;
        assert_eq!(script.next().await["method"], "notifications/initialized");
    });
    (script, client.unwrap())
}

/// Subscribes in a task of its own.
fn subscribing(client: &Client) -> tokio::task::JoinHandle<Result<Subscription, CallError>> {
    let client = client.clone();
    tokio::spawn(async move { client.subscribe(BEAT).await })
}

/// What the client sends until it has nothing more to say: a call is its last word.
async fn last_word(script: &mut Script, client: &Client) {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    let client = client.clone();
    let calling = tokio::spawn(async move { client.call("work", json!({})).await });
    script.serve("tools/call", json!({ "content": [] })).await;
    calling.await.unwrap().unwrap();
}

/// Answers all requests one after the other, and keeps what is subscribed to.
async fn serve_all(mut script: Script, subscribed: Arc<Mutex<BTreeSet<String>>>) {
    loop {
        let request = script.next().await;
        let uri = || request["params"]["uri"].as_str().unwrap().to_owned();
        let result = match request["method"].as_str() {
            Some("resources/subscribe") => {
                subscribed.lock().unwrap().insert(uri());
                json!({})
            }
            Some("resources/unsubscribe") => {
                subscribed.lock().unwrap().remove(&uri());
                json!({})
            }
            _ => json!({ "content": [] }),
        };
        script.answer(&request, result).await;
    }
}

#[tokio::test]
async fn a_resource_that_is_wanted_again_at_once_is_told_of() {
    let (script, client) = connected().await;
    let subscribed = Arc::default();
    tokio::spawn(serve_all(script, Arc::clone(&subscribed)));
    for _ in 0..5 {
        drop(client.subscribe(BEAT).await.unwrap());
        let again = client.subscribe(BEAT).await.unwrap();
        client.call("work", json!({})).await.unwrap();
        assert!(subscribed.lock().unwrap().contains(BEAT));
        drop(again);
    }
}

#[tokio::test]
async fn a_new_wish_waits_until_the_server_has_seen_the_end_of_the_last() {
    let (mut script, client) = connected().await;
    let first = subscribing(&client);
    script.serve("resources/subscribe", json!({})).await;
    drop(first.await.unwrap().unwrap());
    let end = script.next().await;
    assert_eq!(end["method"], "resources/unsubscribe");
    let second = subscribing(&client);
    last_word(&mut script, &client).await;
    script.answer(&end, json!({})).await;
    script.serve("resources/subscribe", json!({})).await;
    let mut second = second.await.unwrap().unwrap();
    let update = json!({ "uri": BEAT });
    script
        .notify("notifications/resources/updated", update)
        .await;
    let heard = second.next().await;
    assert_eq!(heard, Some(ServerEvent::ResourceUpdated(BEAT.to_owned())));
}

#[tokio::test]
async fn who_wants_a_resource_too_is_answered_when_the_server_tells_of_it() {
    let (mut script, client) = connected().await;
    let (first, second) = (subscribing(&client), subscribing(&client));
    let request = script.next().await;
    assert_eq!(request["method"], "resources/subscribe");
    last_word(&mut script, &client).await;
    assert!(!first.is_finished() && !second.is_finished());
    // Whoever asked hears that it failed, and the other asks for itself.
    let error = json!({ "code": -32603, "message": "not now" });
    let refusal = json!({ "jsonrpc": "2.0", "id": request["id"], "error": error });
    script.say(&refusal.to_string()).await;
    script.serve("resources/subscribe", json!({})).await;
    let ends = [first.await.unwrap(), second.await.unwrap()];
    assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1);
}

#[tokio::test]
async fn only_the_last_who_wants_a_resource_ends_it() {
    let (mut script, client) = connected().await;
    let (first, second) = (subscribing(&client), subscribing(&client));
    script.serve("resources/subscribe", json!({})).await;
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    drop(first);
    last_word(&mut script, &client).await;
    drop(second);
    script.serve("resources/unsubscribe", json!({})).await;
}
