//! Clients that do not read, beside one that does.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, timeout};
use trials::clock::p99;
use trials::process;
use trials::raw::Raw;
use trials::requests;
use trials::settings::Settings;

use super::{GONE, Subject, hold_time};
use crate::Outcome;

/// What each of them is sent: more than the system keeps.
const FLOOD: usize = 96 * 1024;
/// How the healthy client's 99th percentile may relate to that without the others.
const RATIO: f64 = 2.0;
/// The rounds of which the one in the middle counts, and the calls of each.
const ROUNDS: usize = 7;
const CALLS: u64 = 400;

/// Opens `count` streams that are not read, and looks at what another client notices of that; then
/// awaits their end.
pub(crate) async fn run(settings: &Settings) -> Outcome {
    let server = Subject::of(settings)?;
    let count: usize = settings.need("count")?;
    let mut listener = Raw::connect(server.address).await?;
    let host = listener.host().to_owned();
    let filter = json!({ "notifications": { "resourceSubscriptions": ["trial://beat"] } });
    let subscribe = requests::modern(&host, 1, "subscriptions/listen", filter);
    listener.send(subscribe).await?;
    listener.head().await?;
    listener.event().await?;
    let mut healthy = Raw::connect(server.address).await?;
    usual(&mut healthy).await?;
    let base = process::descriptors(server.process)?;
    let alone = usual(&mut healthy).await?;

    let mut slow = Vec::with_capacity(count);
    for _ in 0..count {
        let mut raw = Raw::narrow(server.address).await?;
        let flood = json!({ "bytes": FLOOD });
        raw.send(requests::modern_call(&host, 1, "flood", flood))
            .await?;
        raw.head().await?;
        slow.push(raw);
    }
    server.running(u64::try_from(count)?).await?;
    let beside = usual(&mut healthy).await?;
    println!("count slow_readers {count}");
    println!("count p99_alone_us {}", alone.as_micros());
    println!("count p99_beside_us {}", beside.as_micros());
    let ratio = beside.as_secs_f64() / alone.as_secs_f64();
    let noticed = hold_time(settings, "p99_beside_slow_readers", ratio, RATIO);

    // The server loses patience with all of them, though none has closed its end.
    server.running(0).await?;
    server.rest(base).await?;
    drop(slow);
    server.ask("change").await?;
    let heard = timeout(GONE, listener.event()).await??;
    if heard.is_none() {
        return Err("a client that reads lost its stream".into());
    }
    Ok(noticed?)
}

/// The 99th percentile of small calls, one after the other: that of the round in the middle.
async fn usual(raw: &mut Raw) -> Result<Duration, Box<dyn std::error::Error>> {
    let host = raw.host().to_owned();
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let mut calls = Vec::new();
        for number in 1..=CALLS {
            let echo = json!({ "nonce": number.to_string() });
            let call = requests::modern_call(&host, number, "echo", echo);
            let start = Instant::now();
            let (_, body) = raw.ask(call).await?;
            calls.push(start.elapsed());
            if !body.contains(&format!("\"text\":\"{number} \"")) {
                return Err(format!("{number} was answered with {body}").into());
            }
        }
        rounds.push(p99(calls));
    }
    rounds.sort_unstable();
    Ok(rounds[ROUNDS / 2])
}
