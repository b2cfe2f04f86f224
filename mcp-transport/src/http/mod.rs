//! Streamable HTTP, the server's side: one endpoint for every revision.
//!
//! [`HttpService`] is the endpoint, [`serve()`] the listener around it, [`HttpOptions`] what both
//! can be told. A request passes a gate (host, origin, method, media types, length,
//! authentication) before its body is read, and `classify` says which era it belongs to.
//!
//! The pure parts, each a set of functions over headers and bytes: [`origin`] (who may talk to
//! this server from a browser), [`accept`] (which media types), [`headers`] (headers that mirror
//! the body), [`session_id`] and [`events`] (legacy sessions and their resumable streams).

pub mod accept;
mod address;
mod alarm;
mod auth;
mod body;
mod classify;
mod cors;
pub mod events;
mod expiry;
#[cfg(all(test, feature = "http-client"))]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod fail_the_nth;
mod fields;
mod gate;
mod keep_alive;
mod legacy;
mod modern;
mod options;
pub mod origin;
mod permit;
mod probes;
mod protocols;
mod reply;
mod serve;
mod service;
pub mod session_id;
mod timed;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "http2")]
mod unread;

pub use crate::http_headers as headers;
pub use address::ClientAddress;
pub use auth::{Authenticate, Authenticating, Challenge};
pub use body::HttpBody;
pub use cors::Cors;
pub use options::{HttpOptions, Legacy};
pub use reply::HttpResponse;
pub use serve::{listen, serve};
pub use service::HttpService;
#[cfg(feature = "tls")]
pub use tls::{InvalidTls, Tls};
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;
