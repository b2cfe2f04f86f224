//! What the tests of whole servers share: a server with tools that misbehave, and two ways to
//! talk to one in plain JSON.

// Each test program uses a part of this, and the exemption of tests does not reach helpers.
#![allow(dead_code, unused_imports, clippy::unwrap_used)]

mod messages;
mod peer;
#[cfg(unix)]
pub(crate) mod process;
mod still;
mod tools;

pub(crate) use messages::{
    INITIALIZED, call, cancel, error_of, initialize, modern, modern_call, notification, request,
    text_of, text_result,
};
pub(crate) use peer::{Peer, new_server, until_idle};
pub(crate) use tools::{Gates, with_tools};
