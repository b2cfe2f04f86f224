//! Transports of the Model Context Protocol: how bytes reach an engine and leave it.
//!
//! [`codec`] finds messages in a stream of bytes, [`memory`] is a connection that never leaves
//! the process.

pub mod codec;
pub mod memory;
