//! How soon a handler hears that nobody wants its answer any more.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use serde_json::json;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};
use toolwright::Revision;
use toolwright::client::{CallOptions, Client, ClientConfig};
use trials::clock::{micros, p99};
use trials::raw::Raw;
use trials::requests;
use trials::settings::Settings;

use super::{GONE, Subject, hold_time};
use crate::Outcome;

/// The most that the 99th percentile may be, in milliseconds.
const MOST: f64 = 10.0;

/// Lets `count` calls of each kind end, and asks when their handlers heard of it.
pub(crate) async fn run(settings: &Settings) -> Outcome {
    let server = Subject::of(settings)?;
    let count: usize = settings.need("count")?;
    let mut outcome = Ok(());
    for kind in ["disconnect", "notification", "dropped_call"] {
        let mut told = BTreeMap::new();
        let mut session = Session::open(server).await?;
        let client = connect(server).await?;
        for number in 0..count {
            let nonce = format!("{kind} {number}");
            let at = match kind {
                "disconnect" => disconnect(server, &nonce).await?,
                "notification" => session.cancel(&nonce).await?,
                _ => drop_call(&client, &nonce).await?,
            };
            told.insert(nonce, at);
        }
        let took = heard(server, told).await?;
        let milliseconds = p99(took).as_secs_f64() * 1000.0;
        let name = format!("p99_ms_of_cancel_by_{kind}");
        let held = hold_time(settings, &name, milliseconds, MOST);
        outcome = outcome.and(held);
    }
    Ok(outcome?)
}

/// Begins a call and closes its connection; says when.
async fn disconnect(server: Subject, nonce: &str) -> io::Result<u64> {
    let mut raw = Raw::connect(server.address).await?;
    let host = raw.host().to_owned();
    let held = json!({ "nonce": nonce });
    raw.send(requests::modern_call(&host, 1, "hold", held))
        .await?;
    raw.head().await?;
    raw.event().await?;
    let at = micros();
    drop(raw);
    Ok(at)
}

/// A session, with a connection for its calls and one for what is said meanwhile.
struct Session {
    calls: Raw,
    notes: Raw,
    id: String,
}

impl Session {
    async fn open(server: Subject) -> io::Result<Self> {
        let mut calls = Raw::connect(server.address).await?;
        let id = calls.open_session().await?;
        let notes = Raw::connect(server.address).await?;
        Ok(Self { calls, notes, id })
    }

    /// Begins a call and cancels it by a notification; says when.
    async fn cancel(&mut self, nonce: &str) -> io::Result<u64> {
        let host = self.calls.host().to_owned();
        let held = json!({ "nonce": nonce });
        let call = requests::session_call(&host, &self.id, 1, "hold", held);
        self.calls.send(call).await?;
        self.calls.head().await?;
        self.calls.event().await?;
        let cancelled = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled",
            "params": { "requestId": 1 } });
        let cancelled = requests::in_session(&host, &self.id, &cancelled);
        let at = micros();
        self.notes.ask(cancelled).await?;
        // Nothing comes after an accepted cancellation but the end.
        match self.calls.event().await? {
            None => Ok(at),
            Some(more) => Err(io::Error::other(format!("a cancelled call said {more}"))),
        }
    }
}

async fn connect(server: Subject) -> Result<Client, Box<dyn std::error::Error>> {
    let config = ClientConfig::new("trial", "1.0.0").pin(Revision::V2026_07_28);
    let url = format!("http://{}/mcp", server.address);
    Ok(Client::connect(url.as_str(), config).await?)
}

/// Begins a call of our client and drops its future; says when.
async fn drop_call(client: &Client, nonce: &str) -> Result<u64, Box<dyn std::error::Error>> {
    let (begun, began) = oneshot::channel();
    let begun = std::sync::Mutex::new(Some(begun));
    let options = CallOptions::new().on_progress(move |_| {
        let begun = begun.lock().map(|mut begun| begun.take());
        if let Ok(Some(begun)) = begun {
            // Nobody has waited for it if the call is over.
            let _ = begun.send(());
        }
    });
    let client = client.with(options);
    let call = client.call("hold", json!({ "nonce": nonce }));
    tokio::select! {
        ended = call => Err(format!("the call ended: {ended:?}").into()),
        begun = began => {
            begun?;
            Ok(micros())
        }
    }
}

/// Waits until every handler has heard of its end, and says how long each took.
async fn heard(server: Subject, told: BTreeMap<String, u64>) -> Result<Vec<Duration>, String> {
    let start = Instant::now();
    let mut took = Vec::new();
    while took.len() < told.len() {
        let answer = server.ask("cancelled").await?;
        let heard = answer["structuredContent"].as_object();
        for (nonce, at) in heard.into_iter().flatten() {
            let at = at.as_u64().unwrap_or_default();
            if let Some(told) = told.get(nonce) {
                took.push(Duration::from_micros(at.saturating_sub(*told)));
            }
        }
        if start.elapsed() > GONE {
            let missing = told.len() - took.len();
            return Err(format!("{missing} handlers never heard of their end"));
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(took)
}
