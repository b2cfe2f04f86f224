//! Fail the Nth: a fixed session is run once to count what it reads, writes, starts, looks up and
//! notes, and then once for each of these operations and each way in which it can fail. Every run
//! ends, every request has one outcome that is right or says that it is none, nothing is left, and
//! the next client is served. Time is virtual.
#![cfg(all(feature = "macros", feature = "http-server", feature = "http-client"))]
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

#[cfg(target_os = "linux")]
#[path = "client_support/child.rs"]
mod child;
#[path = "fail_the_nth/clock.rs"]
mod clock;
#[path = "fail_the_nth/http.rs"]
mod http;
#[path = "fail_the_nth/keys.rs"]
mod keys;
#[path = "fail_the_nth/network.rs"]
mod network;
#[path = "fail_the_nth/pipe.rs"]
mod pipe;
#[path = "fail_the_nth/points.rs"]
mod points;
#[path = "fail_the_nth/rig.rs"]
mod rig;
#[path = "fail_the_nth/session.rs"]
mod session;
#[cfg(target_os = "linux")]
#[path = "fail_the_nth/spawn.rs"]
mod spawn;
#[path = "fail_the_nth/stores.rs"]
mod stores;
#[path = "fail_the_nth/stream.rs"]
mod stream;

/// What `spawn` starts.
#[cfg(target_os = "linux")]
#[test]
fn the_child() {
    child::serve_if_child(|_| rig::server(&std::sync::Arc::default()));
}
