//! A server mounted in an axum router, beside routes that have nothing to do with the protocol
//! and share its state.
//!
//! ```sh
//! cargo run --example axum_mount -- 127.0.0.1:8000
//!
//! curl http://127.0.0.1:8000/greetings
//!
//! curl http://127.0.0.1:8000/mcp \
//!   -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \
//!   -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -H 'Mcp-Name: greet' \
//!   -d '{ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
//!         "name": "greet", "arguments": { "name": "Ada" }, "_meta": {
//!           "io.modelcontextprotocol/protocolVersion": "2026-07-28",
//!           "io.modelcontextprotocol/clientCapabilities": {} } } }'
//! ```
//!
//! Port 0 lets the system choose one; the address stands on standard error.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use toolwright::http::HttpOptions;
use toolwright::prelude::*;

/// What the tool and the web page both know.
#[derive(Debug, Default)]
struct Greetings(AtomicU64);

impl Greetings {
    fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Greet somebody.
#[tool]
fn greet(
    /// Whom to greet.
    name: String,
    greetings: State<Arc<Greetings>>,
) -> String {
    greetings.add();
    format!("Hello, {name}!")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1);
    let address = address.unwrap_or_else(|| "127.0.0.1:8000".to_owned());

    let greetings = Arc::new(Greetings::default());
    let server = toolwright::server!()
        .state(Arc::clone(&greetings))
        .tool::<greet>()
        .build()?;

    // The router finds the path; hosts, origins, limits and the protocol are the service's own.
    // By default only this machine may use it: see `HttpOptions::hosts` and `HttpOptions::origins`.
    let router = Router::new()
        .route("/", get(async || "Tools are at /mcp."))
        .route(
            "/greetings",
            get(async move || greetings.count().to_string()),
        )
        .route_service("/mcp", server.http(HttpOptions::default()));

    let listener = TcpListener::bind(address).await?;
    eprintln!("http://{}/mcp", listener.local_addr()?);
    // An answer must not wait until the one before it was acknowledged.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            if let Err(error) = tokio::signal::ctrl_c().await {
                eprintln!("signals cannot be watched: {error}");
                std::future::pending::<()>().await;
            }
            // Subscriptions end with a result; the router waits for the calls.
            server.shutdown();
        })
        .await?;
    Ok(())
}
