//! Every step runs once, wherever the rounds of its call go.

use serde_json::Value;

use crate::caller::{Call, call_in_session, text};
use crate::ledger::Ledger;
use crate::replica::{Replica, Store};

const DONE: &str = "from to to, sure: 1 and 2";

/// Sends the call to each process in turn, until it is done.
async fn call_over(replicas: &[&Replica]) -> Value {
    let mut call = Call::of("journey");
    let mut answer = Value::Null;
    for (round, replica) in replicas.iter().enumerate() {
        if round > 0 {
            call = call.answering(&answer);
        }
        answer = call.send(replica.address).await;
    }
    answer
}

#[tokio::test]
async fn rounds_spread_over_two_processes_run_each_step_once() {
    for store in [Store::None, Store::Shared] {
        let ledger = Ledger::open().await;
        let one = Replica::start(&ledger, store).await;
        let other = Replica::start(&ledger, store).await;
        let answer = call_over(&[&one, &other, &one, &other]).await;
        assert_eq!(text(&answer), DONE);
        assert_eq!(ledger.steps(), ["out", "back"]);
        let charges = ledger.charges().clone();
        assert_ne!(charges[0].1, charges[1].1, "each step has a key of its own");
    }
}

#[tokio::test]
async fn a_session_runs_each_step_once() {
    let ledger = Ledger::open().await;
    let replica = Replica::start(&ledger, Store::None).await;
    assert_eq!(text(&call_in_session(replica.address).await), DONE);
    assert_eq!(ledger.steps(), ["out", "back"]);
}

#[tokio::test]
async fn a_process_killed_between_rounds_takes_no_step_with_it() {
    let ledger = Ledger::open().await;
    let mut call = Call::of("journey");
    let mut answer = Value::Null;
    for round in 0..4 {
        if round > 0 {
            call = call.answering(&answer);
        }
        // Each round has a process of its own, which is gone before the next.
        let replica = Replica::start(&ledger, Store::None).await;
        answer = call.send(replica.address).await;
        replica.kill().await;
    }
    assert_eq!(text(&answer), DONE);
    assert_eq!(ledger.steps(), ["out", "back"]);
}
