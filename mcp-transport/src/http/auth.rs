//! The seam for authentication: who a request is from, or what is asked of them first.

use std::future::Future;
use std::pin::Pin;

use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use mcp_core::engine::{Principal, Scopes};

use super::reply::{self, HttpResponse};
use crate::www_authenticate::Scheme;

/// Finds out who a request is from. Asked for every request (AUTH-S-03), after its host, origin,
/// method, media type and length were found in order, and before anything else of it counts.
pub trait Authenticate: Send + Sync + 'static {
    /// The principal of a request with this head.
    ///
    /// # Errors
    ///
    /// [`Challenge`]: what to answer instead.
    fn authenticate<'a>(&'a self, head: &'a Parts) -> Authenticating<'a>;

    /// What to answer to a principal whose request needs scopes that it was not granted: all that
    /// the request needs, in one challenge (AUTH-S-04).
    fn insufficient(&self, needed: &Scopes) -> Challenge {
        let scheme = Scheme::new("Bearer")
            .with("error", "insufficient_scope")
            .with("scope", needed.to_string());
        Challenge::forbidden(scheme.to_header())
    }

    /// The JSON document that anybody may read at this path, which lies beside the endpoint, such
    /// as the metadata of a protected resource (AUTH-S-01). `None` where there is none.
    fn document(&self, path: &str) -> Option<String> {
        let _ = path;
        None
    }
}

/// The future of [`Authenticate::authenticate`].
pub type Authenticating<'a> =
    Pin<Box<dyn Future<Output = Result<Principal, Challenge>> + Send + 'a>>;

/// The answer to somebody who did not, or could not, say who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    status: StatusCode,
    schemes: Vec<HeaderValue>,
    retry_after: Option<HeaderValue>,
}

impl Challenge {
    fn new(status: StatusCode) -> Self {
        Self {
            status,
            schemes: Vec::new(),
            retry_after: None,
        }
    }

    /// 400: credentials that are malformed, and how to present them (AUTH-S-03).
    pub fn bad_request(scheme: HeaderValue) -> Self {
        Self::new(StatusCode::BAD_REQUEST).or(scheme)
    }

    /// 401: no credentials, or none that are valid, and how to present them: the value of
    /// `WWW-Authenticate` (AUTH-S-01).
    pub fn unauthorized(scheme: HeaderValue) -> Self {
        Self::new(StatusCode::UNAUTHORIZED).or(scheme)
    }

    /// 403: valid credentials that do not suffice, and what would: the value of
    /// `WWW-Authenticate` (AUTH-S-04).
    pub fn forbidden(scheme: HeaderValue) -> Self {
        Self::new(StatusCode::FORBIDDEN).or(scheme)
    }

    /// 429: too many attempts.
    pub fn too_many() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS)
    }

    /// 503: whether the credentials are valid cannot be found out now, and may be in some seconds.
    pub fn unavailable(seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds.into()),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE)
        }
    }

    /// The same, naming another way to present credentials as well.
    #[must_use]
    pub fn or(mut self, scheme: HeaderValue) -> Self {
        self.schemes.push(scheme);
        self
    }

    /// The answer, with a JSON message as its body if there is one.
    pub(super) fn into_response(self, message: Option<Vec<u8>>) -> HttpResponse {
        let mut response = match message {
            Some(message) => reply::json(self.status, message),
            None => reply::empty(self.status),
        };
        let headers = response.headers_mut();
        for scheme in self.schemes {
            headers.append(WWW_AUTHENTICATE, scheme);
        }
        if let Some(retry_after) = self.retry_after {
            headers.insert(RETRY_AFTER, retry_after);
        }
        response
    }
}
