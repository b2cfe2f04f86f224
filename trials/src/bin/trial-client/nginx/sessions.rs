//! Sessions, as a client sees them that is not ours.

use std::io;
use std::net::SocketAddr;

use serde_json::json;
use trials::raw::Raw;
use trials::requests;

use super::{Checked, told};

/// A call whose stream is lost is answered on the one that goes on after its last event.
pub(super) async fn resumed(address: SocketAddr) -> Checked {
    resume(address).await.map_err(|error| told(&error))
}

async fn resume(address: SocketAddr) -> io::Result<()> {
    let mut raw = Raw::connect(address).await?;
    let host = raw.host().to_owned();
    let session = raw.open_session().await?;
    let steps = json!({ "nonce": "resumed", "count": 10, "milliseconds": 50 });
    raw.send(requests::session_call(&host, &session, 1, "steps", steps))
        .await?;
    raw.head().await?;
    let first = raw.event().await?.unwrap_or_default();
    let mut seen = first["params"]["progress"].as_f64();
    let last = raw.last_event().map(str::to_owned);
    let last = last.ok_or_else(|| io::Error::other("no event has an id"))?;
    drop(raw);

    let mut raw = Raw::connect(address).await?;
    raw.send(requests::listen(&host, &session, Some(&last)))
        .await?;
    raw.head().await?;
    while let Some(message) = raw.event().await? {
        if message.get("result").is_some() {
            return match message["result"]["content"][0]["text"] == "resumed " {
                true => Ok(()),
                false => Err(io::Error::other(format!("another answer: {message}"))),
            };
        }
        let next = message["params"]["progress"].as_f64();
        if next <= seen {
            return Err(io::Error::other(format!("{next:?} came after {seen:?}")));
        }
        seen = next;
    }
    Err(io::Error::other("the stream ended without an answer"))
}

/// A session that its client ended is answered with 404.
pub(super) async fn ended(address: SocketAddr) -> Checked {
    let statuses = async {
        let mut raw = Raw::connect(address).await?;
        let host = raw.host().to_owned();
        let session = raw.open_session().await?;
        let delete = requests::delete(&host, &session);
        let (first, _) = raw.ask(&delete).await?;
        let (second, _) = raw.ask(&delete).await?;
        Ok::<_, io::Error>((first.status, second.status))
    };
    match statuses.await {
        Ok((200..300, 404)) => Ok(()),
        Ok(statuses) => Err(format!("{statuses:?}")),
        Err(error) => Err(told(&error)),
    }
}
