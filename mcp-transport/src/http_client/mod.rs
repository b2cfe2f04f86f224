//! Streamable HTTP, the client's side.
//!
//! [`connect`] makes a connection to an [`Endpoint`], of a server of any revision.
//!
//! [`HttpClient`] makes one exchange, a request and its streamed answer, and is all that is needed
//! of an HTTP library; [`HyperClient`] is the one that comes with this crate. [`Authorize`] says
//! what is shown to a server that wants to know who asks.

mod answer;
mod authorize;
mod connection;
mod ending;
mod endpoint;
mod exchange;
mod head;
mod hyper_client;
mod known;
mod listening;
mod reach;
mod received;
mod reference;
mod report;
mod running;
mod session;
mod streak;
mod wire;

pub use authorize::{Authorize, Authorized, Challenged, Judged, Verdict};
pub use connection::connect;
pub use endpoint::{Endpoint, InvalidUrl};
pub use exchange::{BoxError, Exchanging, HttpClient, HttpError};
pub use hyper_client::HyperClient;
#[cfg(all(test, feature = "http-server"))]
pub(crate) use hyper_client::HyperOver;
pub use known::KnownServers;
pub use reach::{Reach, is_this_machine};
pub use received::ReceivedBody;
#[cfg(feature = "auth")]
pub(crate) use reference::{origin, resolve, same_origin};
pub use tokio_rustls::rustls;
