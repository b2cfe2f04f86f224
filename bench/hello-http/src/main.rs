//! One function as a tool, over HTTP: `hello-http ADDRESS`.

use std::net::SocketAddr;

use toolwright::prelude::*;

/// Add two numbers.
#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> toolwright::Result<()> {
    let address = std::env::args().nth(1).expect("the address is an argument");
    let address: SocketAddr = address.parse().expect("the argument is an address");
    toolwright::server!()
        .tool::<add>()
        .serve_http(address)
        .await
}
