//! Our client against our server: every transport, every revision, one function.
#![allow(deprecated, reason = "what is deprecated has to work")]
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

mod client_support;

use std::sync::{Arc, Mutex};

use client_support::{config, program, serve_http, serve_if_child};
use serde_json::json;
use toolwright::client::{CallError, CallOptions, Client, KnownServers, ServerEvent};
use toolwright::http::HttpOptions;
use toolwright::model::legacy::LoggingLevel;
use toolwright::model::{CompleteParams, CompletionArgument, CompletionReference, ListenFilter};
use toolwright::prelude::*;
use toolwright::{Era, Revision};

#[data]
#[derive(Debug, PartialEq)]
struct Sum {
    total: i64,
}

/// Add two numbers.
#[tool]
fn add(a: i64, b: i64) -> Json<Sum> {
    Json(Sum { total: a + b })
}

#[tool]
fn fail() -> Result<String, String> {
    Err("as asked".to_owned())
}

#[tool]
fn count(cx: Context, progress: Progress) -> &'static str {
    progress.report(1.0, Some(1.0), "counted".to_owned());
    cx.info("counting");
    "done"
}

#[tool]
fn announce(cx: Context) -> &'static str {
    cx.server().tools_changed();
    cx.server().resource_updated("memo://today");
    "announced"
}

#[tool]
async fn endless() -> String {
    std::future::pending().await
}

#[prompt]
fn greet(#[arg(complete = names)] name: &str) -> String {
    format!("Greet {name}.")
}

fn names(typed: &str) -> Vec<&'static str> {
    ["Ada", "Alan"]
        .into_iter()
        .filter(|name| name.starts_with(typed))
        .collect()
}

#[resource("memo://today")]
fn today() -> &'static str {
    "tea"
}

fn server() -> Server {
    Server::new("matrix", "1.0.0")
        .tool::<(add, fail, count, announce, endless)>()
        .prompt::<greet>()
        .resource::<today>()
}

#[test]
fn the_child() {
    serve_if_child(|_| server());
}

#[derive(Debug, Clone, Copy)]
enum Transport {
    Memory,
    ChildProcess,
    Http,
    /// The transport of 2024-11-05, found when the endpoint's own does not answer there.
    HttpSse,
}

const TRANSPORTS: [Transport; 4] = [
    Transport::Memory,
    Transport::ChildProcess,
    Transport::Http,
    Transport::HttpSse,
];

impl Transport {
    /// Whether a revision can be spoken over it: HTTP+SSE has sessions and nothing else.
    fn carries(self, revision: Revision) -> bool {
        !matches!(self, Self::HttpSse) || revision.era() == Era::Legacy
    }
}

async fn connect(transport: Transport, revision: Revision) -> Client {
    let config = config().pin(revision).log_level(LoggingLevel::Info);
    match transport {
        Transport::Memory => Client::connect(&server().build().unwrap(), config)
            .await
            .unwrap(),
        Transport::ChildProcess => Client::spawn(program("serve"), config).await.unwrap(),
        Transport::Http => {
            let url = serve_http(server(), HttpOptions::default()).await;
            let builder = Client::builder(config).known_servers(KnownServers::new());
            builder.connect(url).await.unwrap()
        }
        Transport::HttpSse => {
            let options = HttpOptions::default().http_sse("/sse", "/messages");
            let url = serve_http(server(), options).await;
            let builder = Client::builder(config).known_servers(KnownServers::new());
            builder.connect(url.replace("/mcp", "/sse")).await.unwrap()
        }
    }
}

#[tokio::test]
async fn everything_works_over_every_transport_in_every_revision() {
    for transport in TRANSPORTS {
        for revision in Revision::ALL.into_iter().filter(|r| transport.carries(*r)) {
            let client = connect(transport, revision).await;
            assert_eq!(client.peer().revision, revision, "{transport:?}");
            calls(&client).await;
            reads(&client).await;
            hears(&client).await;
            cancels(&client).await;
        }
    }
}

async fn calls(client: &Client) {
    let tools = client.tools().await.unwrap();
    assert_eq!(tools.len(), 5);
    let sum: Sum = client
        .call_as("add", json!({ "a": 2, "b": 40 }))
        .await
        .unwrap();
    assert_eq!(sum, Sum { total: 42 });
    let failed = client.call_as::<String>("fail", json!({})).await;
    assert_eq!(failed, Err(CallError::Tool("as asked".to_owned())));
    let unknown = client.call("nothing", json!({})).await;
    assert!(matches!(unknown, Err(CallError::Server(_))), "{unknown:?}");
}

async fn reads(client: &Client) {
    let prompt = client
        .prompt("greet", json!({ "name": "Ada" }))
        .await
        .unwrap();
    assert_eq!(prompt.messages[0].content.as_text(), Some("Greet Ada."));
    assert_eq!(client.prompts().await.unwrap()[0].name, "greet");
    let read = client.read("memo://today").await.unwrap();
    assert_eq!(json!(read.contents)[0]["text"], "tea");
    assert_eq!(client.resources().await.unwrap()[0].uri, "memo://today");
    assert!(client.resource_templates().await.unwrap().is_empty());
    let params = CompleteParams::new(
        CompletionReference::prompt("greet"),
        CompletionArgument::new("name", "Al"),
    );
    let completed = client.complete(params).await.unwrap();
    assert_eq!(completed.completion.values, ["Alan"]);
}

async fn hears(client: &Client) {
    let mut events = client.events();
    let latest = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&latest);
    let options = CallOptions::new().on_progress(move |progress| {
        *seen.lock().unwrap() = progress.progress.as_f64();
    });
    client.with(options).call("count", json!({})).await.unwrap();
    assert_eq!(*latest.lock().unwrap(), Some(1.0));
    let Some(ServerEvent::Log(message)) = events.next().await else {
        panic!("no log message");
    };
    assert_eq!(message.data, "counting");

    let filter = ListenFilter {
        tools_list_changed: Some(true),
        resource_subscriptions: Some(vec!["memo://today".to_owned()]),
        ..ListenFilter::default()
    };
    let mut changes = client.listen(filter.clone()).await.unwrap();
    assert_eq!(changes.acknowledged(), &filter);
    client.call("announce", json!({})).await.unwrap();
    let mut heard = [changes.next().await.unwrap(), changes.next().await.unwrap()];
    heard.sort_by_key(|event| *event != ServerEvent::ToolsChanged);
    let updated = ServerEvent::ResourceUpdated("memo://today".to_owned());
    assert_eq!(heard, [ServerEvent::ToolsChanged, updated]);
}

async fn cancels(client: &Client) {
    let calling = {
        let client = client.clone();
        tokio::spawn(async move { client.call("endless", json!({})).await })
    };
    // Answered after the endless call was sent: the connection keeps their order.
    tokio::task::yield_now().await;
    client.call("add", json!({ "a": 1, "b": 1 })).await.unwrap();
    calling.abort();
    assert!(calling.await.unwrap_err().is_cancelled());
    client.call("add", json!({ "a": 1, "b": 1 })).await.unwrap();
}

#[tokio::test]
async fn a_client_that_may_choose_takes_the_newest_revision() {
    let client = Client::spawn(program("serve"), config()).await.unwrap();
    assert_eq!(client.peer().revision.era(), Era::Modern);
    let known = || Client::builder(config()).known_servers(KnownServers::new());
    let options = HttpOptions::default().http_sse("/sse", "/messages");
    let url = serve_http(server(), options).await;
    let client = known().connect(&url).await.unwrap();
    assert_eq!(client.peer().revision.era(), Era::Modern);
    let client = known().connect(url.replace("/mcp", "/sse")).await.unwrap();
    assert_eq!(client.peer().revision, Revision::NEWEST_LEGACY);
}
