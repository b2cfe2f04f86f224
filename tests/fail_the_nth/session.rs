//! The session: something of everything.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;
use toolwright::client::{CallError, CallOptions, Client, ServerEvent};
use toolwright::model::{CallToolResult, ListenFilter};
use toolwright::prelude::*;

use crate::points::Points;

/// Runs the session. What goes through says what it should; what does not says so, and only where
/// something has failed.
pub(crate) async fn session(client: &Client, server: &ServerHandle, points: &Points) {
    let told = client.tools().await.map(|tools| tools.len().to_string());
    check(points, "tools/list", told, "5");
    let answer = said(client.call("echo", json!({ "text": "one" })).await);
    check(points, "echo", answer, "one");
    several_at_once(client, points).await;
    given_up(client).await;
    let patient = client.with(CallOptions::new().on_progress(|progress| {
        assert!(progress.progress.as_f64() <= Some(3.0));
    }));
    let answer = said(patient.call("report", json!({})).await);
    check(points, "report", answer, "reported");
    let answer = said(client.call("greet", json!({})).await);
    check(points, "greet", answer, "Hello, Ada: 1");
    check(points, "listen", changes(client, server).await, "a change");
    let answer = said(client.call("later", json!({ "text": "last" })).await);
    check(points, "later", answer, "last");
}

async fn several_at_once(client: &Client, points: &Points) {
    let call = |text: &'static str| client.call("later", json!({ "text": text }));
    let (a, b, c) = tokio::join!(call("a"), call("b"), call("c"));
    for (answer, expected) in [(a, "a"), (b, "b"), (c, "c")] {
        check(points, "later", said(answer), expected);
    }
}

/// A call that nobody waits for any more.
async fn given_up(client: &Client) {
    let call = client.call("hang", json!({}));
    // That it is given up or that it failed is the same here.
    drop(timeout(Duration::from_millis(50), call).await);
}

/// Listens, and hears of one change.
async fn changes(client: &Client, server: &ServerHandle) -> Result<String, CallError> {
    let filter = ListenFilter {
        tools_list_changed: Some(true),
        ..ListenFilter::default()
    };
    let mut subscription = client.listen(filter).await?;
    server.tools_changed();
    let patience = Duration::from_secs(120);
    match timeout(patience, subscription.next()).await {
        Ok(Some(ServerEvent::ToolsChanged)) => Ok("a change".to_owned()),
        Ok(other) => Ok(format!("{other:?}")),
        Err(_) => Err(CallError::Timeout(patience)),
    }
}

fn said(answer: Result<CallToolResult, CallError>) -> Result<String, CallError> {
    let result = answer?;
    let text = result.content.first().and_then(|block| block.as_text());
    Ok(text.unwrap_or_default().to_owned())
}

/// An outcome is the right one, or something has failed.
#[track_caller]
fn check(points: &Points, what: &str, outcome: Result<String, CallError>, expected: &str) {
    match outcome {
        Ok(said) if said == expected => {}
        other => assert!(points.has_failed(), "{what}: {other:?}"),
    }
}
