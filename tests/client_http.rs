//! The client over HTTP against servers that a test plays: what it says, and what it makes of
//! what nobody should answer.
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

#[path = "client_http/authorize.rs"]
mod authorize;
#[path = "client_http/eras.rs"]
mod eras;
#[path = "client_http/faults.rs"]
mod faults;
#[path = "client_http/first.rs"]
mod first;
#[path = "client_http/headers.rs"]
mod headers;
#[path = "client_http/host.rs"]
mod host;
#[path = "client_http/modern.rs"]
mod modern;
#[path = "client_support/remote.rs"]
mod remote;
#[path = "client_http/sessions.rs"]
mod sessions;
#[path = "client_http/tls.rs"]
mod tls;
#[path = "client_http/wire.rs"]
mod wire;

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use toolwright::client::{CallError, Client, ClientConfig};
use toolwright::model::CallToolResult;

fn config() -> ClientConfig {
    ClientConfig::new("test", "1.0.0")
}

/// The result of a tool that has nothing to say.
fn done() -> Value {
    json!({ "resultType": "complete", "content": [] })
}

/// A call of the tool `work` that is under way.
fn work(client: &Client) -> JoinHandle<Result<CallToolResult, CallError>> {
    let client = client.clone();
    tokio::spawn(async move { client.call("work", json!({})).await })
}
