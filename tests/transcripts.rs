//! Golden transcripts: one connection in each revision, as it stands on the wire.
//!
//! A transcript is read from top to bottom: `→` is what the client sends, `←` what the server must
//! say next; a line that begins with a blank goes on with the one before, and `$name = …` makes a
//! name short for what follows. Each paragraph begins with the rules it shows. With `MCP_SPEC_DIR`
//! set, everything the server says is also held against the specification's own schema.
#![cfg(feature = "macros")]
#![allow(clippy::unwrap_used)]

mod support;

#[path = "transcripts/oracle.rs"]
mod oracle;
#[path = "transcripts/script.rs"]
mod script;
#[path = "transcripts/server.rs"]
mod server;

use oracle::Oracle;
use script::{Line, Script};
use serde_json::Value;
use support::Peer;

async fn play(revision: &str, text: &str) {
    let script = Script::read(text);
    let mut oracle = Oracle::of(revision);
    let mut peer = Peer::connect(&server::golden());
    for Line { number, says, text } in &script.lines {
        match says {
            script::Says::Client => {
                if let Ok(message) = serde_json::from_str(text) {
                    oracle.asked(&message);
                }
                peer.send_text(text).await;
            }
            script::Says::Server => {
                let expected: Value = serde_json::from_str(text)
                    .unwrap_or_else(|error| panic!("{revision}, line {number}: {error}"));
                let said = peer.recv().await;
                assert_eq!(said, expected, "{revision}, line {number}");
                let problems = oracle.problems(&said);
                assert_eq!(problems, Vec::<String>::new(), "{revision}, line {number}");
            }
        }
    }
    peer.close_input().await;
    assert_eq!(
        peer.rest().await,
        Vec::<Value>::new(),
        "{revision}: more was said"
    );
}

macro_rules! transcripts {
    ($($name:ident: $revision:literal),+ $(,)?) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            play($revision, include_str!(concat!("transcripts/", $revision, ".txt"))).await;
        }
    )+};
}

transcripts! {
    a_connection_in_2024_11_05: "2024-11-05",
    a_connection_in_2025_03_26: "2025-03-26",
    a_connection_in_2025_06_18: "2025-06-18",
    a_connection_in_2025_11_25: "2025-11-25",
    a_connection_in_2026_07_28: "2026-07-28",
}
