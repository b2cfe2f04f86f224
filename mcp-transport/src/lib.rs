//! Transports of the Model Context Protocol: how bytes reach an engine and leave it.
//!
//! [`driver`] feeds an engine from a connection, [`codec`] finds messages in a stream of bytes,
//! [`memory`] is a connection that never leaves
//! the process, `stdio` (a feature) is standard input and output of this process, `process` (a
//! feature) those of a child, and `http` (the feature `http-server`) is Streamable HTTP.

pub mod codec;
pub mod driver;
#[cfg(feature = "http-server")]
pub mod http;
pub mod memory;
#[cfg(feature = "process")]
pub mod process;
#[cfg(any(feature = "stdio", feature = "http-server"))]
pub mod signal;
#[cfg(feature = "stdio")]
pub mod stdio;
