//! The Model Context Protocol for Rust: an annotated function becomes a tool, and one server
//! speaks every protocol revision.
//!
//! ```no_run
//! use toolwright::prelude::*;
//!
//! /// Add two numbers.
//! #[tool]
//! fn add(
//!     /// The first addend.
//!     a: i64,
//!     /// The second addend.
//!     b: i64,
//! ) -> i64 {
//!     a + b
//! }
//!
//! #[tokio::main]
//! async fn main() -> toolwright::Result<()> {
//!     Server::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
//!         .tool::<add>()
//!         .serve_stdio()
//!         .await
//! }
//! ```
//!
//! The doc comments become the descriptions that the model reads, the parameters the JSON Schema,
//! and `add(2, 3)` is still a function that a unit test calls.
//!
//! # Where to look
//!
//! | For | See |
//! |---|---|
//! | annotations | [`tool`], [`tools`], [`prompt`], [`resource`], [`data`], [`form`] |
//! | what a function may take and return | [`handler`] |
//! | the request: progress, logging, cancellation, the client | [`Context`](context::Context) |
//! | asking the user, the model, the roots in the middle of a handler | [`ask`] |
//! | building, serving and changing a server; middleware | [`server`](mod@server) |
//! | bounds, and the errors they cause | [`Limits`] |
//! | connecting to servers: child processes, in memory, over any streams | `client` (feature `client`) |
//! | the protocol's own types | [`model`], [`jsonrpc`], [`json`] |
//!
//! The guide in `docs/guide` of the repository has a page for each idea, in the order in which a
//! server usually needs them.
//!
//! # Features
//!
//! | Feature | Brings | On by default |
//! |---|---|---|
//! | `server` | the builder, handlers, extractors, middleware | yes |
//! | `macros` | the annotations | yes |
//! | `stdio` | [`Server::serve_stdio`](Server) | yes |
//! | `client` | the module `client` | no |
//! | `http-client` | servers over Streamable HTTP, for the client | no |
//! | `validation` | every keyword of a tool's input schema is enforced, not only types | no |
//! | `http-server` | serving over Streamable HTTP, alone or mounted; brings `seal` | no |
//! | `tls` | TLS for that server, without a proxy in front of it | no |
//! | `seal` | the state of calls that ask travels sealed, for servers of several processes | no |
//! | `auth` | authorization: tokens, verified by servers and got by clients | no |
//! | `full` | all of them | no |
//!
//! # Versions
//!
//! A server answers clients of 2024-11-05, 2025-03-26, 2025-06-18, 2025-11-25 and 2026-07-28, even
//! on one connection. Handlers return the newest and richest form; what a client's [`Revision`]
//! does not know is taken away, or said in its terms, before it is sent.

pub mod ask;
#[cfg(feature = "auth")]
pub mod auth;
#[cfg(feature = "client")]
pub mod client;
pub mod context;
#[cfg(doctest)]
mod guide;
pub mod handler;
#[cfg(feature = "http-server")]
pub mod http;
mod mirrored;
pub mod prelude;
pub mod server;
#[cfg(feature = "validation")]
mod validation;

#[doc(hidden)]
pub use handler::private as __private;
#[doc(inline)]
pub use mcp_core::{Era, Limits, ProtocolVersion, Revision, UriTemplate, json, jsonrpc, model};
pub use mcp_transport::memory;
#[cfg(feature = "macros")]
mod macros;
#[cfg(all(feature = "macros", feature = "client"))]
pub use macros::client;
#[cfg(feature = "macros")]
pub use macros::{data, form, prompt, resource, tool, tools};
pub use server::Server;

/// The result of serving: `fn main() -> toolwright::Result<()>`.
pub type Result<T, E = server::Error> = std::result::Result<T, E>;

/// A [`Server`] with the name and version of the crate that calls this.
///
/// ```
/// let server = toolwright::server!();
/// # let _ = server;
/// ```
#[macro_export]
macro_rules! server {
    () => {
        $crate::Server::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
    };
}
