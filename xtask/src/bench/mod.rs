//! What the library costs: the guards of continuous integration, which count instructions against a
//! committed baseline.

pub(crate) mod baseline;
mod callgrind;
mod dialogue;
pub(crate) mod guard_auth;
pub(crate) mod guard_client;
pub(crate) mod guard_http;
pub(crate) mod guard_stdio;
pub(crate) mod packages;
mod sessions;
