//! The facade.

pub mod context;
pub mod handler;

#[doc(hidden)]
pub use handler::private as __private;
pub use mcp_core::model;
#[cfg(feature = "macros")]
pub use mcp_macros::{data, tool};
