//! The client's side of authorization against a web of the test's own, in memory: an MCP server
//! and its authorization servers, each as honest as the test says.
#![cfg(feature = "auth")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "auth_client/dpop.rs"]
mod dpop;
#[path = "auth_client/grants.rs"]
mod grants;
#[path = "auth_client/hostile.rs"]
mod hostile;
#[path = "auth_client/kept.rs"]
mod kept;
#[path = "auth_client/login.rs"]
mod login;
#[path = "auth_client/nth.rs"]
mod nth;
#[path = "auth_client/refresh.rs"]
mod refresh;
#[path = "auth_client/step_up.rs"]
mod step_up;
#[path = "auth_client/web.rs"]
mod web;
