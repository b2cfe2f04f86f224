//! A server that wants to know who calls: an authorization server says so, or a key.
//!
//! ```sh
//! # With the tokens of an issuer, for the URL by which clients reach this server:
//! cargo run --example protected -- https://login.example.com https://shop.example.com/mcp
//!
//! # With a key of its own, to try it out:
//! PROTECTED_KEY=a-long-and-random-key cargo run --example protected
//!
//! curl -i http://127.0.0.1:8000/mcp \
//!   -H 'Authorization: Bearer a-long-and-random-key' \
//!   -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \
//!   -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/list' \
//!   -d '{ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": { "_meta": {
//!         "io.modelcontextprotocol/protocolVersion": "2026-07-28",
//!         "io.modelcontextprotocol/clientCapabilities": {} } } }'
//! ```
//!
//! It listens at 127.0.0.1:8000, or at what `PROTECTED_ADDRESS` says; port 0 lets the system choose
//! one, and the address stands on standard error. A proxy in front speaks TLS and keeps the `Host`.
//! Tokens that are not signed are asked about at the issuer, where this server is the client
//! `PROTECTED_CLIENT` with the secret `PROTECTED_SECRET`.

use std::sync::{Mutex, PoisonError};

use tokio::net::TcpListener;
use toolwright::auth::{ResourceServer, Secret, StaticKeys, UpstreamSecrets};
use toolwright::handler::Scopes;
use toolwright::http::{AllowedHosts, HttpOptions};
use toolwright::prelude::*;

/// What was ordered, and by whom.
#[derive(Debug, Default)]
struct Orders {
    placed: Mutex<Vec<(Principal, String)>>,
}

/// Says who you are, as far as this server knows.
#[tool]
fn whoami(caller: Principal) -> String {
    format!("{caller}, who may: {}", caller.scopes())
}

/// Lists your orders.
#[tool(read_only, scopes = ["orders:read"])]
fn list_orders(caller: Principal, orders: State<Orders>) -> Vec<String> {
    let orders = orders.placed.lock().unwrap_or_else(PoisonError::into_inner);
    let own = orders.iter().filter(|(owner, _)| *owner == caller);
    own.map(|(_, article)| article.clone()).collect()
}

/// Places an order.
#[tool(scopes = ["orders:write"])]
fn place_order(
    /// What to order.
    article: String,
    caller: Principal,
    orders: State<Orders>,
    warehouse: State<UpstreamSecrets<String>>,
) -> Result<String, ToolError> {
    // Never the caller's token: the warehouse knows this server by a key of its own.
    let key = warehouse.of(&caller);
    let key = key.ok_or(ToolError::new("the warehouse knows nobody like you"))?;
    let receipt = send_to_warehouse(key.expose(), &article);
    let mut orders = orders.placed.lock().unwrap_or_else(PoisonError::into_inner);
    orders.push((caller, article));
    Ok(receipt)
}

/// Stands for a request to another service.
fn send_to_warehouse(key: &str, article: &str) -> String {
    assert!(!key.is_empty());
    format!("ordered: {article}")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::var("PROTECTED_ADDRESS");
    let address = address.unwrap_or_else(|_| "127.0.0.1:8000".to_owned());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let options = match &arguments[..] {
        [issuer, resource] => {
            let host = resource.parse::<http::Uri>()?;
            let host = host.host().unwrap_or_default().to_owned();
            let auth = ResourceServer::new(issuer, resource)?
                .name("The shop")
                .scopes(["orders:read", "orders:write"])
                // Who may order may also see what was ordered.
                .implies("orders:write", ["orders:read"]);
            let asks_as = (
                std::env::var("PROTECTED_CLIENT"),
                std::env::var("PROTECTED_SECRET"),
            );
            let auth = match asks_as {
                (Ok(client), Ok(secret)) => auth.introspection(client, secret),
                _ => auth,
            };
            HttpOptions::default()
                .hosts(AllowedHosts::new([host])?)
                .auth(auth)
        }
        [] => {
            let key = Secret::new(std::env::var("PROTECTED_KEY")?);
            let all = Scopes::parse("orders:read orders:write");
            HttpOptions::default().auth(StaticKeys::new().key("owner", &key, all)?)
        }
        _ => return Err("expected an issuer and the URL of this server, or neither".into()),
    };
    let listener = TcpListener::bind(address).await?;
    eprintln!("http://{}/mcp", listener.local_addr()?);
    toolwright::server!()
        .state(Orders::default())
        .state(UpstreamSecrets::shared(Secret::new(
            "the shop's key".to_owned(),
        )))
        .tool::<(whoami, list_orders, place_order)>()
        .build()?
        .serve_listener(listener, options)
        .await?;
    Ok(())
}
