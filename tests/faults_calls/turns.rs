//! Bounded concurrency: calls that wait for their turn, and what can happen to them meanwhile.

use serde_json::{Value, json};
use toolwright::Limits;

use crate::support::{Peer, call, cancel, error_of, request, text_result, until_idle};
use crate::{connected, served};

fn limits(concurrency: usize) -> Limits {
    Limits {
        concurrency,
        ..Limits::default()
    }
}

async fn send_gated(peer: &mut Peer, names: &[&str]) {
    for name in names {
        peer.send(call(*name, "gated", json!({ "name": name })))
            .await;
    }
    until_idle().await;
}

#[tokio::test(start_paused = true)]
async fn calls_beyond_the_limit_run_in_the_order_they_came() {
    let (mut peer, gates) = connected(limits(2)).await;
    send_gated(&mut peer, &["a", "b", "c", "d"]).await;
    assert_eq!(gates.events(), ["start a", "start b"]);
    for (done, next) in [("a", Some("c")), ("b", Some("d")), ("c", None), ("d", None)] {
        gates.release(1);
        assert_eq!(peer.recv().await, text_result(done, done));
        until_idle().await;
        let mut expected = vec![format!("end {done}")];
        expected.extend(next.map(|next| format!("start {next}")));
        assert_eq!(gates.events(), expected);
    }
    peer.still_serves().await;
}

#[tokio::test(start_paused = true)]
async fn a_waiting_call_that_is_cancelled_never_starts() {
    let (mut peer, gates) = connected(limits(1)).await;
    send_gated(&mut peer, &["a", "b", "c"]).await;
    peer.send(cancel("b")).await;
    gates.release(2);
    assert_eq!(peer.recv().await, text_result("a", "a"));
    assert_eq!(peer.recv().await, text_result("c", "c"));
    assert_eq!(gates.events(), ["start a", "end a", "start c", "end c"]);
    peer.still_serves().await;
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_makes_room_for_the_next() {
    let (mut peer, gates) = connected(limits(1)).await;
    send_gated(&mut peer, &["a", "b"]).await;
    peer.send(cancel("a")).await;
    until_idle().await;
    assert_eq!(gates.events(), ["start a", "start b", "drop a"]);
    gates.release(1);
    assert_eq!(peer.recv().await, text_result("b", "b"));
    peer.still_serves().await;
}

#[tokio::test(start_paused = true)]
async fn pings_and_the_ids_of_waiting_calls_are_checked_at_once() {
    let (mut peer, gates) = connected(limits(1)).await;
    send_gated(&mut peer, &["a", "b"]).await;
    let pong = json!({ "jsonrpc": "2.0", "id": 1, "result": {} });
    assert_eq!(peer.ask(request(1, "ping", json!({}))).await, pong);
    let twice = peer
        .ask(call("b", "echo", json!({ "text": "again" })))
        .await;
    assert_eq!(error_of(&twice), (json!("b"), -32600));
    gates.release(2);
    assert_eq!(peer.recv().await, text_result("a", "a"));
    assert_eq!(peer.recv().await, text_result("b", "b"));
    peer.still_serves().await;
}

#[tokio::test(start_paused = true)]
async fn one_request_too_many_is_refused_and_names_the_limit() {
    let limits = Limits {
        in_flight: 2,
        ..limits(1)
    };
    let (mut peer, gates) = connected(limits).await;
    send_gated(&mut peer, &["a", "b", "c"]).await;
    let refused = peer.recv().await;
    assert_eq!(error_of(&refused), (json!("c"), -32603));
    assert!(refused.to_string().contains("`in_flight`"), "{refused}");
    gates.release(2);
    peer.recv().await;
    peer.recv().await;
    peer.still_serves().await;
}

#[tokio::test(start_paused = true)]
async fn one_connection_does_not_wait_for_the_calls_of_another() {
    let (server, gates) = served(limits(1));
    let mut busy = Peer::legacy(&server, "2025-11-25").await;
    send_gated(&mut busy, &["a", "b"]).await;
    Peer::legacy(&server, "2025-11-25")
        .await
        .still_serves()
        .await;
    assert_eq!(gates.events(), ["start a"]);
}

#[tokio::test(start_paused = true)]
async fn waiting_calls_are_drained_like_those_that_run() {
    let (mut peer, gates) = connected(limits(1)).await;
    send_gated(&mut peer, &["a", "b", "c"]).await;
    peer.close_input().await;
    gates.release(3);
    assert_eq!(
        peer.rest().await,
        ["a", "b", "c"].map(|id| text_result(id, id))
    );
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_by_the_handle_drains_and_reads_nothing_more() {
    let (server, gates) = served(limits(1));
    let mut peer = Peer::legacy(&server, "2025-11-25").await;
    send_gated(&mut peer, &["a", "b"]).await;
    server.shutdown();
    until_idle().await;
    peer.send(call("late", "echo", json!({ "text": "late" })))
        .await;
    gates.release(2);
    let rest: Vec<Value> = peer.rest().await;
    assert_eq!(rest, ["a", "b"].map(|id| text_result(id, id)));
}

#[tokio::test(start_paused = true)]
async fn fault_27_an_id_that_a_batch_uses_twice_is_refused_the_second_time() {
    let (server, gates) = served(Limits::default());
    let mut peer = Peer::legacy(&server, "2025-03-26").await;
    let gated = |name| call(1, "gated", json!({ "name": name }));
    peer.send(json!([gated("first"), gated("second")])).await;
    until_idle().await;
    assert_eq!(gates.events(), ["start first"]);
    gates.release(1);
    let Value::Array(mut answers) = peer.recv().await else {
        panic!("a batch is answered by a batch");
    };
    answers.sort_by_key(|answer| answer.get("error").is_some());
    assert_eq!(answers[0], text_result(1, "first"));
    assert_eq!(error_of(&answers[1]), (json!(1), -32600));
    peer.still_serves().await;
}

#[tokio::test(start_paused = true)]
async fn fault_45_a_cancelled_part_of_a_batch_is_left_out_of_its_answer() {
    let (server, gates) = served(Limits::default());
    let mut peer = Peer::legacy(&server, "2025-03-26").await;
    let gated = |id, name| call(id, "gated", json!({ "name": name }));
    peer.send(json!([gated(1, "a"), gated(2, "b")])).await;
    peer.send(cancel(1)).await;
    until_idle().await;
    gates.release(1);
    assert_eq!(peer.recv().await, json!([text_result(2, "b")]));
    peer.send(json!([gated(3, "c")])).await;
    peer.send(cancel(3)).await;
    // Nothing is left to say, and so nothing is said.
    peer.still_serves().await;
}
