//! Fault 54, the last clause: a handler that holds the thread of its connection is named in the
//! log, unless it is marked `blocking`.
#![cfg(feature = "macros")]
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use serde_json::json;
use support::{Gates, Peer, call, new_server, text_result, with_tools};
use toolwright::Limits;
use toolwright::prelude::*;
use toolwright::server::{Layer, Next, Operation, Outcome};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// The handlers that were named, in order. The log belongs to the process, and so does this.
static NAMED: (Mutex<Vec<String>>, Condvar) = (Mutex::new(Vec::new()), Condvar::new());

/// Holds the thread until `name` is in the log.
fn hold_until_named(name: &str) {
    let (named, changed) = &NAMED;
    let absent = |named: &mut Vec<String>| !named.iter().any(|known| known == name);
    let patience = Duration::from_secs(60);
    let waited = changed.wait_timeout_while(named.lock().unwrap(), patience, absent);
    assert!(!waited.unwrap().1.timed_out(), "{name} was not named");
}

/// Notes what warnings say about handlers.
struct Log;

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut HandlerName);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct HandlerName;

impl Visit for HandlerName {
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "handler" {
            NAMED.0.lock().unwrap().push(value.to_owned());
            NAMED.1.notify_all();
        }
    }
}

#[tool]
fn rude() -> &'static str {
    hold_until_named("rude");
    "sorry"
}

#[tool]
async fn rude_poll() -> &'static str {
    tokio::task::yield_now().await;
    hold_until_named("rude_poll");
    "sorry"
}

#[tool(blocking)]
fn polite() -> &'static str {
    hold_until_named("rude_poll");
    "not named"
}

#[tool]
fn behind_a_layer() -> &'static str {
    hold_until_named("behind_a_layer");
    "sorry"
}

struct RudeLayer;

impl Layer for RudeLayer {
    async fn call(&self, operation: Operation, next: Next<'_>) -> Outcome {
        hold_until_named("a layer");
        next.run(operation).await
    }
}

#[tokio::test]
async fn fault_54_a_handler_that_holds_its_thread_is_named_once() {
    tracing::subscriber::set_global_default(Log).unwrap();
    let limits = Limits {
        blocked_thread: Duration::from_millis(5),
        ..Limits::default()
    };
    let tools = |server: Server| with_tools(server, &Gates::new()).limits(limits.clone());
    let server = tools(new_server().tool::<(rude, rude_poll, polite)>());
    let mut peer = Peer::legacy(&server.build().unwrap(), "2025-11-25").await;
    peer.send(call(1, "polite", json!({}))).await;
    for (id, tool) in [(2, "rude"), (3, "rude_poll")] {
        let answer = peer.ask(call(id, tool, json!({}))).await;
        assert_eq!(answer, text_result(id, "sorry"));
    }
    assert_eq!(peer.recv().await, text_result(1, "not named"));
    peer.still_serves().await;

    let server = tools(new_server().tool::<behind_a_layer>())
        .tool_layer("behind_a_layer", RudeLayer)
        .build()
        .unwrap();
    let mut layered = Peer::legacy(&server, "2025-11-25").await;
    let answer = layered.ask(call(4, "behind_a_layer", json!({}))).await;
    assert_eq!(answer, text_result(4, "sorry"));
    let named = NAMED.0.lock().unwrap().clone();
    assert_eq!(named, ["rude", "rude_poll", "a layer", "behind_a_layer"]);
}
