//! The seam to an HTTP library: one request, and the answer to it.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use http::{Request, Response, Uri};

use super::ReceivedBody;

/// Makes HTTP exchanges. Everything this library does over HTTP as a client goes through one.
///
/// An implementation adds nothing to a request but what HTTP itself needs (`Host`,
/// `Content-Length`), keeps no cookies, and **follows no redirect**: where a redirect leads, the
/// credentials of a request must not go along unasked (fault 88), and the caller decides that.
pub trait HttpClient: Send + Sync + 'static {
    /// Sends a request with an absolute URI, and resolves with the head of its answer. The body
    /// follows as it comes.
    ///
    /// Dropping the future or the body gives the exchange up: a server that looks for it sees a
    /// disconnect (HTTP-M-33).
    ///
    /// # Errors
    ///
    /// [`HttpError`] when there is no answer. A status of 400 and above is an answer.
    fn exchange(&self, request: Request<Bytes>) -> Exchanging;
}

/// The future of [`HttpClient::exchange`].
pub type Exchanging =
    Pin<Box<dyn Future<Output = Result<Response<ReceivedBody>, HttpError>> + Send>>;

/// Why an exchange came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// There was no connection, so the server has not seen the request.
    #[error("no connection to {origin}: {}", chain(&**cause))]
    Unreachable {
        /// Scheme and authority of the server.
        origin: String,
        /// What stood in the way.
        cause: BoxError,
    },
    /// The connection failed later. Whether the server acted on the request is not known.
    #[error("the exchange broke off: {}", chain(&**.0))]
    Broken(BoxError),
    /// The answer was longer than allowed.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
}

/// An error of some HTTP library.
pub type BoxError = Box<dyn Error + Send + Sync>;

impl HttpError {
    /// [`HttpError::Unreachable`] of a server, named without what a URI may hold that is secret.
    pub fn unreachable(uri: &Uri, cause: impl Into<BoxError>) -> Self {
        let scheme = uri.scheme_str().unwrap_or_default();
        let host = uri.host().unwrap_or_default();
        let port = uri.port().map(|port| format!(":{port}"));
        Self::Unreachable {
            origin: format!("{scheme}://{host}{}", port.unwrap_or_default()),
            cause: cause.into(),
        }
    }

    /// [`HttpError::Broken`].
    pub fn broken(cause: impl Into<BoxError>) -> Self {
        Self::Broken(cause.into())
    }
}

/// An error with what caused it: HTTP libraries say the interesting part last.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}
