//! What a server offers besides calls, over HTTP in both eras: hints on how long an answer may be
//! kept, logging, completion, discovery and pings.
#![allow(deprecated, reason = "what is deprecated has to work")]

use std::time::Duration;

use serde_json::{Value, json};
use toolwright::http::HttpOptions;
use toolwright::model::{CacheScope, ReadResourceResult, ResourceContents};
use toolwright::prelude::*;

use crate::legacy::{Client, legacy, text};
use crate::peer::{Peer, modern};
use crate::server::{Live, start_with};

#[resource("texts://licence")]
fn licence() -> &'static str {
    "MIT OR Apache-2.0"
}

/// A resource that knows better than the server how long it is good for, and for whom.
#[resource("texts://forecast")]
fn forecast() -> ReadResourceResult {
    let contents = ResourceContents::text("texts://forecast", "rain");
    let mut result = ReadResourceResult::new(vec![contents]);
    result.ttl_ms = Some(5000);
    result.cache_scope = Some(CacheScope::Public);
    result
}

#[prompt]
fn visit(
    #[arg(complete = countries)] country: &str,
    #[arg(complete = cities)] city: &str,
) -> String {
    format!("Plan a day in {city}, {country}.")
}

fn countries(typed: &str) -> Vec<&'static str> {
    let all = ["Norway", "Egypt"].into_iter();
    all.filter(|name| name.starts_with(typed)).collect()
}

async fn cities(typed: &str, context: &CompletionContext) -> Vec<&'static str> {
    let all: &[_] = match context.argument("country") {
        Some("Norway") => &["Oslo", "Bergen", "Odda"],
        Some("Egypt") => &["Cairo"],
        _ => &[],
    };
    let fitting = all.iter().filter(|name| name.starts_with(typed));
    fitting.copied().collect()
}

/// Logs at every level that a test looks for.
#[tool]
async fn chatter(cx: Context) -> &'static str {
    cx.debug("small");
    cx.warning("careful");
    tokio::task::yield_now().await;
    cx.error("broken");
    "said"
}

async fn start() -> Live {
    let with_features = |server: Server| {
        server
            .list_ttl(Duration::from_secs(60))
            .read_ttl(Duration::from_secs(3600))
            .resource::<(licence, forecast)>()
            .prompt::<visit>()
            .tool::<chatter>()
    };
    start_with(with_features, HttpOptions::default()).await
}

async fn result(peer: &mut Peer, method: &str, params: Value) -> Value {
    let answer = peer.ask(modern(1, method, params)).await;
    answer.json()["result"].clone()
}

async fn legacy_result(peer: &mut Peer, client: &Client, method: &str, params: Value) -> Value {
    let answer = peer.ask(client.post(&legacy(1, method, params))).await;
    answer.json()["result"].clone()
}

fn hints(result: &Value) -> (&Value, &Value) {
    (&result["ttlMs"], &result["cacheScope"])
}

#[tokio::test]
async fn lists_and_reads_say_how_long_they_may_be_kept_and_a_resource_may_know_better() {
    let server = start().await;
    let mut peer = server.peer().await;
    for list in [
        "tools/list",
        "prompts/list",
        "resources/list",
        "resources/templates/list",
    ] {
        let listed = result(&mut peer, list, json!({})).await;
        assert_eq!(hints(&listed), (&json!(60_000), &json!("public")), "{list}");
    }
    for (uri, ttl, scope) in [
        ("texts://licence", 3_600_000, "private"),
        ("texts://forecast", 5000, "public"),
    ] {
        let read = result(&mut peer, "resources/read", json!({ "uri": uri })).await;
        assert_eq!(hints(&read), (&json!(ttl), &json!(scope)), "{uri}");
    }
    let discovered = result(&mut peer, "server/discover", json!({})).await;
    assert!(discovered["ttlMs"].as_i64().is_some_and(|ttl| ttl >= 0));
    assert!(discovered["cacheScope"].is_string());
}

#[tokio::test]
async fn a_session_knows_no_hints() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut peer = server.peer().await;
    let uri = json!({ "uri": "texts://forecast" });
    for (method, params) in [("resources/list", json!({})), ("resources/read", uri)] {
        let result = legacy_result(&mut peer, &client, method, params).await;
        assert!(result.is_object(), "{method}");
        assert_eq!(hints(&result), (&Value::Null, &Value::Null), "{method}");
    }
}

/// The levels of the log messages among these events, whose last is the response.
#[track_caller]
fn levels(events: &[Value]) -> Vec<&str> {
    let (response, before) = events.split_last().expect("a response");
    assert_eq!(text(response), "said");
    let levels = before.iter().map(|event| {
        assert_eq!(event["method"], "notifications/message");
        event["params"]["level"].as_str().expect("a level")
    });
    levels.collect()
}

#[tokio::test]
async fn a_modern_call_logs_from_the_level_on_that_it_asked_for() {
    let server = start().await;
    let mut peer = server.peer().await;
    for (asked, logged) in [
        ("debug", vec!["debug", "warning", "error"]),
        ("error", vec!["error"]),
    ] {
        let meta = json!({ "io.modelcontextprotocol/logLevel": asked });
        let params = json!({ "name": "chatter", "_meta": meta });
        let answer = peer.ask(modern(1, "tools/call", params)).await;
        assert_eq!(levels(&answer.events()), logged);
    }
    let silent = peer
        .ask(modern(1, "tools/call", json!({ "name": "chatter" })))
        .await;
    assert_eq!(text(&silent.json()), "said");
}

#[tokio::test]
async fn the_calls_of_a_session_log_from_the_level_on_that_was_set() {
    let server = start().await;
    let (client, other) = (Client::new(&server).await, Client::new(&server).await);
    let mut peer = server.peer().await;
    for (level, logged) in [
        ("warning", vec!["warning", "error"]),
        ("error", vec!["error"]),
    ] {
        let level = json!({ "level": level });
        let set = legacy_result(&mut peer, &client, "logging/setLevel", level).await;
        assert_eq!(set, json!({}));
        let answer = peer.ask(client.call(1, "chatter", json!({}))).await;
        assert_eq!(levels(&answer.events()), logged);
    }
    let level = json!({ "level": "debug" });
    legacy_result(&mut peer, &other, "logging/setLevel", level).await;
    let answer = peer.ask(client.call(1, "chatter", json!({}))).await;
    assert_eq!(levels(&answer.events()), ["error"], "each session its own");
}

#[tokio::test]
async fn arguments_are_completed_with_those_that_are_known() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut peer = server.peer().await;
    for (name, value, known, proposed) in [
        ("country", "", json!({}), json!(["Norway", "Egypt"])),
        (
            "city",
            "O",
            json!({ "country": "Norway" }),
            json!(["Oslo", "Odda"]),
        ),
        ("city", "", json!({ "country": "Egypt" }), json!(["Cairo"])),
        ("city", "", json!({}), json!([])),
    ] {
        let params = json!({
            "ref": { "type": "ref/prompt", "name": "visit" },
            "argument": { "name": name, "value": value },
            "context": { "arguments": known },
        });
        let modern = result(&mut peer, "completion/complete", params.clone()).await;
        let legacy = legacy_result(&mut peer, &client, "completion/complete", params).await;
        for result in [modern, legacy] {
            assert_eq!(result["completion"]["values"], proposed, "{name} {value}");
        }
    }
}

#[tokio::test]
async fn a_session_can_ping_and_a_modern_client_discover() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut peer = server.peer().await;
    assert_eq!(
        legacy_result(&mut peer, &client, "ping", json!({})).await,
        json!({})
    );
    let discovered = result(&mut peer, "server/discover", json!({})).await;
    for offered in ["tools", "prompts", "resources", "completions", "logging"] {
        assert!(discovered["capabilities"][offered].is_object(), "{offered}");
    }
    let ping = peer.ask(modern(1, "ping", json!({}))).await;
    assert_eq!(ping.error(), (404, -32601));
    let discover = legacy(1, "server/discover", json!({}));
    let discover = peer.ask(client.post(&discover)).await;
    assert_eq!(discover.json()["error"]["code"], -32601);
}
