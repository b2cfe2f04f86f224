//! A client that goes away while a step runs: the step is finished, and nothing else.

use serde_json::json;

use crate::caller::Call;
use crate::ledger::Ledger;
use crate::peer::Peer;
use crate::replica::{Replica, Store};

/// Sends the round that runs the step to a process, and goes away when the step has begun. Returns
/// the round when the step has ended.
async fn interrupted(ledger: &Ledger, replica: &Replica) -> Call {
    let call = Call::of("unheard");
    let asked = call.send(replica.address).await;
    let retry = call.answering(&asked);
    let mut peer = Peer::connect(replica.address).await;
    peer.send(retry.bytes()).await;
    ledger.came().await;
    drop(peer);
    ledger.came().await;
    retry
}

#[tokio::test]
async fn a_step_that_runs_is_finished_although_its_client_is_gone() {
    let ledger = Ledger::open().await;
    let replica = Replica::start(&ledger, Store::None).await;
    interrupted(&ledger, &replica).await;
    // Another call is served meanwhile, and nothing came behind the step.
    Call::of("journey").send(replica.address).await;
    assert_eq!(ledger.steps(), ["begun", "finished"]);
}

#[tokio::test]
async fn with_a_store_a_round_that_was_interrupted_is_not_run_again() {
    let ledger = Ledger::open().await;
    let one = Replica::start(&ledger, Store::Shared).await;
    let other = Replica::start(&ledger, Store::Shared).await;
    let retry = interrupted(&ledger, &one).await;
    for replica in [&one, &other] {
        let again = retry.send(replica.address).await;
        assert_eq!(again["error"]["code"], json!(-32603), "{again}");
        let message = again["error"]["message"].as_str().unwrap();
        assert!(message.contains("interrupted"), "{message}");
    }
    assert_eq!(ledger.steps(), ["begun", "finished"]);
}

#[tokio::test]
async fn with_a_store_a_round_whose_process_died_is_not_run_again() {
    // The charge is noted and never answered, so that the step runs until its process is killed.
    let ledger = Ledger::held().await;
    let one = Replica::start(&ledger, Store::Shared).await;
    let other = Replica::start(&ledger, Store::Shared).await;
    let call = Call::of("journey");
    let asked = call.send(one.address).await;
    let retry = call.answering(&asked);
    let mut peer = Peer::connect(one.address).await;
    peer.send(retry.bytes()).await;
    ledger.came().await;
    one.kill().await;
    let again = retry.send(other.address).await;
    assert_eq!(again["error"]["message"], "its process died", "{again}");
    assert_eq!(ledger.steps(), ["out"]);
}
