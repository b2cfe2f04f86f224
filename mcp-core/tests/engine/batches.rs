//! Batches of 2025-03-26 (RPC-L-11).

use serde_json::{Value, json};

use crate::harness::Server;
use crate::messages::{
    call, cancelled, error, initialize, modern, modern_call, notification, request, result, said,
};

const NOTHING: [Value; 0] = [];

fn server() -> Server {
    Server::ready("2025-03-26")
}

#[test]
fn the_answers_of_a_batch_leave_as_one_array_when_the_last_is_there() {
    let mut server = server();
    let batch = json!([
        call(1, "later"),
        notification("notifications/new", json!({})),
        call(2, "now"),
        request(3, "ping", json!({})),
        call(4, "later"),
    ]);
    assert_eq!(server.send(&batch), NOTHING);
    assert_eq!(server.finish(4), NOTHING);
    let answers = json!([
        result(3, json!({})),
        result(2, said("done")),
        result(4, said("late")),
        result(1, said("late")),
    ]);
    assert_eq!(server.finish(1), [answers]);
    server.lives();
}

#[test]
fn a_batch_of_notifications_and_responses_has_no_answer() {
    let mut server = server();
    let batch = json!([
        notification("notifications/new", json!({})),
        cancelled(9),
        result(7, json!({})),
        { "jsonrpc": "2.0", "id": 1, "result": {}, "error": {} },
    ]);
    assert_eq!(server.send(&batch), NOTHING);
    server.lives();
}

#[test]
fn a_cancelled_call_is_left_out_of_the_answer() {
    let mut server = server();
    server.send(&json!([call(1, "later"), call(2, "later")]));
    assert_eq!(server.send(&cancelled(1)), NOTHING);
    assert_eq!(server.finish(2), [json!([result(2, said("late"))])]);
    server.send(&json!([call(1, "later")]));
    assert_eq!(
        server.send(&cancelled(1)),
        NOTHING,
        "not even an empty array"
    );
    server.lives();
}

#[test]
fn a_call_cancelled_in_its_own_batch_never_runs() {
    let mut server = server();
    let batch = json!([call(1, "later"), call(2, "now"), cancelled(1)]);
    assert_eq!(server.send(&batch), [json!([result(2, said("done"))])]);
    assert_eq!(server.executed, 1);
    server.lives();
}

#[test]
fn an_id_twice_in_a_batch_is_refused_the_second_time() {
    let mut server = server();
    let why = "Invalid request: the id 1 belongs to a request that is still unanswered";
    let batch = json!([call(1, "later"), call(1, "later")]);
    assert_eq!(server.send(&batch), NOTHING);
    let answers = json!([error(1, -32600, why), result(1, said("late"))]);
    assert_eq!(server.finish(1), [answers]);
    server.lives();
}

#[test]
fn initialize_and_modern_requests_are_refused_in_a_batch() {
    let mut server = server();
    let listen = modern(2, "subscriptions/listen", json!({ "notifications": {} }));
    let batch = json!([initialize(1, "2025-03-26"), listen, modern_call(3, "now")]);
    let modern = "Invalid request: a request of 2026-07-28 must not be part of a batch";
    let answers = json!([
        error(
            1,
            -32600,
            "Invalid request: `initialize` must not be part of a batch"
        ),
        error(2, -32600, modern),
        error(3, -32600, modern),
    ]);
    assert_eq!(server.send(&batch), [answers]);
    server.lives();
}

#[test]
fn a_call_of_a_batch_that_times_out_completes_the_answer() {
    let mut server = server();
    server.send(&json!([call(1, "later"), call(2, "now")]));
    let answer = server.advance(mcp_core::Limits::default().call_timeout);
    assert_eq!(answer[0][0], result(2, said("done")));
    assert_eq!(answer[0][1]["error"]["code"], -32603);
    server.lives();
}

#[test]
fn progress_of_a_batched_call_is_sent_at_once_and_alone() {
    let mut server = server();
    let params = json!({ "name": "later", "_meta": { "progressToken": 5 } });
    server.send(&json!([request(1, "tools/call", params)]));
    server
        .exchange(1)
        .progress(1.0, Some(2.0), Some("half".into()));
    let params = json!({ "progressToken": 5, "progress": 1, "total": 2, "message": "half" });
    assert_eq!(
        server.output(),
        [notification("notifications/progress", params)]
    );
    server.finish(1);
    server.lives();
}
