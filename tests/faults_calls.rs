//! The faults of calls in flight, where virtual time and exact interleavings are needed.
#![cfg(feature = "macros")]
#![allow(clippy::unwrap_used)]

mod support;

#[path = "faults_calls/cancelling.rs"]
mod cancelling;
#[path = "faults_calls/ends.rs"]
mod ends;
#[path = "faults_calls/turns.rs"]
mod turns;

use std::sync::Arc;

use support::{Gates, Peer, new_server, with_tools};
use toolwright::Limits;
use toolwright::server::ServerHandle;

/// A server with the tools, and what holds them.
fn served(limits: Limits) -> (ServerHandle, Arc<Gates>) {
    let gates = Gates::new();
    let server = with_tools(new_server(), &gates).limits(limits);
    (server.build().unwrap(), gates)
}

/// A connection to such a server, after the handshake.
async fn connected(limits: Limits) -> (Peer, Arc<Gates>) {
    let (server, gates) = served(limits);
    (Peer::legacy(&server, "2025-11-25").await, gates)
}
