//! Framings: where one message ends and the next begins. Pure: bytes in, slices out, no IO.

mod lines;
#[cfg(any(feature = "http-client", feature = "http-server"))]
pub mod sse;

pub use lines::{Line, LineFramer};
