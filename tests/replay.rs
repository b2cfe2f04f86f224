//! A call that asks three times and runs two steps, over HTTP, on as many processes as it meets: what
//! its steps did is counted here, outside of all of them.
#![cfg(all(feature = "macros", feature = "http-server"))]
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

#[path = "replay/caller.rs"]
mod caller;
#[path = "replay/eras.rs"]
mod eras;
#[path = "replay/interrupted.rs"]
mod interrupted;
#[path = "replay/ledger.rs"]
mod ledger;
#[path = "replay/once.rs"]
mod once;
#[allow(dead_code, reason = "each test program uses a part")]
#[path = "http_server/peer.rs"]
mod peer;
#[path = "replay/replica.rs"]
mod replica;
