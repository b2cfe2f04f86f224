//! The ways to a token.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

use super::registration::Registration;
use super::user::UserAgent;
use crate::auth::Secret;
use crate::http_client::BoxError;

/// How a client comes by its tokens.
pub(super) enum Grant {
    /// A user logs in.
    Login(Box<dyn UserAgent>),
    /// It is its own user (AUTH-X-01).
    ClientCredentials,
    /// The user logged in to the enterprise (AUTH-X-02).
    Enterprise(Box<IdentityProvider>),
    /// The platform that it runs on says who it is (AUTH-X-03).
    Workload(Box<dyn Assertions>),
}

/// Something that somebody else signed, and that stands for this client or its user.
pub trait Assertions: Send + Sync + 'static {
    /// One that is good now, asked for each time a token is needed. `audience` is who gets to see
    /// it.
    ///
    /// # Errors
    /// Why there is none.
    fn assertion<'a>(&'a self, audience: &'a str) -> Asserting<'a>;
}

/// The future of [`Assertions::assertion`].
pub type Asserting<'a> =
    Pin<Box<dyn Future<Output = Result<Secret<String>, BoxError>> + Send + 'a>>;

/// Always the same one.
impl Assertions for Secret<String> {
    fn assertion<'a>(&'a self, _: &'a str) -> Asserting<'a> {
        let same = self.expose().clone();
        Box::pin(async { Ok(Secret::new(same)) })
    }
}

/// What stands in a file that the platform writes anew from time to time, such as the token of a
/// Kubernetes service account.
#[derive(Debug, Clone)]
pub struct AssertionFile(PathBuf);

impl AssertionFile {
    /// The file at this path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

impl Assertions for AssertionFile {
    fn assertion<'a>(&'a self, _: &'a str) -> Asserting<'a> {
        Box::pin(async {
            let text = std::fs::read_to_string(&self.0);
            let text = text.map_err(|error| format!("{}: {error}", self.0.display()))?;
            Ok(text.trim().into())
        })
    }
}

/// The identity provider of an enterprise, which vouches for its users to the authorization
/// servers it trusts (AUTH-X-02).
pub struct IdentityProvider {
    pub(super) token_endpoint: String,
    pub(super) client: Registration,
    pub(super) id_tokens: Box<dyn Assertions>,
}

impl IdentityProvider {
    /// A provider with this token endpoint, to which this program is `client`. `id_tokens` stand
    /// for the user, who has logged in to it already.
    pub fn new(
        token_endpoint: impl Into<String>,
        client: Registration,
        id_tokens: impl Assertions,
    ) -> Self {
        Self {
            token_endpoint: token_endpoint.into(),
            client,
            id_tokens: Box::new(id_tokens),
        }
    }
}

impl fmt::Debug for IdentityProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityProvider")
            .field("token_endpoint", &self.token_endpoint)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
