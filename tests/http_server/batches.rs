//! Batches of 2025-03-26, whose calls are begun one after the other.

use std::sync::{Arc, Mutex, mpsc};

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use toolwright::http::HttpOptions;
use toolwright::prelude::*;

use crate::legacy::{Client, ask, legacy, text};
use crate::server::start_with;

/// Where a handler holds its thread.
struct Hold {
    held: Semaphore,
    released: Mutex<mpsc::Receiver<()>>,
}

/// Holds its thread until it is released.
#[tool]
fn hold(hold: State<Arc<Hold>>) -> &'static str {
    hold.held.add_permits(1);
    let released = hold.released.lock().expect("nobody panicked");
    released.recv().expect("the test releases it");
    "held"
}

/// A call as it stands in a batch.
fn call(id: i64, tool: &str) -> Value {
    legacy(id, "tools/call", json!({ "name": tool, "arguments": {} }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_call_cancelled_before_the_rest_of_its_batch_began_does_not_end_the_stream() {
    let (release, released) = mpsc::channel();
    let place = Arc::new(Hold {
        held: Semaphore::new(0),
        released: Mutex::new(released),
    });
    let change = |server: Server| server.state(Arc::clone(&place)).tool::<hold>();
    let server = start_with(change, HttpOptions::default()).await;
    let client = Client::of(&server, "2025-03-26").await;
    let mut peer = server.peer().await;
    let batch = json!([call(1, "wait"), call(2, "hold"), call(3, "wait")]);
    peer.send(client.post(&batch)).await;
    // The first runs and the second holds the thread on which the third is to be begun.
    place.held.acquire().await.unwrap().forget();
    let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 1 } });
    assert_eq!(ask(&server, client.post(&cancel)).await.status(), 202);
    server.desk.cancelled.acquire().await.unwrap().forget();
    release.send(()).unwrap();
    server.desk.began.acquire_many(2).await.unwrap().forget();
    server.desk.go.notify_one();
    let answers = peer.answer().await.json();
    let answers = answers.as_array().expect("an array");
    let texts: Vec<_> = answers
        .iter()
        .map(|a| (a["id"].as_i64(), text(a)))
        .collect();
    assert_eq!(texts, [(Some(2), "held"), (Some(3), "gone on")]);
}

#[tokio::test]
async fn the_calls_of_a_batch_wait_for_their_turn_like_any_others() {
    let limits = toolwright::Limits {
        concurrency: 1,
        ..toolwright::Limits::default()
    };
    let server = start_with(|server| server.limits(limits), HttpOptions::default()).await;
    let client = Client::of(&server, "2025-03-26").await;
    let mut peer = server.peer().await;
    peer.send(client.post(&json!([call(1, "wait"), call(2, "wait")])))
        .await;
    server.desk.began.acquire().await.unwrap().forget();
    assert_eq!(server.desk.began.available_permits(), 0);
    server.desk.go.notify_one();
    server.desk.began.acquire().await.unwrap().forget();
    server.desk.go.notify_one();
    let answers = peer.answer().await.json();
    assert_eq!(answers.as_array().expect("an array").len(), 2);
}
