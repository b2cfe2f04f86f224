//! What comes before the first answer: the stream of what belongs to no request, and a server that
//! refuses a revision which it speaks.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use toolwright::Revision;
use toolwright::client::{CallError, Client};

use crate::wire::{Exchange, Wire, builder, dial};
use crate::{config, done, work};

/// A client of 2025-11-25 that has shaken hands, and the request for its stream.
async fn shaken() -> (Wire, Client, Exchange) {
    let (mut wire, builder) = builder(config().pin(Revision::V2025_11_25));
    let connecting = dial(builder);
    wire.shake_hands("2025-11-25", Some("session-1")).await;
    let get = wire.next().await;
    assert_eq!(get.request.method(), "GET");
    (wire, connecting.await.unwrap().unwrap(), get)
}

#[tokio::test(start_paused = true)]
async fn the_first_request_waits_until_somebody_hears_what_the_server_says_besides() {
    let (mut wire, client, get) = shaken().await;
    let calling = work(&client);
    sleep(Duration::from_millis(400)).await;
    assert!(wire.is_idle());
    let _stream = get.stream();
    wire.call("tools/call").await.result(done());
    assert!(calling.await.unwrap().is_ok());
    // It is the first alone that waits.
    let calling = work(&client);
    wire.call("tools/call").await.result(done());
    assert!(calling.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_head_does_not_come_is_not_waited_for_long() {
    let (mut wire, client, _get) = shaken().await;
    let begin = Instant::now();
    let calling = work(&client);
    wire.call("tools/call").await.result(done());
    assert_eq!(begin.elapsed().as_millis(), 500);
    assert!(calling.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_such_stream_nothing_waits() {
    let (mut wire, client, get) = shaken().await;
    let begin = Instant::now();
    let calling = work(&client);
    get.status(405);
    wire.call("tools/call").await.result(done());
    assert_eq!(begin.elapsed().as_millis(), 0);
    assert!(calling.await.unwrap().is_ok());
}

/// What a server says that refuses 2026-07-28 and has these.
fn supporting(versions: &[&str]) -> Value {
    json!({ "supported": versions, "requested": "2026-07-28" })
}

/// A client that takes the server for a modern one without asking.
async fn sure() -> (Wire, Client) {
    let (wire, builder) = builder(config().pin(Revision::V2026_07_28));
    (wire, dial(builder).await.unwrap().unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_request_goes_once_more_to_a_server_that_refuses_the_revision_and_names_it() {
    let (mut wire, client) = sure().await;
    let calling = work(&client);
    let refused = wire.call("tools/call").await;
    let versions = supporting(&["2099-01-01", "2026-07-28"]);
    refused.error(400, -32022, versions.clone());
    wire.call("tools/call").await.result(done());
    assert!(calling.await.unwrap().is_ok());

    let calling = work(&client);
    for _ in 0..2 {
        let refused = wire.call("tools/call").await;
        refused.error(400, -32022, versions.clone());
    }
    let error = calling.await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::Server(_)), "{error}");
    assert!(wire.is_idle());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_has_no_revision_of_the_client_is_not_asked_again() {
    let (mut wire, client) = sure().await;
    let calling = work(&client);
    let refused = wire.call("tools/call").await;
    refused.error(400, -32022, supporting(&["2099-01-01"]));
    let error = calling.await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::Server(_)), "{error}");
    assert!(wire.is_idle());
}
