//! What the tests of the client share: a server in a process of its own, which is this very test
//! program, and a scripted peer that says what no good server would.

#![allow(dead_code, unused_imports, reason = "each test program uses a part")]
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

mod child;
mod remote;
mod script;

pub(crate) use child::{program, serve_if_child};
pub(crate) use remote::serve_http;
pub(crate) use script::{Script, config};
