//! Faults 1, 7, 15, 17 and 52: floods, ends and panics by the clock.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use toolwright::Limits;

use crate::support::{Peer, call, cancel, error_of, request, text_result, until_idle};
use crate::{connected, served};

#[tokio::test(start_paused = true)]
async fn fault_01_errors_for_junk_are_few_and_valid_requests_are_not_counted() {
    let (mut peer, _) = connected(Limits::default()).await;
    for _ in 0..2 {
        for _ in 0..500 {
            peer.send_text("junk").await;
        }
        for _ in 0..64 {
            let answer = peer.recv().await;
            assert_eq!(error_of(&answer), (Value::Null, -32700));
        }
        peer.still_serves().await;
        tokio::time::advance(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn fault_07_a_line_over_the_cap_is_one_error_and_the_next_line_is_read() {
    let limits = Limits {
        stdio_line: 1000,
        ..Limits::default()
    };
    let (mut peer, _) = connected(limits).await;
    for length in [1001, 1 << 20] {
        let long = call(1, "echo", json!({ "text": "x".repeat(length) }));
        peer.send(long).await;
        let refused = peer.recv().await;
        assert_eq!(error_of(&refused), (Value::Null, -32600), "{length}");
        assert!(refused.to_string().contains("`stdio_line`"), "{refused}");
        peer.still_serves().await;
    }
}

#[tokio::test(start_paused = true)]
async fn fault_15_calls_have_five_seconds_after_the_end_of_input() {
    let (mut peer, gates) = connected(Limits::default()).await;
    peer.send(call(1, "gated", json!({ "name": "in time" })))
        .await;
    peer.send(call(2, "hang", json!({}))).await;
    peer.close_input().await;
    let start = Instant::now();
    tokio::time::sleep(Duration::from_millis(4_900)).await;
    gates.release(1);
    assert_eq!(peer.rest().await, [text_result(1, "in time")]);
    assert_eq!(start.elapsed(), Duration::from_secs(5));
    assert_eq!(gates.events().last().unwrap(), "drop hang");
}

#[tokio::test(start_paused = true)]
async fn fault_15_a_handler_that_watches_may_end_by_itself_after_the_drain() {
    let (mut peer, gates) = connected(Limits::default()).await;
    peer.send(call(1, "watch", json!({}))).await;
    peer.send(call(2, "stubborn", json!({}))).await;
    peer.close_input().await;
    let start = Instant::now();
    assert_eq!(peer.rest().await, Vec::<Value>::new());
    assert_eq!(start.elapsed(), Duration::from_secs(6), "drain and grace");
    let events = gates.events();
    assert_eq!(events[2..], ["end watch", "drop stubborn"], "{events:?}");
}

#[tokio::test(start_paused = true)]
async fn fault_15_a_connection_without_calls_ends_at_once() {
    let (mut peer, _) = connected(Limits::default()).await;
    let start = Instant::now();
    peer.close_input().await;
    assert_eq!(peer.rest().await, Vec::<Value>::new());
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn fault_15_an_answer_that_nobody_reads_does_not_keep_the_server() {
    let (server, _) = served(Limits::default());
    let mut peer = Peer::connect_through(&server, 256);
    peer.shake_hands("2025-11-25").await;
    peer.send(call(1, "big", json!({ "bytes": 100_000 }))).await;
    peer.close_input().await;
    let start = Instant::now();
    let (unread, serving) = peer.into_parts();
    serving.await.unwrap().unwrap();
    // What is left of the drain, and then one try to flush.
    assert!(
        start.elapsed() <= Duration::from_secs(6),
        "{:?}",
        start.elapsed()
    );
    drop(unread);
}

#[tokio::test(start_paused = true)]
async fn fault_17_a_cancel_is_read_while_both_directions_are_full() {
    let limits = Limits {
        output_backlog: 64 * 1024,
        ..Limits::default()
    };
    let (server, gates) = served(limits);
    let mut peer = Peer::connect_through(&server, 512);
    peer.shake_hands("2025-11-25").await;
    peer.send(call("hang", "hang", json!({}))).await;
    for id in 0..50 {
        peer.send(call(id, "big", json!({ "bytes": 10_000 }))).await;
    }
    peer.send(cancel("hang")).await;
    until_idle().await;
    assert_eq!(gates.events(), ["start hang", "drop hang"]);
    let mut ids = Vec::new();
    for _ in 0..50 {
        let answer = peer.recv().await;
        assert!(answer.get("result").is_some(), "{answer}");
        ids.push(answer["id"].as_i64().unwrap());
    }
    ids.sort_unstable();
    assert_eq!(ids, (0..50).collect::<Vec<_>>());
    peer.still_serves().await;
}

#[tokio::test(start_paused = true)]
async fn fault_17_a_client_that_never_reads_fills_no_more_than_the_backlog() {
    let limits = Limits {
        output_backlog: 16 * 1024,
        ..Limits::default()
    };
    let (server, _) = served(limits);
    let mut peer = Peer::connect_through(&server, 512);
    peer.shake_hands("2025-11-25").await;
    let mut sent = 0;
    let full = Duration::from_secs(1);
    // Pings are answered at once, so nothing but the backlog can stop this.
    while sent < 100_000 {
        let ping = peer.send(request(sent, "ping", json!({})));
        if tokio::time::timeout(full, ping).await.is_err() {
            break;
        }
        sent += 1;
    }
    assert!(sent < 2_000, "{sent} answers wait");
}

#[tokio::test(start_paused = true)]
async fn fault_52_panics_give_back_their_turns() {
    let limits = Limits {
        concurrency: 1,
        ..Limits::default()
    };
    let (mut peer, _) = connected(limits).await;
    for tool in ["panic_sync", "panic_late", "panic_drop", "panic_odd"] {
        for id in 0..3 {
            let answer = peer.ask(call(id, tool, json!({}))).await;
            let message = format!("Internal error: the handler of `{tool}` panicked");
            let error = json!({ "code": -32603, "message": message });
            assert_eq!(
                answer,
                json!({ "jsonrpc": "2.0", "id": id, "error": error })
            );
        }
        let answer = peer.ask(call(9, "later", json!({ "text": "well" }))).await;
        assert_eq!(answer, text_result(9, "well"));
    }
    peer.still_serves().await;
}

#[tokio::test(start_paused = true)]
async fn fault_52_a_drop_that_panics_in_a_cancelled_handler_harms_nobody() {
    let (mut peer, _) = connected(Limits::default()).await;
    peer.send(call(1, "panic_when_dropped", json!({}))).await;
    until_idle().await;
    peer.send(cancel(1)).await;
    until_idle().await;
    peer.still_serves().await;
}
