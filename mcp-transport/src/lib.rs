//! Transports of the Model Context Protocol: how bytes reach an engine and leave it.
//!
//! [`driver`] feeds an engine from a connection, [`codec`] finds messages in a stream of bytes,
//! [`memory`] is a connection that never leaves
//! the process, and `stdio` (a feature) is standard input and output of this process.

pub mod codec;
pub mod driver;
pub mod memory;
#[cfg(feature = "stdio")]
pub mod stdio;
