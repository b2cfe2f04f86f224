//! Streams: what comes on them when, how long they live, and what their end does.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};
use toolwright::Revision;
use toolwright::client::{CallError, CallOptions, Client, ServerEvent};
use trials::raw::Raw;
use trials::requests;

use super::{Checked, call, connect, told};

/// How soon something has to have come through.
const SOON: Duration = Duration::from_secs(2);
/// How long the hurried proxy waits for a server that says nothing is two seconds.
const BEYOND_THE_HURRIED: Duration = Duration::from_secs(5);
/// How long nginx waits for a server that says nothing, if it is not told, is a minute.
const BEYOND_THE_USUAL: Duration = Duration::from_secs(65);

/// Five steps of 200 ms are told as they happen, not at the end.
pub(super) async fn progress(address: SocketAddr, revision: Revision) -> Checked {
    let client = connect(address, revision).await?;
    let times = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&times);
    let options = CallOptions::new().on_progress(move |_| {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(Instant::now());
    });
    let steps = json!({ "count": 5, "milliseconds": 200 });
    let called = call(&client.with(options), "steps", steps, "steps").await;
    let end = Instant::now();
    called.map_err(|error| told(&error))?;
    let times = times.lock().unwrap_or_else(PoisonError::into_inner);
    let ahead: Vec<_> = times.iter().map(|at| (end - *at).as_millis()).collect();
    let early = ahead.iter().filter(|ahead| **ahead >= 300).count();
    match ahead.len() == 5 && early >= 3 {
        true => Ok(()),
        false => Err(format!("reports came {ahead:?} ms before the end")),
    }
}

/// What is subscribed to is told soon.
pub(super) async fn change(address: SocketAddr, revision: Revision) -> Checked {
    let client = connect(address, revision).await?;
    let changes = client.subscribe("trial://beat").await;
    let mut changes = changes.map_err(|error| told(&error))?;
    client
        .call("change", json!({}))
        .await
        .map_err(|error| told(&error))?;
    match timeout(SOON, changes.next()).await {
        Ok(Some(ServerEvent::ResourceUpdated(_))) => Ok(()),
        other => Err(format!("not a change but {other:?}")),
    }
}

/// A handler is cancelled when its client has closed its connection to the proxy.
pub(super) async fn disconnect(address: SocketAddr) -> Checked {
    let client = connect(address, Revision::V2026_07_28).await?;
    let mut raw = Raw::connect(address).await.map_err(|error| told(&error))?;
    let host = raw.host().to_owned();
    let nonce = format!("left {address}");
    let hold = requests::modern_call(&host, 1, "hold", json!({ "nonce": nonce }));
    let begun = async {
        raw.send(hold).await?;
        raw.head().await?;
        raw.event().await
    };
    begun.await.map_err(|error| told(&error))?;
    drop(raw);
    let start = Instant::now();
    while start.elapsed() < SOON {
        let cancelled: Value = client
            .call_as("cancelled", json!({}))
            .await
            .map_err(|error| told(&error))?;
        if cancelled.get(&nonce).is_some() {
            return Ok(());
        }
        sleep(Duration::from_millis(20)).await;
    }
    Err("its handler was not cancelled".to_owned())
}

async fn later(client: &Client, length: Duration) -> Result<(), CallError> {
    let patient = CallOptions::new().timeout(length * 2);
    let milliseconds = length.as_millis();
    let arguments = json!({ "milliseconds": u64::try_from(milliseconds).unwrap_or(u64::MAX) });
    call(&client.with(patient), "later", arguments, "later").await
}

/// A call that says nothing for longer than the proxy has patience is answered.
pub(super) async fn silent(address: SocketAddr) -> Checked {
    for revision in [Revision::V2026_07_28, Revision::V2025_11_25] {
        let client = connect(address, revision).await?;
        let answered = later(&client, BEYOND_THE_HURRIED).await;
        answered.map_err(|error| format!("{revision}: {error}"))?;
    }
    Ok(())
}

/// So is a call that says nothing for a minute, with what both sides do when they are not told.
pub(super) async fn outlives_the_usual_patience(address: SocketAddr) -> Checked {
    let client = connect(address, Revision::V2026_07_28).await?;
    let answered = later(&client, BEYOND_THE_USUAL).await;
    answered.map_err(|error| told(&error))
}

/// A subscription on which nothing happens for longer than the proxy has patience goes on.
pub(super) async fn silent_subscription(address: SocketAddr) -> Checked {
    let client = connect(address, Revision::V2026_07_28).await?;
    let changes = client.subscribe("trial://beat").await;
    let mut changes = changes.map_err(|error| told(&error))?;
    if let Ok(heard) = timeout(BEYOND_THE_HURRIED, changes.next()).await {
        return Err(format!("something came: {heard:?}"));
    }
    client
        .call("change", json!({}))
        .await
        .map_err(|error| told(&error))?;
    match timeout(SOON, changes.next()).await {
        Ok(Some(ServerEvent::ResourceUpdated(_))) => Ok(()),
        other => Err(format!("not a change but {other:?}")),
    }
}

/// A call to a server that does not say that it lives is given up by the proxy, which our client
/// says.
pub(super) async fn too_silent(address: SocketAddr) -> Checked {
    let client = connect(address, Revision::V2026_07_28).await?;
    match later(&client, BEYOND_THE_HURRIED).await {
        Err(CallError::Refused { status: 504, .. }) => Ok(()),
        other => Err(format!("not given up with 504 but {other:?}")),
    }
}
