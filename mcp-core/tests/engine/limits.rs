//! What a peer can make a connection hold.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use mcp_core::Limits;
use serde_json::{Value, json};

use crate::harness::Server;
use crate::messages::{call, cancelled, error, modern, modern_call, modern_result, result, said};

const NOTHING: [Value; 0] = [];

#[test]
fn one_request_more_than_the_limit_is_refused_and_room_comes_back() {
    let mut server = Server::limited(Limits {
        in_flight: 2,
        ..Limits::default()
    });
    let why = "Too many requests are unanswered on this connection (limit `in_flight` = 2)";
    server.send(&modern_call(1, "later"));
    server.send(&modern(
        2,
        "subscriptions/listen",
        json!({ "notifications": {} }),
    ));
    assert_eq!(server.send(&modern_call(3, "now")), [error(3, -32603, why)]);
    server.send(&cancelled(2));
    assert_eq!(
        server.send(&modern_call(3, "now")),
        [modern_result(3, said("done"))]
    );
    server.finish(1);
    server.lives();
}

#[test]
fn a_batch_has_no_more_room_than_single_requests() {
    let mut server = Server::limited(Limits {
        in_flight: 2,
        ..Limits::default()
    });
    server.handshake("2025-03-26");
    assert_eq!(
        server.send(&json!([call(1, "later"), call(2, "later"), call(3, "now")])),
        NOTHING
    );
    assert_eq!(server.engine.in_flight(), 2);
    server.finish(2);
    let why = "Too many requests are unanswered on this connection (limit `in_flight` = 2)";
    let answers = [
        error(3, -32603, why),
        result(2, said("late")),
        result(1, said("late")),
    ];
    assert_eq!(server.finish(1), [json!(answers)]);
    server.lives();
}

#[test]
fn calls_beyond_the_concurrency_wait_and_run_in_order() {
    let mut server = Server::limited(Limits {
        concurrency: 1,
        ..Limits::default()
    });
    for id in 1..=3 {
        assert_eq!(server.send(&modern_call(id, "later")), NOTHING);
    }
    assert_eq!((server.running.len(), server.engine.parked()), (1, 2));
    assert!(server.engine.parked_bytes() > 0);
    for id in 1..=3 {
        assert_eq!(server.finish(id), [modern_result(id, said("late"))]);
    }
    assert_eq!(server.engine.parked_bytes(), 0);
    server.lives();
}

#[test]
fn a_parked_call_that_is_cancelled_never_runs() {
    let mut server = Server::limited(Limits {
        concurrency: 1,
        ..Limits::default()
    });
    server.send(&modern_call(1, "later"));
    server.send(&modern_call(2, "later"));
    assert_eq!(server.send(&cancelled(2)), NOTHING);
    assert_eq!(
        (server.engine.parked(), server.engine.parked_bytes()),
        (0, 0)
    );
    server.finish(1);
    assert_eq!(server.executed, 1);
    server.lives();
}

#[test]
fn cancelling_handlers_that_go_on_is_no_way_past_the_concurrency() {
    let mut server = Server::limited(Limits {
        concurrency: 2,
        ..Limits::default()
    });
    for id in 0..10 {
        server.send(&modern_call(id, "watch"));
        server.send(&cancelled(id));
    }
    assert_eq!(server.executed, 2);
    server.advance(Duration::from_secs(1));
    server.lives();
}

#[test]
fn one_slow_request_does_not_keep_what_came_after_it() {
    let mut server = Server::new();
    server.send(&modern_call(0, "later"));
    for id in 1..1000 {
        server.send(&modern_call(id, "later"));
        server.finish(id);
    }
    let held = format!("{:?}", server.engine).matches("Ticket").count();
    assert!(held <= 70, "{held} deadlines are kept");
    server.finish(0);
    server.lives();
}

#[test]
fn an_oversized_line_is_one_error_that_names_the_limit() {
    let mut server = Server::limited(Limits {
        stdio_line: 100,
        ..Limits::default()
    });
    server.engine.handle_oversized(server.now);
    let why = "Invalid request: the line is longer than 100 bytes (limit `stdio_line`)";
    assert_eq!(
        server.output(),
        [crate::messages::error_without_id(-32600, why)]
    );
    server.lives();
}

#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn those_who_wait_for_a_cancellation_are_all_woken_and_those_who_gave_up_are_forgotten() {
    let mut server = Server::new();
    server.send(&modern_call(1, "watch"));
    let exchange = server.exchange(1);
    let gone = Arc::new(Counter::default());
    for _ in 0..100 {
        let waker = Waker::from(Arc::clone(&gone));
        let waiting = pin!(exchange.cancelled());
        assert!(waiting.poll(&mut Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(Arc::strong_count(&gone), 1, "no waker is kept");
    let counter = Arc::new(Counter::default());
    let waker = Waker::from(Arc::clone(&counter));
    let mut context = Context::from_waker(&waker);
    let (mut first, mut second) = (pin!(exchange.cancelled()), pin!(exchange.cancelled()));
    for _ in 0..2 {
        assert!(first.as_mut().poll(&mut context).is_pending());
        assert!(second.as_mut().poll(&mut context).is_pending());
    }
    server.send(&cancelled(1));
    assert_eq!(counter.0.load(Ordering::Relaxed), 2);
    assert_eq!(gone.0.load(Ordering::Relaxed), 0);
    assert_eq!(first.poll(&mut context), Poll::Ready(()));
    assert_eq!(second.poll(&mut context), Poll::Ready(()));
    server.finish(1);
    server.lives();
}
