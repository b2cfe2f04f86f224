//! The loops that feed an engine from a connection: bytes in, messages through the engine,
//! bytes out.
//!
//! One task drives one connection, without a lock or a channel on the way of a call that is
//! answered at once: a request is read, handed to the [`Handler`], encoded and written in one
//! turn of the loop.

mod calls;
mod client;
mod client_handle;
mod handler;
mod link;
mod questions;
mod server;

#[cfg(feature = "http-client")]
pub(crate) use calls::{Calls, Command, Happened};
pub use calls::{Listener, Notified};
pub use client::connect;
pub use client_handle::{ClientHandle, InFlight, Outgoing};
#[cfg(feature = "http-server")]
pub(crate) use handler::Noted;
pub use handler::{Dispatch, Handler, Mirrored};
pub use questions::{Answerer, Answering};
#[cfg(any(feature = "http-client", feature = "http-server"))]
pub(crate) use server::now;
pub use server::{HangUp, serve};
