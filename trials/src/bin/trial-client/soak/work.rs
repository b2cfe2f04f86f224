//! One client after the other on one way, several calls at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use toolwright::Revision;
use toolwright::client::{CallError, CallOptions, Client, ServerEvent};

use super::tally::{Count, Tally};
use super::way::Way;
use trials::dice::Dice;

/// After so long a call that has no end never has one: far more than any limit allows it.
const FOR_EVER: Duration = Duration::from_secs(30);

/// The most that a call of the trials may take with all its progress.
const LONGEST: Duration = Duration::from_secs(12);

/// How many calls are made at once, at most.
const AT_ONCE: usize = 8;

/// Makes calls until the time is over.
pub(super) async fn run(
    mut way: Way,
    revision: Revision,
    mut dice: Dice,
    until: Instant,
    tally: Arc<Tally>,
) {
    while Instant::now() < until {
        let connected = match way.connect(revision, &tally).await {
            Ok(connected) => connected,
            Err(why) => {
                let what = || format!("{revision:?} was not connected: {why}");
                tally.failed(Count::Refused, what);
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        tally.add(Count::Opened);
        for _ in 0..dice.between(5, 20) {
            let client = &connected.client;
            if Instant::now() >= until || client.is_closed() {
                break;
            }
            some_calls(client, &mut dice, &tally).await;
            if dice.below(4) == 0 {
                hear_of_a_change(client, &tally).await;
            }
        }
    }
}

/// Makes some calls at once, and awaits them all.
async fn some_calls(client: &Client, dice: &mut Dice, tally: &Arc<Tally>) {
    let mut calls = JoinSet::new();
    for _ in 0..1 + dice.below(AT_ONCE) {
        let (client, dice, tally) = (client.clone(), dice.split(), Arc::clone(tally));
        calls.spawn(one_call(client, dice, tally));
    }
    while let Some(ended) = calls.join_next().await {
        if let Err(error) = ended {
            tally.broke(format!("a call panicked: {error}"));
        }
    }
}

/// Makes a call of some kind.
async fn one_call(client: Client, mut dice: Dice, tally: Arc<Tally>) {
    let nonce = format!("{:016x}", dice.throw());
    match dice.below(10) {
        0..=3 => {
            let most = 1 << dice.between(0, 17);
            let pad = dice.below(most);
            let arguments = json!({ "nonce": nonce, "pad": pad });
            answered(&client, "echo", arguments, &nonce, &tally).await;
        }
        4 | 5 => {
            let arguments = json!({ "nonce": nonce, "milliseconds": dice.below(60) });
            answered(&client, "later", arguments, &nonce, &tally).await;
        }
        6 | 7 => {
            let arguments = json!({ "nonce": nonce, "count": 1 + dice.below(6), "milliseconds": dice.below(30) });
            reporting(&client, arguments, &nonce, &tally).await;
        }
        8 => {
            let arguments = json!({ "nonce": nonce });
            answered(&client, "confirm", arguments, &nonce, &tally).await;
        }
        _ => {
            let held = json!({ "nonce": nonce });
            let patience = Duration::from_millis(dice.between(1, 80));
            let ended = timeout(patience, client.call("hold", held)).await;
            // Nobody but a fault answers it; dropped, it is cancelled.
            match ended {
                Err(_) => tally.add(Count::Cancelled),
                Ok(Err(error)) => tally.failed(Count::Failed, || format!("hold: {error}")),
                Ok(Ok(answer)) => tally.broke(format!("hold was answered: {answer:?}")),
            }
        }
    }
}

/// Calls a tool that reports, whose reports have to be its own and in their order.
async fn reporting(client: &Client, arguments: Value, nonce: &str, tally: &Arc<Tally>) {
    let (own, told) = (nonce.to_owned(), Arc::clone(tally));
    let ended = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&ended);
    let options = CallOptions::new()
        .max_total(LONGEST)
        .on_progress(move |report| {
            told.add(Count::Reports);
            if report.message.as_deref() != Some(own.as_str()) {
                told.broke(format!("{own} got the report of {:?}", report.message));
            }
            if seen.load(Ordering::Relaxed) {
                told.broke(format!("{own} got a report after its answer"));
            }
        });
    answered(&client.with(options), "steps", arguments, nonce, tally).await;
    ended.store(true, Ordering::Relaxed);
}

/// Calls a tool whose answer has to be the call's own.
async fn answered(client: &Client, tool: &str, arguments: Value, nonce: &str, tally: &Tally) {
    tally.add(Count::Calls);
    let Ok(ended) = timeout(FOR_EVER, client.call(tool, arguments)).await else {
        return tally.broke(format!("{tool} {nonce} has no end"));
    };
    let answer = match ended {
        Ok(answer) => answer,
        Err(error) => return failed(tool, &error, tally),
    };
    let text = answer.content.first().and_then(|block| block.as_text());
    let text = text.unwrap_or_default();
    if text.split(' ').next() == Some(nonce) {
        tally.add(Count::Answered);
    } else if answer.is_error == Some(true) {
        // What the client answered may have been lost, but nothing else makes a tool fail.
        tally.failed(Count::Failed, || format!("{tool} {nonce} failed: {text}"));
    } else {
        let start: String = text.chars().take(60).collect();
        tally.broke(format!("{tool} {nonce} got the answer of another: {start}"));
    }
}

fn failed(tool: &str, error: &CallError, tally: &Tally) {
    tally.failed(Count::Failed, || format!("{tool}: {error}"));
}

/// Subscribes, makes a change, and hears of it.
async fn hear_of_a_change(client: &Client, tally: &Tally) {
    let mut changes = match client.subscribe("trial://beat").await {
        Ok(changes) => changes,
        Err(error) => return failed("subscribe", &error, tally),
    };
    tally.add(Count::Calls);
    match client.call("change", json!({})).await {
        Ok(_) => tally.add(Count::Answered),
        Err(error) => return failed("change", &error, tally),
    }
    let patience = match tally.has_faults() {
        true => Duration::from_secs(1),
        false => FOR_EVER,
    };
    let heard = timeout(patience, changes.next()).await;
    match heard {
        Ok(Some(ServerEvent::ResourceUpdated(uri))) if uri == "trial://beat" => {
            tally.add(Count::Changes);
        }
        Ok(Some(ServerEvent::Missed(_))) => tally.add(Count::Changes),
        // Where there are faults the stream may be gone, with what was said on it.
        _ if tally.has_faults() => {}
        other => tally.broke(format!("a change was not heard of but {other:?}")),
    }
}
