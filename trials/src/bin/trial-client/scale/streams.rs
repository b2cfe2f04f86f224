//! Streams that are open at the same time, and all of which hear of a change.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use trials::process;
use trials::raw::Raw;
use trials::requests;
use trials::settings::Settings;

use super::{MIB, Subject, figure, hold};
use crate::Outcome;

/// What 10,000 streams may hold together.
const TOGETHER: u64 = 400 * MIB;
/// How long a change may take to have come to all of them.
const TOLD: Duration = Duration::from_secs(60);

/// Opens `count` streams, half of them in sessions, and lets a change come to all.
pub(crate) async fn run(settings: &Settings) -> Outcome {
    let server = Subject::of(settings)?;
    let count: usize = settings.need("count")?;
    server.ask("change").await?;
    let base = process::descriptors(server.process)?;
    let before = server.memory()?;
    let mut streams = Vec::with_capacity(count);
    for number in 0..count {
        let stream = match number % 2 {
            0 => subscription(server, number).await?,
            _ => session(server, number).await?,
        };
        streams.push(stream);
    }
    let bytes = figure(server.memory()?.saturating_sub(before));
    #[expect(clippy::cast_precision_loss, reason = "it is a small number")]
    let share = count as f64 / 10_000.0;
    let memory = hold("bytes_of_open_streams", bytes, figure(TOGETHER) * share);
    let start = Instant::now();
    server.ask("change").await?;
    let told = timeout(TOLD, async {
        for stream in &mut streams {
            let message = stream.event().await?.unwrap_or_default();
            if message["params"]["uri"] != "trial://beat" {
                return Err(io::Error::other(format!("no change but {message}")));
            }
        }
        Ok(())
    });
    told.await
        .map_err(|_| "a change did not come to all streams")??;
    let took = start.elapsed().as_millis();
    println!("count streams_told {count}");
    println!("count milliseconds_to_tell_all {took}");
    drop(streams);
    server.rest(base).await?;
    Ok(memory?)
}

/// A stream of 2026-07-28.
async fn subscription(server: Subject, number: usize) -> io::Result<Raw> {
    let mut raw = Raw::connect_from(number, server.address).await?;
    let filter = json!({ "notifications": { "resourceSubscriptions": ["trial://beat"] } });
    let host = raw.host().to_owned();
    raw.send(requests::modern(&host, 1, "subscriptions/listen", filter))
        .await?;
    accepted(raw.head().await?.status)?;
    let first = raw.event().await?.unwrap_or_default();
    match first["method"] == "notifications/subscriptions/acknowledged" {
        true => Ok(raw),
        false => Err(io::Error::other(format!("no acknowledgement but {first}"))),
    }
}

/// The stream of a session.
async fn session(server: Subject, number: usize) -> io::Result<Raw> {
    let mut raw = Raw::connect_from(number, server.address).await?;
    let host = raw.host().to_owned();
    let session = raw.open_session().await?;
    let subscribe: Value = json!({ "jsonrpc": "2.0", "id": 1, "method": "resources/subscribe",
        "params": { "uri": "trial://beat" } });
    let subscribe = requests::in_session(&host, &session, &subscribe);
    accepted(raw.ask(subscribe).await?.0.status)?;
    raw.send(requests::listen(&host, &session, None)).await?;
    accepted(raw.head().await?.status)?;
    Ok(raw)
}

fn accepted(status: u16) -> io::Result<()> {
    match status {
        200 => Ok(()),
        _ => Err(io::Error::other(format!("refused with {status}"))),
    }
}
