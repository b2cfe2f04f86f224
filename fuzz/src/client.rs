//! A client that asks its server for everything.

use std::time::Duration;

use mcp_core::Revision;
use serde_json::json;
use toolwright::client::{Client, ClientConfig};

use crate::server::limits;

/// What it says of itself: it probes, or speaks the revision that `pin` chooses.
pub fn config(pin: u8) -> ClientConfig {
    let mut config = ClientConfig::new("fuzzed", "1").limits(limits());
    config.pinned = Revision::ALL.get(usize::from(pin & 0x0f)).copied();
    config
}

/// Asks for everything once. That each of these ends is what counts, not how.
pub async fn use_it(client: &Client) {
    let _ = client.tools().await;
    let _ = client.call("work", json!({ "a": 1 })).await;
    let _ = client.resources().await;
    let _ = client.read("note://today").await;
    let _ = client.prompts().await;
    let _ = client.call("work", json!({ "a": 1 })).await;
    if let Ok(mut subscription) = client.subscribe("note://today").await {
        // Where the server is gone for good, it is looked for again and again.
        let ending = async { while subscription.next().await.is_some() {} };
        let _ = tokio::time::timeout(Duration::from_secs(600), ending).await;
    }
}
