//! Streamable HTTP, the client's side.
//!
//! [`HttpClient`] makes one exchange, a request and its streamed answer, and is all that is needed
//! of an HTTP library; [`HyperClient`] is the one that comes with this crate. [`Authorize`] says
//! what is shown to a server that wants to know who asks.

mod authorize;
mod exchange;
mod hyper_client;
mod received;

pub use authorize::{Authorize, Authorized, Challenged, Judged, Verdict};
pub use exchange::{BoxError, Exchanging, HttpClient, HttpError};
pub use hyper_client::HyperClient;
pub use received::ReceivedBody;
pub use tokio_rustls::rustls;
