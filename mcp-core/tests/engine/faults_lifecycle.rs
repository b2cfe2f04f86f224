//! Faults 45 to 53: cancellation, races, progress, timeouts.

use std::time::Duration;

use mcp_core::Limits;
use mcp_core::engine::Received;
use serde_json::{Value, json};

use crate::harness::Server;
use crate::messages::{
    call, cancelled, error, modern_call, modern_result, modern_with, notification, result, said,
};

const NOTHING: [Value; 0] = [];

fn with_token(id: i64, tool: &str) -> Value {
    let params = json!({ "name": tool, "arguments": {} });
    modern_with(id, "tools/call", params, json!({ "progressToken": "t" }))
}

fn progress(value: Value) -> Value {
    notification(
        "notifications/progress",
        json!({ "progressToken": "t", "progress": value }),
    )
}

#[test]
fn fault_45_a_cancelled_request_is_silent_whenever_and_however_often_it_is_cancelled() {
    let mut server = Server::ready("2025-11-25");
    assert_eq!(server.send(&cancelled(1)), NOTHING, "before, and unknown");
    assert_eq!(server.send(&call(1, "later")), NOTHING);
    let exchange = server.exchange(1);
    assert_eq!(server.send(&cancelled(1)), NOTHING, "during");
    assert!(exchange.is_cancelled());
    assert!(server.running.is_empty(), "the handler was stopped");
    assert_eq!(server.send(&cancelled(1)), NOTHING, "twice");
    assert_eq!(server.send(&call(1, "now")), [result(1, said("done"))]);
    assert_eq!(server.send(&cancelled(1)), NOTHING, "after");
    assert_eq!(server.send(&cancelled("1")), NOTHING, "another id");
    server.lives();
}

#[test]
fn fault_45_malformed_cancellations_are_ignored() {
    let mut server = Server::ready("2025-11-25");
    assert_eq!(server.send(&call(1, "later")), NOTHING);
    for params in [
        json!({}),
        json!([]),
        json!({ "requestId": 1.5 }),
        json!({ "requestId": null }),
    ] {
        assert_eq!(
            server.send(&notification("notifications/cancelled", params)),
            NOTHING
        );
    }
    assert_eq!(server.finish(1), [result(1, said("late"))]);
    server.lives();
}

#[test]
fn fault_45_a_handler_that_watches_is_stopped_only_after_its_grace() {
    let mut server = Server::new();
    server.send(&modern_call(1, "watch"));
    server.send(&cancelled(1));
    assert_eq!(server.running.len(), 1);
    assert_eq!(server.advance(Duration::from_millis(999)), NOTHING);
    assert_eq!(server.running.len(), 1);
    assert_eq!(server.advance(Duration::from_millis(1)), NOTHING);
    assert!(server.running.is_empty());
    server.lives();
}

#[test]
fn fault_45_a_handler_that_ends_within_its_grace_says_nothing() {
    let mut server = Server::new();
    server.send(&modern_call(1, "watch"));
    server.send(&cancelled(1));
    assert_eq!(server.finish(1), NOTHING);
    assert_eq!(server.engine.poll_timeout(), None);
    server.lives();
}

#[test]
fn fault_46_of_two_ends_of_a_request_the_first_counts() {
    let mut server = Server::new();
    server.send(&modern_call(1, "watch"));
    let answer = server.advance(Limits::default().call_timeout);
    assert_eq!(answer.len(), 1);
    assert_eq!(server.finish(1), NOTHING, "after its timeout");

    server.send(&modern_call(2, "later"));
    let ticket = server.running[0].ticket.clone();
    assert_eq!(server.finish(2).len(), 1);
    server
        .engine
        .finish(&ticket, Ok(mcp_core::engine::Reply::Empty));
    assert_eq!(server.output(), NOTHING, "finished twice");
    assert_eq!(server.send(&cancelled(2)), NOTHING);
    server.lives();
}

#[test]
fn fault_46_an_old_ticket_does_not_answer_a_new_request_with_its_id() {
    let mut server = Server::new();
    server.send(&modern_call(1, "watch"));
    let old = server.running[0].ticket.clone();
    server.send(&cancelled(1));
    server.send(&modern_call(1, "later"));
    server
        .engine
        .finish(&old, Ok(mcp_core::engine::Reply::Empty));
    assert_eq!(server.output(), NOTHING);
    server.running.remove(0);
    assert_eq!(server.finish(1), [modern_result(1, said("late"))]);
    server.lives();
}

#[test]
fn fault_46_after_the_connection_closed_nothing_is_sent() {
    let mut server = Server::ready("2025-03-26");
    server.send(&json!([call(1, "later"), call(2, "now")]));
    server.send(&call(3, "watch"));
    let exchange = server.exchange(3);
    let ticket = server.running[0].ticket.clone();
    server.engine.handle_close(server.now);
    assert!(exchange.is_cancelled());
    exchange.progress(1.0, None, None);
    server
        .engine
        .finish(&ticket, Ok(mcp_core::engine::Reply::Empty));
    server.engine.end_subscriptions();
    let junk = server.engine.handle_message(server.now, b"junk");
    assert!(matches!(junk, Received::Handled));
    assert_eq!(server.output(), NOTHING);
    assert_eq!(server.advance(Duration::from_secs(1)), NOTHING);
    assert!(server.running.is_empty());
    assert!(server.engine.is_at_rest());
}

#[test]
fn fault_49_progress_only_grows_and_ends_with_the_request() {
    let mut server = Server::new();
    server.send(&with_token(1, "later"));
    let exchange = server.exchange(1);
    for value in [1.0, 1.0, 0.5, f64::NAN, f64::INFINITY, 2.5] {
        exchange.progress(value, None, None);
    }
    assert_eq!(server.output(), [progress(json!(1)), progress(json!(2.5))]);
    exchange.progress(3.0, None, None);
    let answer = [progress(json!(3)), modern_result(1, said("late"))];
    assert_eq!(server.finish(1), answer, "what was queued comes first");
    exchange.progress(4.0, None, None);
    assert_eq!(server.output(), NOTHING);
    server.lives();
}

#[test]
fn fault_49_progress_without_a_token_or_after_a_cancellation_is_suppressed() {
    let mut server = Server::new();
    server.send(&modern_call(1, "later"));
    server.exchange(1).progress(1.0, None, None);
    assert_eq!(server.output(), NOTHING);
    server.finish(1);
    server.send(&with_token(2, "later"));
    let exchange = server.exchange(2);
    exchange.progress(1.0, None, None);
    assert_eq!(
        server.send(&cancelled(2)),
        NOTHING,
        "not even what was queued"
    );
    exchange.progress(2.0, None, None);
    assert_eq!(server.output(), NOTHING);
    server.lives();
}

#[test]
fn fault_50_a_flood_of_progress_keeps_the_latest_within_the_queue() {
    let mut server = Server::new();
    server.send(&with_token(1, "later"));
    let exchange = server.exchange(1);
    for value in 0..100_000 {
        exchange.progress(f64::from(value), None, None);
    }
    let sent = server.output();
    assert_eq!(sent.len(), Limits::default().queue);
    assert_eq!(sent.last(), Some(&progress(json!(99_999))));
    server.finish(1);
    server.lives();
}

#[test]
fn fault_53_a_tool_that_never_ends_is_answered_at_the_limit_and_stopped() {
    let mut server = Server::limited(Limits {
        call_timeout: Duration::from_secs(30),
        ..Limits::default()
    });
    server.send(&with_token(1, "later"));
    let exchange = server.exchange(1);
    assert_eq!(
        server.engine.poll_timeout(),
        Some(server.now + Duration::from_secs(30))
    );
    assert_eq!(server.advance(Duration::from_millis(29_999)), NOTHING);
    exchange.progress(1.0, None, None);
    let why = "The handler did not finish within 30 s (limit `call_timeout`)";
    let answer = server.advance(Duration::from_millis(1));
    assert_eq!(answer, [progress(json!(1)), error(1, -32603, why)]);
    assert!(exchange.is_cancelled());
    assert!(server.running.is_empty());
    server.lives();
}

#[test]
fn fault_53_a_parked_call_times_out_too_and_gets_its_full_time_once_it_runs() {
    let mut server = Server::limited(Limits {
        call_timeout: Duration::from_secs(30),
        concurrency: 1,
        ..Limits::default()
    });
    server.send(&modern_call(1, "later"));
    server.advance(Duration::from_secs(10));
    server.send(&modern_call(2, "later"));
    server.send(&modern_call(3, "later"));
    assert_eq!(server.engine.parked(), 2);
    server.advance(Duration::from_secs(10));
    server.finish(1);
    assert_eq!(server.engine.parked(), 1);
    let why = "The request did not get its turn within 30 s (limit `call_timeout`)";
    assert_eq!(
        server.advance(Duration::from_secs(20)),
        [error(3, -32603, why)]
    );
    assert_eq!(
        (server.engine.parked(), server.engine.parked_bytes()),
        (0, 0)
    );
    assert_eq!(server.advance(Duration::from_secs(9)), NOTHING);
    let why = "The handler did not finish within 30 s (limit `call_timeout`)";
    assert_eq!(
        server.advance(Duration::from_secs(1)),
        [error(2, -32603, why)]
    );
    server.lives();
}

#[test]
fn fault_53_a_limit_of_forever_is_no_limit() {
    let mut server = Server::limited(Limits {
        call_timeout: Duration::MAX,
        cancel_grace: Duration::MAX,
        ..Limits::default()
    });
    server.send(&modern_call(1, "watch"));
    assert_eq!(server.engine.poll_timeout(), None);
    server.send(&cancelled(1));
    assert_eq!(server.finish(1), NOTHING);
    server.lives();
}
