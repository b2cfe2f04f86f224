//! Sessions that nobody uses, and what is left of those that ended.

use std::io;

use tokio::task::JoinSet;
use trials::raw::Raw;
use trials::requests;
use trials::settings::Settings;

use super::{MIB, Subject, figure, hold};
use crate::Outcome;

/// How many connections open sessions at once.
const CONNECTIONS: usize = 8;
/// What one idle session may hold, in bytes.
const EACH: f64 = 1024.0;
/// What 100,000 may hold together.
const TOGETHER: u64 = 128 * MIB;
/// How the memory after as many more may relate to that after the first.
const GROWTH: f64 = 1.05;
/// How many lots are opened and ended before and after.
const LOTS: usize = 3;

/// Opens `count` sessions and looks at the memory; ends them, and looks again after as many others.
pub(crate) async fn run(settings: &Settings) -> Outcome {
    let server = Subject::of(settings)?;
    let count: usize = settings.need("count")?;
    // What all sessions share is there before they are counted.
    end(server, open(server, CONNECTIONS).await?).await?;
    let before = server.memory()?;
    let held = open(server, count).await?;
    let bytes = figure(server.memory()?.saturating_sub(before));
    #[expect(clippy::cast_precision_loss, reason = "it is a small number")]
    let share = count as f64 / 100_000.0;
    let each = hold(
        "bytes_of_an_idle_session",
        bytes / (share * 100_000.0),
        EACH,
    );
    let all = hold("bytes_of_idle_sessions", bytes, figure(TOGETHER) * share);
    end(server, held).await?;
    let baseline = server.memory()?;
    let mut memory = vec![baseline];
    while memory.len() < 2 * LOTS {
        end(server, open(server, count).await?).await?;
        memory.push(server.memory()?);
    }
    println!("count memory_after_each_lot {memory:?}");
    // What was freed, the allocator keeps for the next or gives back, as it falls out. What leaks is in
    // all of the later lots, so the least of them counts: against the first, and, once what is kept has
    // settled, against the most of the first half.
    let (first, others) = memory.split_at(LOTS);
    let most = |lots: &[u64]| figure(lots.iter().max().copied().unwrap_or_default());
    let least = |lots: &[u64]| figure(lots.iter().min().copied().unwrap_or_default());
    let churned = hold(
        "memory_after_churn_of_sessions",
        least(memory.get(1..).unwrap_or_default()) / figure(baseline),
        GROWTH,
    );
    let settled = hold(
        "memory_after_more_churn_of_sessions",
        least(others) / most(first),
        GROWTH,
    );
    Ok(each.and(all).and(churned).and(settled)?)
}

/// Shows that there is a place for each of the `count` sessions that there may be, which is so only
/// if no other is left; and none for one more.
pub(crate) async fn places(settings: &Settings) -> Outcome {
    let server = Subject::of(settings)?;
    all_free(server, settings.need("count")?).await
}

/// As [`places`].
pub(crate) async fn all_free(server: Subject, count: usize) -> Outcome {
    let held = open(server, count).await?;
    let mut raw = Raw::connect(server.address).await?;
    if raw.open_session().await.is_ok() {
        return Err("there is one place too many for sessions".into());
    }
    println!("count places_free {count}");
    end(server, held).await
}

/// Opens so many sessions.
async fn open(server: Subject, count: usize) -> io::Result<Vec<String>> {
    let mut connections = JoinSet::new();
    for number in 0..CONNECTIONS {
        let own = count / CONNECTIONS + usize::from(number < count % CONNECTIONS);
        connections.spawn(async move {
            let mut raw = Raw::connect(server.address).await?;
            let mut sessions = Vec::with_capacity(own);
            for _ in 0..own {
                sessions.push(raw.open_session().await?);
            }
            Ok::<_, io::Error>(sessions)
        });
    }
    let mut all = Vec::new();
    while let Some(sessions) = connections.join_next().await {
        all.extend(sessions??);
    }
    Ok(all)
}

/// Ends sessions.
async fn end(server: Subject, sessions: Vec<String>) -> Outcome {
    let mut raw = Raw::connect(server.address).await?;
    let host = raw.host().to_owned();
    for session in sessions {
        let (head, _) = raw.ask(requests::delete(&host, &session)).await?;
        if head.status >= 300 {
            return Err(format!("the end of a session was answered with {}", head.status).into());
        }
    }
    Ok(())
}
