//! The Model Context Protocol for Rust: an annotated function becomes a tool, and one server
//! speaks every protocol revision.

#[cfg(feature = "client")]
pub mod client;
pub mod context;
#[cfg(doctest)]
mod guide;
pub mod handler;
pub mod prelude;
pub mod server;

#[doc(hidden)]
pub use handler::private as __private;
pub use mcp_core::{Era, Limits, ProtocolVersion, Revision, jsonrpc, model};
#[cfg(feature = "macros")]
pub use mcp_macros::{data, prompt, resource, tool, tools};
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
