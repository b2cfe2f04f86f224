//! The Model Context Protocol without IO.
//!
//! - [`json`]: JSON where it stands, without a copy.
//! - [`jsonrpc`]: messages, ids and errors of JSON-RPC 2.0, and their way from and to bytes.
//! - [`model`]: what the messages carry, and how older revisions say it.
//! - [`ProtocolVersion`], [`Revision`], [`Era`]: the only place that compares versions.
//! - [`lifecycle`]: when which message is allowed.
//! - [`engine`]: the protocol of one connection, server and client side, fed and drained by a driver.
//! - [`Limits`]: every bound in one place.
//!
//! Nothing here reads a clock, opens a socket or starts a thread.

pub mod engine;
pub mod json;
pub mod jsonrpc;
pub mod lifecycle;
mod limits;
pub mod model;
mod sync;
mod uri_template;
mod version;

pub use limits::Limits;
pub use uri_template::{UriTemplate, UriTemplateError};
pub use version::{Era, Feature, ProtocolVersion, Revision};
