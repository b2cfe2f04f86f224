//! The same by a client that is not ours: the id of every request is 1, as with some hosts, and
//! sessions are opened and ended one after the other.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};
use trials::dice::Dice;
use trials::raw::Raw;
use trials::requests;

use super::tally::{Count, Tally};

/// How long a connection is used, at most.
const LONGEST: Duration = Duration::from_secs(60);

/// Makes calls until the time is over.
pub(super) async fn run(address: SocketAddr, mut dice: Dice, until: Instant, tally: Arc<Tally>) {
    while Instant::now() < until {
        let round = async {
            match dice.below(2) {
                0 => modern(address, &mut dice, &tally).await,
                _ => session(address, &mut dice, &tally).await,
            }
        };
        let why = match timeout(LONGEST, round).await {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it took too long".to_owned(),
        };
        tally.failed(Count::Failed, || format!("raw: {why}"));
        sleep(Duration::from_millis(50)).await;
    }
}

/// Some calls that stand alone, the last of which is given up.
async fn modern(address: SocketAddr, dice: &mut Dice, tally: &Tally) -> io::Result<()> {
    let mut raw = Raw::connect(address).await?;
    let host = raw.host().to_owned();
    for _ in 0..8 {
        let nonce = nonce(dice);
        let arguments = json!({ "nonce": nonce, "count": 3, "milliseconds": dice.below(10) });
        raw.send(requests::modern_call(&host, 1, "steps", arguments))
            .await?;
        tally.add(Count::Calls);
        own_answer(&mut raw, &nonce, tally).await?;
    }
    let held = json!({ "nonce": nonce(dice) });
    raw.send(requests::modern_call(&host, 1, "hold", held))
        .await?;
    raw.head().await?;
    raw.event().await?;
    tally.add(Count::Cancelled);
    Ok(())
}

/// A session with some calls, which is ended while one of them runs.
async fn session(address: SocketAddr, dice: &mut Dice, tally: &Tally) -> io::Result<()> {
    let mut raw = Raw::connect(address).await?;
    let host = raw.host().to_owned();
    let session = raw.open_session().await?;
    tally.add(Count::Opened);
    for _ in 0..8 {
        let nonce = nonce(dice);
        let arguments = json!({ "nonce": nonce, "count": 3, "milliseconds": dice.below(10) });
        raw.send(requests::session_call(
            &host, &session, 1, "steps", arguments,
        ))
        .await?;
        tally.add(Count::Calls);
        own_answer(&mut raw, &nonce, tally).await?;
    }
    let held = json!({ "nonce": nonce(dice) });
    raw.send(requests::session_call(&host, &session, 2, "hold", held))
        .await?;
    raw.head().await?;
    raw.event().await?;
    let (ended, _) = Raw::connect(address)
        .await?
        .ask(requests::delete(&host, &session))
        .await?;
    if ended.status >= 300 {
        return Err(io::Error::other(format!("DELETE: {}", ended.status)));
    }
    tally.add(Count::Cancelled);
    Ok(())
}

/// Reads a stream to its end, all of which must be of the call with this nonce.
async fn own_answer(raw: &mut Raw, nonce: &str, tally: &Tally) -> io::Result<()> {
    let head = raw.head().await?;
    if head.header("content-type") != Some("text/event-stream") {
        return Err(io::Error::other(format!("no stream but {head:?}")));
    }
    let mut answers = 0;
    while let Some(message) = raw.event().await? {
        let text = match message.get("result") {
            Some(result) => {
                answers += 1;
                &result["content"][0]["text"]
            }
            None => {
                tally.add(Count::Reports);
                &message["params"]["message"]
            }
        };
        if !is_own(text, nonce) {
            tally.broke(format!("raw: {nonce} got {message}"));
        }
    }
    match answers {
        1 => tally.add(Count::Answered),
        0 => return Err(io::Error::other("the stream ended without an answer")),
        _ => tally.broke(format!("raw: {nonce} got {answers} answers")),
    }
    Ok(())
}

fn is_own(text: &Value, nonce: &str) -> bool {
    let text = text.as_str().unwrap_or_default();
    text.split(' ').next() == Some(nonce)
}

fn nonce(dice: &mut Dice) -> String {
    format!("{:016x}", dice.throw())
}
