//! Children that cannot be started, or are not what they should be. In real time, because the
//! children are real.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use toolwright::Revision;
use toolwright::client::{Client, ClientConfig, ConnectError, Program};

use crate::child::program;

/// Programs in place of the server.
const INSTEAD: [&[&str]; 4] = [
    &["/no/such/program"],
    // It ends at once.
    &["true"],
    // It reads and says nothing.
    &["sh", "-c", "cat > /dev/null"],
    // It neither reads nor says anything, nor ends when it is asked to.
    &["sh", "-c", "trap '' TERM; sleep 1000"],
];
/// Children that are started in a row.
const CHILDREN: usize = 3;

/// The server, but for the child of this number.
fn failing(nth: usize, instead: &'static [&'static str]) -> Program {
    let started = AtomicUsize::new(0);
    let server = program("").grace(Duration::from_millis(100));
    server.wrap(move |command| {
        if started.fetch_add(1, Ordering::Relaxed) + 1 != nth {
            return command;
        }
        let mut other = Command::new(instead[0]);
        other.args(&instead[1..]);
        other
    })
}

#[test]
fn whichever_child_is_not_started_or_is_no_server_the_others_serve_and_all_are_reaped() {
    let mut tried = 0;
    for instead in INSTEAD {
        for nth in 1..=CHILDREN {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(start_all(nth, instead));
            runtime.block_on(reaped());
            tried += 1;
        }
    }
    println!("spawn: {tried} runs in which one child failed");
}

async fn start_all(nth: usize, instead: &'static [&'static str]) {
    let program = failing(nth, instead);
    // One request, so that a child which says nothing is waited for once; a sound one has begun by
    // then however busy the machine is.
    let mut config = ClientConfig::new("nth", "1.0.0").pin(Revision::V2025_11_25);
    config.limits.request_timeout = Duration::from_secs(4);
    let mut clients = Vec::new();
    for child in 1..=CHILDREN {
        match Client::spawn(program.clone(), config.clone()).await {
            Ok(client) => clients.push(client),
            Err(error) => {
                assert_eq!(child, nth, "{error}");
                let missing = matches!(error, ConnectError::Spawn(_));
                assert_eq!(missing, instead[0].starts_with('/'), "{error}");
            }
        }
    }
    assert_eq!(clients.len(), CHILDREN - 1);
    for client in &clients {
        let patient = toolwright::client::CallOptions::new().timeout(Duration::from_secs(60));
        let answer = client
            .with(patient)
            .call("echo", json!({ "text": "here" }))
            .await;
        assert_eq!(answer.unwrap().content[0].as_text(), Some("here"));
    }
}

/// Waits until this process has no child any more, not even a dead one.
async fn reaped() {
    let begun = Instant::now();
    while let children @ 1.. = children() {
        let patience = Duration::from_secs(20);
        assert!(begun.elapsed() < patience, "{children} children are left");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Processes whose parent is this one.
fn children() -> usize {
    let own = std::process::id().to_string();
    let parent = |stat: String| -> Option<String> {
        // The name of a program may hold anything, and ends with the last parenthesis.
        Some(stat.rsplit_once(") ")?.1.split(' ').nth(1)?.to_owned())
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok())
        .filter_map(parent)
        .filter(|parent| *parent == own)
        .count()
}
