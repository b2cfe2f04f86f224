//! Retries sent twice, and answers that were lost: at most once with a store that the processes share,
//! the same key without.

use crate::caller::{Call, text};
use crate::ledger::Ledger;
use crate::peer::Peer;
use crate::replica::{Replica, Store};

/// A call whose first question is answered, so that its next round runs a step; and two processes.
async fn answered(ledger: &Ledger, store: Store) -> (Call, Replica, Replica) {
    let one = Replica::start(ledger, store).await;
    let other = Replica::start(ledger, store).await;
    let call = Call::of("journey");
    let asked = call.send(one.address).await;
    (call.answering(&asked), one, other)
}

#[tokio::test]
async fn with_a_store_a_retry_sent_twice_runs_once_on_both_processes() {
    let ledger = Ledger::held().await;
    let (retry, one, other) = answered(&ledger, Store::Shared).await;
    let both = async { tokio::join!(retry.send(one.address), retry.send(other.address)) };
    let (answers, ()) = tokio::join!(both, async {
        ledger.came().await;
        ledger.answer(2);
    });
    let (first, second) = answers;
    assert_eq!(first["result"], second["result"]);
    assert_eq!(ledger.steps(), ["out"]);
    // And once more, when all is over.
    assert_eq!(retry.send(other.address).await["result"], first["result"]);

    let retry = retry.answering(&first);
    let asked = retry.send(other.address).await;
    let retry = retry.answering(&asked);
    for replica in [&one, &other] {
        assert_eq!(
            text(&retry.send(replica.address).await),
            "from to to, sure: 1 and 2"
        );
    }
    assert_eq!(ledger.steps(), ["out", "back"]);
}

#[tokio::test]
async fn with_a_store_a_lost_answer_is_given_again_by_another_process() {
    let ledger = Ledger::open().await;
    let (retry, one, other) = answered(&ledger, Store::Shared).await;
    let mut peer = Peer::connect(one.address).await;
    peer.send(retry.bytes()).await;
    ledger.ended(1).await;
    // Nobody reads the answer, and the process is gone.
    drop(peer);
    one.kill().await;
    let again = retry.send(other.address).await;
    assert_eq!(ledger.steps(), ["out"]);
    let retry = retry.answering(&again);
    let asked = retry.send(other.address).await;
    assert_eq!(ledger.steps(), ["out", "back"]);
    let last = retry.answering(&asked).send(other.address).await;
    assert_eq!(text(&last), "from to to, sure: 1 and 2");
}

#[tokio::test]
async fn without_a_store_what_runs_twice_has_the_same_key() {
    let ledger = Ledger::open().await;
    let (retry, one, other) = answered(&ledger, Store::None).await;
    let first = retry.send(one.address).await;
    let second = retry.send(other.address).await;
    let charges = ledger.charges().clone();
    assert_eq!((charges.len(), &charges[0]), (2, &charges[1]));

    // A service that knows the key charges once; whichever answer goes on, it goes on well.
    for answer in [first, second] {
        let retry = retry.answering(&answer);
        let asked = retry.send(one.address).await;
        let last = retry.answering(&asked).send(other.address).await;
        assert!(text(&last).starts_with("from to to, sure: "), "{last}");
    }
    let keys: std::collections::BTreeSet<_> = ledger.charges().iter().cloned().collect();
    assert_eq!(keys.len(), 2, "{keys:?}");
}
