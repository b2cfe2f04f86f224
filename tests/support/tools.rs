//! Tools of every kind of behaviour, good and bad.

#![allow(deprecated, reason = "what is deprecated has to work")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use serde_json::Value;
use tokio::sync::Semaphore;
use toolwright::prelude::*;

/// What tests see of the handlers, and how they hold them.
pub(crate) struct Gates {
    turns: Semaphore,
    events: Mutex<Vec<String>>,
    calls: AtomicU64,
    open: (Mutex<bool>, Condvar),
}

impl Gates {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            turns: Semaphore::new(0),
            events: Mutex::default(),
            calls: AtomicU64::new(0),
            open: (Mutex::new(false), Condvar::new()),
        })
    }

    /// Lets `count` calls of `gated` go on, in the order they came.
    pub(crate) fn release(&self, count: usize) {
        self.turns.add_permits(count);
    }

    /// What happened since it was last asked.
    pub(crate) fn events(&self) -> Vec<String> {
        std::mem::take(&mut self.events.lock().unwrap())
    }

    fn note(&self, event: String) {
        self.events.lock().unwrap().push(event);
    }
}

type Shared = State<Arc<Gates>>;

/// Notes how a handler ended: by itself, or by being dropped.
struct Watch {
    name: String,
    gates: Arc<Gates>,
    finished: bool,
}

impl Watch {
    fn start(name: String, gates: &Arc<Gates>) -> Self {
        gates.note(format!("start {name}"));
        Self {
            name,
            gates: Arc::clone(gates),
            finished: false,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let how = if self.finished { "end" } else { "drop" };
        self.gates.note(format!("{how} {}", self.name));
    }
}

/// Adds all tools of this file to a server.
pub(crate) fn with_tools(server: Server, gates: &Arc<Gates>) -> Server {
    server
        .state(Arc::clone(gates))
        .tool::<(echo, later, add, half, shape, print, big, count, events)>()
        .tool::<(
            gated,
            hang,
            watch,
            stubborn,
            blocked,
            open,
            steps,
            flood,
            after_the_end,
        )>()
        .tool::<(
            panic_sync,
            panic_late,
            panic_drop,
            panic_odd,
            panic_blocking,
            panic_when_dropped,
        )>()
}

/// Says it again.
#[tool]
fn echo(text: String) -> String {
    text
}

/// Says it again, but not at once.
#[tool]
async fn later(text: String) -> String {
    tokio::task::yield_now().await;
    text
}

#[tool]
fn add(a: i64, b: i64) -> Result<i64, ToolError> {
    a.checked_add(b).ok_or_else(|| ToolError::new("too large"))
}

#[tool]
fn half(x: f64) -> f64 {
    x / 2.0
}

/// Any JSON, as it was understood.
#[tool]
fn shape(value: Value) -> String {
    value.to_string()
}

#[tool]
fn print(text: String) -> &'static str {
    println!("{text}");
    "printed"
}

#[tool]
async fn big(bytes: usize) -> String {
    tokio::task::yield_now().await;
    "x".repeat(bytes)
}

/// How often it was called.
#[tool]
fn count(gates: Shared) -> u64 {
    gates.calls.fetch_add(1, Ordering::Relaxed) + 1
}

/// What happened since it was last called.
#[tool]
fn events(gates: Shared) -> String {
    gates.events().join(", ")
}

/// Waits for its turn.
#[tool]
async fn gated(name: String, gates: Shared) -> String {
    let mut watch = Watch::start(name.clone(), &gates);
    gates.turns.acquire().await.unwrap().forget();
    watch.finished = true;
    name
}

/// Never ends.
#[tool]
async fn hang(gates: Shared) {
    let _watch = Watch::start("hang".to_owned(), &gates);
    std::future::pending::<()>().await;
}

/// Ends when it is cancelled.
#[tool]
async fn watch(cancelled: Cancelled, gates: Shared) -> &'static str {
    let mut watch = Watch::start("watch".to_owned(), &gates);
    cancelled.cancelled().await;
    watch.finished = true;
    "too late"
}

/// Watches for cancellation, and does not care.
#[tool]
async fn stubborn(cancelled: Cancelled, gates: Shared) {
    let _watch = Watch::start("stubborn".to_owned(), &gates);
    cancelled.cancelled().await;
    std::future::pending::<()>().await;
}

/// Holds a thread until `open` is called.
#[tool(blocking)]
fn blocked(gates: Shared) -> &'static str {
    let (open, changed) = &gates.open;
    let open = open.lock().unwrap();
    drop(changed.wait_while(open, |open| !*open).unwrap());
    "opened"
}

#[tool]
fn open(gates: Shared) -> &'static str {
    let (open, changed) = &gates.open;
    *open.lock().unwrap() = true;
    changed.notify_all();
    "open"
}

/// Reports these values as progress.
#[tool]
async fn steps(cx: Context, values: Vec<f64>) -> &'static str {
    for value in values {
        cx.progress(value, None, None);
        tokio::task::yield_now().await;
    }
    "done"
}

/// Reports progress faster than anyone could send it.
#[tool]
async fn flood(cx: Context, count: u32) -> &'static str {
    for n in 1..=count {
        cx.progress(f64::from(n), None, None);
    }
    tokio::task::yield_now().await;
    "done"
}

/// Goes on reporting when its answer was sent.
#[tool]
async fn after_the_end(cx: Context, gates: Shared) -> &'static str {
    let gates = Arc::clone(&gates);
    tokio::spawn(async move {
        gates.turns.acquire().await.unwrap().forget();
        cx.progress(99.0, None, None);
        cx.info("never to be seen");
        gates.note("reported".to_owned());
    });
    "answered"
}

#[tool]
fn panic_sync() {
    panic!("the secret of panic_sync");
}

#[tool]
async fn panic_late() {
    tokio::task::yield_now().await;
    panic!("the secret of panic_late");
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the secret of a drop");
    }
}

/// Ends well, until its locals are dropped.
#[tool]
async fn panic_drop() -> &'static str {
    let _bomb = Bomb;
    tokio::task::yield_now().await;
    "never to be seen"
}

/// Never ends, and cannot be stopped in peace.
#[tool]
async fn panic_when_dropped() {
    let _bomb = Bomb;
    std::future::pending::<()>().await;
}

/// Panics with a payload that is no text, and that panics when it is dropped.
#[tool]
async fn panic_odd() {
    tokio::task::yield_now().await;
    std::panic::panic_any(Bomb);
}

#[tool(blocking)]
fn panic_blocking() {
    panic!("the secret of panic_blocking");
}
