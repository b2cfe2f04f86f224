//! The seam for authentication: who a request is from, or what is asked of them first.

use std::future::Future;
use std::pin::Pin;

use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use mcp_core::engine::Principal;

use super::reply::{self, HttpResponse};

/// Finds out who a request is from. Asked for every request (AUTH-S-03), after its host, origin,
/// method, media type and length were found in order, and before anything else of it counts.
pub trait Authenticate: Send + Sync + 'static {
    /// The principal of a request with this head.
    ///
    /// # Errors
    ///
    /// [`Challenge`]: what to answer instead.
    fn authenticate<'a>(&'a self, head: &'a Parts) -> Authenticating<'a>;
}

/// The future of [`Authenticate::authenticate`].
pub type Authenticating<'a> =
    Pin<Box<dyn Future<Output = Result<Principal, Challenge>> + Send + 'a>>;

/// The answer to somebody who did not, or could not, say who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    status: StatusCode,
    scheme: Option<HeaderValue>,
}

impl Challenge {
    /// 401: no credentials, or none that are valid, and how to present them: the value of
    /// `WWW-Authenticate` (AUTH-S-01).
    pub fn unauthorized(scheme: HeaderValue) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            scheme: Some(scheme),
        }
    }

    /// 403: valid credentials that do not suffice, and what would: the value of
    /// `WWW-Authenticate` (AUTH-S-04).
    pub fn forbidden(scheme: HeaderValue) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            scheme: Some(scheme),
        }
    }

    /// 429: too many attempts.
    pub fn too_many() -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            scheme: None,
        }
    }

    pub(super) fn into_response(self) -> HttpResponse {
        let mut response = reply::empty(self.status);
        if let Some(scheme) = self.scheme {
            response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
