//! The calculator's `add` as a user writes it, over HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use toolwright::Limits;

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

/// Serves the address that is the first argument. Nothing is configured, but that one address may
/// hold all the sessions there are, and the seconds that a session may be idle, if they are the
/// second argument.
#[tokio::main(flavor = "current_thread")]
async fn main() -> toolwright::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address: SocketAddr = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .expect("the first argument is an address");
    let mut limits = Limits::default();
    limits.peer_sessions = limits.sessions;
    if let Some(seconds) = arguments.next() {
        let seconds = seconds.parse().expect("the second argument is a number");
        limits.session_idle = Duration::from_secs(seconds);
    }
    let server = toolwright::server!().tool::<add>().limits(limits);
    server.serve_http(address).await
}
