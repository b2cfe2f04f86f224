//! What the clients of the trials call. Every answer holds the nonce of its call, so that one that
//! came to another caller would show.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use toolwright::prelude::*;
use trials::clock;

/// How many calls that were held are kept until somebody asks for them. Nobody does in a soak, where
/// all of them would look like a leak.
const KEPT: usize = 1_000;

/// What the handlers know of each other.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    /// How many of each kind run.
    running: Mutex<BTreeMap<&'static str, u64>>,
    /// When each call that was held heard of its end, in microseconds since the epoch.
    cancelled: Mutex<BTreeMap<String, u64>>,
}

impl Desk {
    fn running(&self) -> MutexGuard<'_, BTreeMap<&'static str, u64>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn noted(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.cancelled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a handler for as long as it is there, however it ends.
struct Running(State<Desk>, &'static str);

impl Running {
    fn on(desk: State<Desk>, kind: &'static str) -> Self {
        *desk.running().entry(kind).or_default() += 1;
        Self(desk, kind)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(count) = self.0.running().get_mut(self.1) {
            *count -= 1;
        }
    }
}

/// Says the nonce, and as many more bytes as are wanted.
#[tool]
pub(crate) fn echo(nonce: String, pad: Option<usize>) -> String {
    let pad = pad.unwrap_or(0).min(4 << 20);
    format!("{nonce} {}", "x".repeat(pad))
}

/// Says the nonce, whatever else was sent with it.
#[tool]
pub(crate) fn weigh(nonce: String, ballast: String) -> String {
    format!("{nonce} {}", ballast.len())
}

/// Says the nonce after a while.
#[tool]
pub(crate) async fn later(desk: State<Desk>, nonce: String, milliseconds: u64) -> String {
    let _running = Running::on(desk, "later");
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    format!("{nonce} ")
}

/// Reports its steps, which carry the nonce, and then says it.
#[tool]
pub(crate) async fn steps(
    desk: State<Desk>,
    progress: Progress,
    nonce: String,
    count: u32,
    milliseconds: u64,
) -> String {
    let _running = Running::on(desk, "steps");
    for step in 1..=count {
        progress.report(step.into(), Some(count.into()), nonce.clone());
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
    format!("{nonce} ")
}

/// What the client is to repeat.
#[form]
struct Repeated {
    nonce: String,
}

/// Asks the client for the nonce, and says what it answered.
#[tool]
pub(crate) async fn confirm(
    cx: Context,
    desk: State<Desk>,
    nonce: String,
) -> Result<String, ToolError> {
    let _running = Running::on(desk, "confirm");
    let repeated: Repeated = cx.elicit("nonce", &nonce).await?.accepted()?;
    Ok(format!("{} ", repeated.nonce))
}

/// Goes on until it is cancelled, and notes when it heard of that.
#[tool]
pub(crate) async fn hold(cx: Context, desk: State<Desk>, progress: Progress, nonce: String) {
    let running = Running::on(desk, "hold");
    progress.report(1.0, None, nonce.clone());
    cx.cancelled().await;
    let heard = clock::micros();
    let mut noted = running.0.noted();
    if noted.len() == KEPT {
        noted.pop_first();
    }
    noted.insert(nonce, heard);
}

/// Reports at length, once, and then goes on until it is cancelled.
#[tool]
pub(crate) async fn flood(desk: State<Desk>, progress: Progress, bytes: usize) {
    let _running = Running::on(desk, "flood");
    progress.report(1.0, None, "x".repeat(bytes));
    std::future::pending::<()>().await;
}

/// Says to everybody who subscribed to it that the beat is another one.
#[tool]
pub(crate) fn change(cx: Context) -> &'static str {
    cx.server().resource_updated("trial://beat");
    "changed"
}

/// How many handlers run, and of which tools.
#[tool]
pub(crate) fn running(desk: State<Desk>) -> String {
    let running = desk.running();
    let mut text = running.values().sum::<u64>().to_string();
    for (kind, count) in running.iter().filter(|(_, count)| **count > 0) {
        text.push_str(&format!(" {kind}:{count}"));
    }
    text
}

/// When the calls that were held heard of their end. Each is told once.
#[tool]
pub(crate) fn cancelled(desk: State<Desk>) -> Json<BTreeMap<String, u64>> {
    Json(std::mem::take(&mut *desk.noted()))
}

/// What changes.
#[resource("trial://beat")]
pub(crate) fn beat() -> &'static str {
    "beat"
}
