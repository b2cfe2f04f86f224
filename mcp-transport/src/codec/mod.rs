//! Framings: where one message ends and the next begins. Pure: bytes in, slices out, no IO.

mod lines;

pub use lines::{Line, LineFramer};
