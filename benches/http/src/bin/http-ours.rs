//! The calculator's `add` as a user writes it, over HTTP with nothing configured.

use std::net::SocketAddr;

use toolwright::prelude::*;

/// Add two numbers.
#[tool]
fn add(
    /// The first addend.
    a: i64,
    /// The second addend.
    b: i64,
) -> i64 {
    a + b
}

/// Serves the address that is the first argument.
#[tokio::main(flavor = "current_thread")]
async fn main() -> toolwright::Result<()> {
    let address: SocketAddr = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .expect("the argument is an address");
    toolwright::server!()
        .tool::<add>()
        .serve_http(address)
        .await
}
