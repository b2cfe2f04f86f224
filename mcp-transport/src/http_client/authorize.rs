//! The seam for authorization: what a client shows to a server that wants to know who asks.

use std::future::Future;
use std::pin::Pin;

use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};

use super::BoxError;

/// Says what goes along with each request, and what to do when that did not suffice.
///
/// One that knows nothing yet gives no headers, learns from the challenge what is wanted
/// (AUTH-C-02), and says [`Verdict::Retry`]. It may take as long as it needs, a person included.
pub trait Authorize: Send + Sync + 'static {
    /// The headers of a request with this head, `Authorization` above all (AUTH-C-01). Asked
    /// before each time a request is sent.
    ///
    /// # Errors
    ///
    /// Why the request cannot be sent.
    fn authorize<'a>(&'a self, request: &'a Parts) -> Authorized<'a>;

    /// Told of a 401 or 403, and says what becomes of the request.
    ///
    /// # Errors
    ///
    /// Why there will be no credentials: what the caller of the request gets to see.
    fn challenged<'a>(&'a self, challenge: Challenged<'a>) -> Judged<'a>;
}

/// The future of [`Authorize::authorize`].
pub type Authorized<'a> = Pin<Box<dyn Future<Output = Result<HeaderMap, BoxError>> + Send + 'a>>;

/// The future of [`Authorize::challenged`].
pub type Judged<'a> = Pin<Box<dyn Future<Output = Result<Verdict, BoxError>> + Send + 'a>>;

/// A request that the server did not let pass.
#[derive(Debug)]
#[non_exhaustive]
pub struct Challenged<'a> {
    /// Where the request went.
    pub uri: &'a Uri,
    /// What [`Authorize::authorize`] had added to it. Holds secrets.
    pub shown: &'a HeaderMap,
    /// 401 or 403.
    pub status: StatusCode,
    /// All of the answer's headers, `WWW-Authenticate` among them.
    pub headers: &'a HeaderMap,
    /// The how many-th challenge of this request in a row, from 1 (fault 95).
    pub attempt: u32,
}

impl<'a> Challenged<'a> {
    /// The challenge of a request, for an implementation's own tests.
    pub fn new(
        uri: &'a Uri,
        shown: &'a HeaderMap,
        status: StatusCode,
        headers: &'a HeaderMap,
        attempt: u32,
    ) -> Self {
        Self {
            uri,
            shown,
            status,
            headers,
            attempt,
        }
    }

    /// The values of `WWW-Authenticate`, in their order.
    pub fn www_authenticate(&self) -> impl Iterator<Item = &'a HeaderValue> {
        let name = http::header::WWW_AUTHENTICATE;
        self.headers.get_all(name).iter()
    }
}

/// What becomes of a request after a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is sent again, with what [`Authorize::authorize`] says now. The server refused it, so
    /// nothing runs twice.
    Retry,
    /// The server's answer stands.
    GiveUp,
}
