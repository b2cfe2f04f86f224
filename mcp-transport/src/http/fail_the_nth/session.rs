//! The session: something of everything, over HTTP.

use std::sync::Arc;
use std::time::Duration;

use mcp_core::Era;
use mcp_core::engine::{CallError, RequestOptions, Wait};
use mcp_core::jsonrpc::ErrorObject;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use super::desk::Desk;
use super::points::Points;
use crate::driver::{Answerer, Answering, ClientHandle, Listener, Outgoing};

/// What a request came to.
type Said = Result<String, CallError>;

/// Longer than any time limit.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Says where its roots are.
pub(super) struct Roots;

impl Answerer for Roots {
    fn answer(&self, _: &str, _: Option<&RawValue>) -> Answering {
        let roots = RawValue::from_string(r#"{"roots":[]}"#.to_owned());
        Box::pin(async move { roots.map_err(|error| ErrorObject::internal(error.to_string())) })
    }
}

/// Hears of changes, once they are listened for.
#[derive(Debug, Default)]
pub(super) struct Ears {
    listening: Notify,
    changed: Notify,
}

impl Ears {
    pub(super) fn listener(self: &Arc<Self>) -> Listener {
        let ears = Arc::clone(self);
        Box::new(move |(method, _)| match method.as_str() {
            "notifications/subscriptions/acknowledged" => ears.listening.notify_one(),
            "notifications/tools/list_changed" => ears.changed.notify_one(),
            _ => {}
        })
    }
}

/// Runs the session. What goes through says what it should; what does not says so, and only where
/// something has failed.
pub(super) async fn session(client: &ClientHandle, ears: &Ears, desk: &Desk, points: &Points) {
    let listed = client.request(request("tools/list", Map::new())).await;
    let count = |json: Box<RawValue>| json.get().matches("inputSchema").count().to_string();
    check(points, "tools/list", listed.map(count), "4");
    check(points, "echo", call(client, "echo").await, "here");
    let (a, b) = tokio::join!(call(client, "report"), call(client, "echo"));
    check(points, "report", a, "reported");
    check(points, "echo beside it", b, "here");
    // That it is given up or that it failed is the same here.
    drop(timeout(Duration::from_millis(50), call(client, "hang")).await);
    check(points, "ask", asked(client).await, r#"{"roots":[]}"#);
    check(
        points,
        "listen",
        changed(client, ears, desk).await,
        "a change",
    );
    check(points, "echo", call(client, "echo").await, "here");
}

/// A client that nothing happens to is served within a second.
pub(super) async fn is_served(client: &ClientHandle) {
    let served = timeout(Duration::from_secs(1), call(client, "echo")).await;
    assert_eq!(served.expect("in time").unwrap(), "here");
}

/// Calls a tool that can tell how far it is.
async fn call(client: &ClientHandle, tool: &str) -> Said {
    let (progress, _told) = watch::channel(None);
    let mut call = request("tools/call", named(tool));
    call.progress = Some(progress);
    client.request(call).await.map(|result| text(&result))
}

/// Calls the tool that asks, and answers as its revision wants.
async fn asked(client: &ClientHandle) -> Said {
    let first = client.request(request("tools/call", named("ask"))).await?;
    if client.peer().revision.era() == Era::Legacy {
        return Ok(text(&first));
    }
    if !first.get().contains("input_required") {
        return Ok(text(&first));
    }
    let mut again = named("ask");
    again.insert("requestState".to_owned(), "state".into());
    let roots = json!({ "where": { "roots": [] } });
    again.insert("inputResponses".to_owned(), roots);
    client
        .request(request("tools/call", again))
        .await
        .map(|result| text(&result))
}

/// Listens, and hears of one change.
async fn changed(client: &ClientHandle, ears: &Ears, desk: &Desk) -> Said {
    let late = |_| CallError::Timeout(PATIENCE);
    let mut subscription = None;
    if client.peer().revision.era() == Era::Modern {
        let filter = json!({ "toolsListChanged": true });
        let params = Map::from_iter([("notifications".to_owned(), filter)]);
        let mut listen = request("subscriptions/listen", params);
        listen.options.wait = Wait::Forever;
        subscription = Some(client.begin(listen).await?);
        timeout(PATIENCE, ears.listening.notified())
            .await
            .map_err(late)?;
    }
    desk.change();
    let heard = timeout(PATIENCE, ears.changed.notified()).await;
    drop(subscription);
    heard.map_err(late)?;
    Ok("a change".to_owned())
}

fn request(method: &str, params: Map<String, Value>) -> Outgoing {
    Outgoing {
        method: method.to_owned(),
        params,
        options: RequestOptions::default(),
        ..Outgoing::default()
    }
}

fn named(tool: &str) -> Map<String, Value> {
    Map::from_iter([
        ("name".to_owned(), tool.into()),
        ("arguments".to_owned(), json!({})),
    ])
}

fn text(result: &RawValue) -> String {
    let json: Value = serde_json::from_str(result.get()).unwrap();
    json["content"][0]["text"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// An outcome is the right one, or something has failed.
#[track_caller]
fn check(points: &Points, what: &str, outcome: Said, expected: &str) {
    match outcome {
        Ok(said) if said == expected => {}
        other => assert!(points.has_failed(), "{what}: {other:?}"),
    }
}
