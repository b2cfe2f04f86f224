//! Keys that are known beforehand, for deployments without an authorization server.

use http::request::Parts;
use mcp_core::Limits;
use mcp_core::engine::{Principal, Scopes};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

use super::credentials::{self, Misplaced, Presented};
use super::token::{Digest, PresentedToken, sha256};
use crate::auth::Secret;
use crate::http::{Authenticate, Authenticating, Challenge};
use crate::www_authenticate::Scheme;

/// Bearer tokens that a small deployment hands out itself, each for one principal. How long a
/// comparison takes says nothing about them.
///
/// ```
/// use mcp_core::engine::Scopes;
/// use mcp_transport::auth::Secret;
/// use mcp_transport::auth::resource::StaticKeys;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = Secret::new("v3ry-l0ng-and-random".to_owned());
/// let keys = StaticKeys::new().key("ci", &key, Scopes::parse("builds:read"))?;
/// # let _ = keys;
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct StaticKeys(Vec<(Digest, Principal)>);

/// A key that could be guessed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the key of {name:?} is shorter than {} characters",
    StaticKeys::SHORTEST
)]
pub struct WeakKey {
    name: String,
}

impl StaticKeys {
    /// The shortest key there may be, in characters.
    pub const SHORTEST: usize = 16;

    /// No keys, so that nobody may come.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same and one more: whoever presents `key` is `name`, and was granted `scopes`.
    ///
    /// # Errors
    /// [`WeakKey`] when the key is too short to be random.
    pub fn key(
        mut self,
        name: &str,
        key: &Secret<String>,
        scopes: Scopes,
    ) -> Result<Self, WeakKey> {
        let key = key.expose();
        if key.len() < Self::SHORTEST {
            return Err(WeakKey {
                name: name.to_owned(),
            });
        }
        let principal = Principal::verified(name).with_scopes(scopes);
        self.0.push((sha256(key.as_bytes()), principal));
        Ok(self)
    }

    /// Looks at every key, found or not.
    fn find(&self, token: &PresentedToken<'_>) -> Option<&Principal> {
        let digest = token.digest();
        let mut found = u64::MAX;
        for (at, (key, _)) in (0_u64..).zip(&self.0) {
            let same: Choice = key[..].ct_eq(&digest[..]);
            found.conditional_assign(&at, same);
        }
        let found = usize::try_from(found).ok()?;
        self.0.get(found).map(|(_, principal)| principal)
    }
}

impl Authenticate for StaticKeys {
    fn authenticate<'a>(&'a self, head: &'a Parts) -> Authenticating<'a> {
        let longest = Limits::default().credentials;
        let answer = match credentials::read(head, longest) {
            Ok(Some((Presented::Bearer, token))) => {
                let principal = self.find(&PresentedToken::new(token)).cloned();
                principal.ok_or_else(|| match credentials::can_be_token(token) {
                    true => {
                        let scheme = Scheme::new("Bearer").with("error", "invalid_token");
                        Challenge::unauthorized(scheme.to_header())
                    }
                    false => malformed(),
                })
            }
            Ok(_) | Err(Misplaced::InQuery) => {
                Err(Challenge::unauthorized(Scheme::new("Bearer").to_header()))
            }
            Err(Misplaced::Malformed | Misplaced::TooLong) => Err(malformed()),
        };
        Box::pin(std::future::ready(answer))
    }
}

fn malformed() -> Challenge {
    let scheme = Scheme::new("Bearer").with("error", "invalid_request");
    Challenge::bad_request(scheme.to_header())
}

impl std::fmt::Debug for StaticKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.0.iter().map(|(_, principal)| principal.subject());
        f.debug_list().entries(names).finish()
    }
}
