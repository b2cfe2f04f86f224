//! Faults 45, 46, 49 and 53: cancelled, timed out and late, in every order.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use toolwright::Limits;

use crate::support::{Peer, call, cancel, error_of, request, text_result, until_idle};
use crate::{connected, served};

#[tokio::test(start_paused = true)]
async fn fault_45_an_id_is_free_again_as_soon_as_its_call_is_cancelled() {
    let (mut peer, gates) = connected(Limits::default()).await;
    peer.send(call(1, "stubborn", json!({}))).await;
    peer.send(cancel(1)).await;
    // The first call still runs, and is nobody's any more.
    peer.send(call(1, "gated", json!({ "name": "second" })))
        .await;
    until_idle().await;
    assert_eq!(gates.events(), ["start stubborn", "start second"]);
    gates.release(1);
    assert_eq!(peer.recv().await, text_result(1, "second"));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(gates.events(), ["end second", "drop stubborn"]);
    peer.still_serves().await;
}

#[tokio::test(start_paused = true)]
async fn fault_45_a_watching_handler_gets_its_grace_and_no_more() {
    let (mut peer, gates) = connected(Limits::default()).await;
    peer.send(call(1, "watch", json!({}))).await;
    peer.send(call(2, "stubborn", json!({}))).await;
    peer.send(call(3, "hang", json!({}))).await;
    until_idle().await;
    gates.events();
    for id in [1, 2, 3] {
        peer.send(cancel(id)).await;
    }
    until_idle().await;
    let mut ends = gates.events();
    ends.sort();
    assert_eq!(ends, ["drop hang", "end watch"]);
    tokio::time::sleep(Limits::default().cancel_grace).await;
    assert_eq!(gates.events(), ["drop stubborn"]);
    peer.still_serves().await;
}

#[tokio::test(start_paused = true)]
async fn fault_45_requests_that_cannot_be_cancelled_are_answered() {
    let (mut peer, _) = connected(Limits::default()).await;
    peer.send(cancel(1)).await;
    let pong = json!({ "jsonrpc": "2.0", "id": 1, "result": {} });
    assert_eq!(peer.ask(request(1, "ping", json!({}))).await, pong);
    peer.send(cancel(1)).await;
    peer.send(cancel("handshake")).await;
    peer.still_serves().await;
}

/// Each call is answered once when its end comes first, and not at all when its cancellation
/// does; in both orders nothing else is harmed.
#[tokio::test(start_paused = true)]
async fn fault_46_an_end_and_a_cancellation_at_once_have_one_outcome() {
    let (mut peer, gates) = connected(Limits::default()).await;
    for round in 0..50 {
        let id = format!("call {round}");
        peer.send(call(id.as_str(), "gated", json!({ "name": "x" })))
            .await;
        until_idle().await;
        if round % 2 == 0 {
            gates.release(1);
            peer.send(cancel(id.as_str())).await;
        } else {
            peer.send(cancel(id.as_str())).await;
            gates.release(1);
        }
        let pong = json!({ "jsonrpc": "2.0", "id": "mark", "result": {} });
        let first = peer.ask(request("mark", "ping", json!({}))).await;
        if first != pong {
            assert_eq!(first, text_result(id.as_str(), "x"));
            assert_eq!(peer.recv().await, pong);
        }
        until_idle().await;
        // What the cancelled call did not take must not be there for the next.
        if gates.events().last().unwrap().starts_with("drop") {
            peer.send(call("take", "gated", json!({ "name": "take" })))
                .await;
            assert_eq!(peer.recv().await, text_result("take", "take"));
        }
    }
    peer.still_serves().await;
}

#[tokio::test(start_paused = true)]
async fn fault_46_an_end_and_a_timeout_at_once_have_one_outcome() {
    let limits = Limits {
        call_timeout: Duration::from_secs(2),
        ..Limits::default()
    };
    for before in [Duration::ZERO, Duration::from_nanos(1)] {
        let (mut peer, gates) = connected(limits.clone()).await;
        let start = Instant::now();
        peer.send(call(1, "gated", json!({ "name": "x" }))).await;
        tokio::task::yield_now().await;
        tokio::time::sleep_until(start + limits.call_timeout - before).await;
        gates.release(1);
        let answer = peer.recv().await;
        if answer.get("result").is_none() {
            assert_eq!(error_of(&answer), (json!(1), -32603));
        }
        peer.send(cancel(1)).await;
        peer.still_serves().await;
        assert_eq!(peer_rest(peer).await, Vec::<Value>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn fault_46_a_disconnect_drops_what_still_runs() {
    let (server, gates) = served(Limits::default());
    let mut peer = Peer::legacy(&server, "2025-11-25").await;
    peer.send(call(1, "hang", json!({}))).await;
    peer.send(call(2, "gated", json!({ "name": "x" }))).await;
    until_idle().await;
    gates.events();
    peer.hang_up().await;
    let mut events = gates.events();
    events.sort();
    assert_eq!(events, ["drop hang", "drop x"]);
    Peer::legacy(&server, "2025-11-25")
        .await
        .still_serves()
        .await;
}

#[tokio::test(start_paused = true)]
async fn fault_49_nothing_is_reported_after_the_answer() {
    let (mut peer, gates) = connected(Limits::default()).await;
    let mut request = call(1, "after_the_end", json!({}));
    request["params"]["_meta"] = json!({ "progressToken": "t" });
    assert_eq!(peer.ask(request).await, text_result(1, "answered"));
    gates.release(1);
    until_idle().await;
    assert_eq!(gates.events(), ["reported"]);
    peer.still_serves().await;
    assert_eq!(peer_rest(peer).await, Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn fault_53_a_call_is_answered_when_its_time_is_over() {
    let limits = Limits {
        call_timeout: Duration::from_secs(10),
        ..Limits::default()
    };
    let (mut peer, gates) = connected(limits).await;
    let start = Instant::now();
    for (id, tool) in [(1, "hang"), (2, "watch"), (3, "stubborn")] {
        peer.send(call(id, tool, json!({}))).await;
    }
    let text = "The handler did not finish within 10 s (limit `call_timeout`)";
    for id in [1, 2, 3] {
        let error = json!({ "code": -32603, "message": text });
        let expected = json!({ "jsonrpc": "2.0", "id": id, "error": error });
        assert_eq!(peer.recv().await, expected);
    }
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut ends = gates.events().split_off(3);
    ends.sort();
    assert_eq!(ends, ["drop hang", "drop stubborn", "end watch"]);
    peer.still_serves().await;
}

/// Ends the input and returns everything that still came.
async fn peer_rest(mut peer: Peer) -> Vec<Value> {
    peer.close_input().await;
    peer.rest().await
}
