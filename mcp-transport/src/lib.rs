//! Transports of the Model Context Protocol: how bytes reach an engine and leave it.
//!
//! [`driver`] feeds an engine from a connection, [`codec`] finds messages in a stream of bytes,
//! [`backoff`] is the patience of clients, [`memory`] is a connection that never leaves the process. Each of the others is a feature:
//! `stdio` is standard input and output of this process, `process` those of a child, `http` (the
//! feature `http-server`) Streamable HTTP for servers, and `http_client` for clients.

#[cfg(all(test, feature = "auth"))]
extern crate self as mcp_transport;

#[cfg(feature = "auth")]
pub mod auth;
pub mod backoff;
pub mod codec;
pub mod driver;
#[cfg(feature = "http-server")]
pub mod http;
#[cfg(feature = "http-client")]
pub mod http_client;
#[cfg(any(feature = "http-client", feature = "http-server"))]
pub mod http_headers;
pub mod memory;
#[cfg(feature = "auth")]
mod private_file;
#[cfg(feature = "process")]
pub mod process;
#[cfg(any(feature = "auth", feature = "http-server"))]
mod random;
#[cfg(any(feature = "stdio", feature = "http-server"))]
pub mod signal;
#[cfg(feature = "stdio")]
pub mod stdio;
#[cfg(feature = "http-server")]
mod sync;
#[cfg(any(feature = "http-client", feature = "http-server"))]
mod write_watch;
#[cfg(any(feature = "http-client", feature = "http-server"))]
pub mod www_authenticate;
