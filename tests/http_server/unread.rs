//! Handlers that send more than their client reads.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use toolwright::http::HttpOptions;
use toolwright::prelude::*;

use crate::legacy::{Client, text};
use crate::peer::modern;
use crate::server::{Desk, start_with};

/// How often the handler reports: with a mebibyte each, more than any socket takes unread.
const REPORTS: u32 = 48;

/// Reports all it can, and tells when that is done.
#[tool]
async fn flood(cx: Context, desk: State<Arc<Desk>>) -> &'static str {
    let long = "x".repeat(1024 * 1024);
    for done in 1..=REPORTS {
        cx.progress(f64::from(done), None, Some(&long));
        tokio::task::yield_now().await;
    }
    desk.began.add_permits(1);
    "flooded"
}

#[tokio::test]
async fn a_handler_goes_on_while_its_client_reads_nothing_and_the_latest_progress_arrives() {
    let limits = toolwright::Limits {
        queue: 4,
        ..toolwright::Limits::default()
    };
    let change = |server: Server| server.limits(limits).tool::<flood>();
    let server = start_with(change, HttpOptions::default()).await;
    let client = Client::new(&server).await;
    let params = json!({ "name": "flood", "_meta": { "progressToken": "t" } });
    for request in [
        modern(1, "tools/call", params),
        client.call(1, "flood", json!({})),
    ] {
        let mut peer = server.peer().await;
        peer.send(request).await;
        let done = server.desk.began.acquire();
        let done = tokio::time::timeout(Duration::from_secs(10), done).await;
        done.expect("it does not wait for its client")
            .unwrap()
            .forget();
        assert_eq!(peer.head().await.status, 200);
        let (mut latest, mut count) = (0, 0);
        let response = loop {
            let message = peer.event().await.expect("a response");
            let Some(progress) = message["params"]["progress"].as_u64() else {
                break message;
            };
            assert!(progress > latest);
            (latest, count) = (progress, count + 1);
        };
        assert_eq!(text(&response), "flooded");
        assert_eq!(latest, u64::from(REPORTS));
        assert!(count < REPORTS, "nothing had to give way");
    }
}
