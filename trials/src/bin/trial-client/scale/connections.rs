//! Connections that come and go, many at once.

use std::io;

use serde_json::json;
use tokio::task::JoinSet;
use trials::process;
use trials::raw::Raw;
use trials::requests;
use trials::settings::Settings;

use super::{Subject, figure, hold};
use crate::Outcome;

/// How often all of them come and go before the memory is looked at, since what was freed the
/// allocator may keep for the next.
const WARM_UP: usize = 12;
/// The rounds of which the one in the middle counts, after the warm-up and at the end: what the
/// allocator keeps goes up and down by a twentieth.
const ROUNDS: usize = 7;
/// How the memory at the end may relate to that after the warm-up.
const GROWTH: f64 = 1.05;

/// Opens `count` connections at once, makes a call on each and closes them; several times.
pub(crate) async fn run(settings: &Settings) -> Outcome {
    let server = Subject::of(settings)?;
    let count: usize = settings.need("count")?;
    server.ask("running").await?;
    let base = process::descriptors(server.process)?;
    let mut rounds = Vec::new();
    for _ in 0..WARM_UP + 2 * ROUNDS {
        round(server, count).await?;
        server.rest(base).await?;
        rounds.push(server.memory()?);
    }
    println!("count connections_churned {}", count * rounds.len());
    println!("count memory_after_each_round {rounds:?}");
    let (before, after) = rounds[WARM_UP..].split_at(ROUNDS);
    let ratio = figure(middle(after)) / figure(middle(before));
    Ok(hold("memory_after_churn_of_connections", ratio, GROWTH)?)
}

/// The one in the middle.
fn middle(rounds: &[u64]) -> u64 {
    let mut rounds = rounds.to_vec();
    rounds.sort_unstable();
    rounds[rounds.len() / 2]
}

/// Opens all, and closes them only when each has its answer.
async fn round(server: Subject, count: usize) -> io::Result<()> {
    let mut opening = JoinSet::new();
    for number in 0..count {
        opening.spawn(async move {
            let mut raw = Raw::connect_from(number, server.address).await?;
            let nonce = format!("connection {number}");
            let host = raw.host().to_owned();
            let echo = json!({ "nonce": nonce });
            let (_, body) = raw
                .ask(requests::modern_call(&host, 1, "echo", echo))
                .await?;
            match body.contains(&nonce) {
                true => Ok(raw),
                false => Err(io::Error::other(format!("{nonce}: {body}"))),
            }
        });
    }
    let mut open = Vec::with_capacity(count);
    while let Some(raw) = opening.join_next().await {
        open.push(raw??);
    }
    Ok(())
}
