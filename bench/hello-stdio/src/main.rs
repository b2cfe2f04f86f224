//! One function as a tool, over standard input and output.

use toolwright::prelude::*;

/// Add two numbers.
#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> toolwright::Result<()> {
    toolwright::server!().tool::<add>().serve_stdio().await
}
