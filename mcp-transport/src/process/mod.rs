//! A server as a child process: started without a shell, spoken to over its standard input and
//! output, and stopped with everything it started (STDIO-A-03).
//!
//! [`Program`] says what to start, [`Program::start`] starts it. What comes back are the two ends
//! of the connection; when the writing end is dropped the child is stopped: its input is closed,
//! then it is asked to end, then it and its descendants are killed.

#[cfg(feature = "auth")]
mod browser;
mod environment;
#[cfg(unix)]
mod group;
#[cfg(not(unix))]
#[path = "no_group.rs"]
mod group;
mod program;
mod stderr;
mod streams;
mod supervisor;

#[cfg(feature = "auth")]
pub(crate) use browser::open_in_browser;
pub use program::{Program, SpawnError};
pub use stderr::{Captured, Stderr};
pub use streams::{ChildInput, ChildOutput};
