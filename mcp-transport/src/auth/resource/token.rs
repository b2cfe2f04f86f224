//! Tokens as they were presented, and the seam for whoever can tell what they are worth.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use mcp_core::engine::Principal;
use ring::digest::{SHA256, digest};

/// A token that somebody presented. It exists while it is being verified, and no handler ever
/// sees it: what a token was issued for is this server, and it must not be passed on (AUTH-S-03).
///
/// Nothing formats it and nothing copies it:
///
/// ```compile_fail
/// fn pass_on(token: &mcp_transport::auth::resource::PresentedToken<'_>) -> String {
///     token.to_string()
/// }
/// ```
///
/// ```compile_fail
/// use mcp_transport::auth::resource::PresentedToken;
///
/// fn keep<'t>(token: &PresentedToken<'t>) -> PresentedToken<'t> {
///     token.clone()
/// }
/// ```
pub struct PresentedToken<'t>(&'t str);

/// The SHA-256 of a token: what it is remembered by.
pub(super) type Digest = [u8; 32];

impl<'t> PresentedToken<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self(text)
    }

    /// The token, for a verifier to look at or to ask its issuer about. It must go nowhere else.
    pub fn reveal(&self) -> &str {
        self.0
    }

    pub(super) fn digest(&self) -> Digest {
        sha256(self.0.as_bytes())
    }
}

pub(super) fn sha256(bytes: &[u8]) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

impl fmt::Debug for PresentedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PresentedToken")
    }
}

/// Tells what a token is worth, where neither signatures nor introspection do.
///
/// It is asked once for each token, and again when what it said is no longer kept.
pub trait TokenVerifier: Send + Sync + 'static {
    /// Whose token it is and what they were granted.
    ///
    /// An implementation has to see to it that the token was issued for this server
    /// (AUTH-S-03).
    ///
    /// # Errors
    ///
    /// [`Unverified`]: why it is worth nothing, or why that is not known.
    fn verify<'a>(&'a self, token: &'a PresentedToken<'a>) -> Verifying<'a>;
}

/// The future of [`TokenVerifier::verify`].
pub type Verifying<'a> = Pin<Box<dyn Future<Output = Result<Verified, Unverified>> + Send + 'a>>;

/// A token that is worth something.
#[derive(Debug, Clone)]
pub struct Verified {
    pub(super) principal: Principal,
    pub(super) expires: Option<SystemTime>,
    pub(super) keep: Duration,
    pub(super) bound_to: Option<Box<str>>,
}

impl Verified {
    /// The token of this principal, with the scopes that the token carries. It is remembered for
    /// [`Verified::KEEP`].
    pub fn new(principal: Principal) -> Self {
        Self {
            principal,
            expires: None,
            keep: Self::KEEP,
            bound_to: None,
        }
    }

    /// How long what was found out is kept, unless it expires earlier: 5 minutes, after which the
    /// keys of the issuer may be others.
    pub const KEEP: Duration = Duration::from_secs(300);

    /// The same, worth nothing from then on: streams that it opened end.
    #[must_use]
    pub fn expires(mut self, at: SystemTime) -> Self {
        self.expires = Some(at);
        self.principal = self.principal.with_expiry(at);
        self
    }

    /// The same, found out anew after this time: a token that was revoked is taken for as long.
    #[must_use]
    pub fn keep(mut self, time: Duration) -> Self {
        self.keep = time;
        self
    }

    /// The same, worth something only to who proves to have the key of this thumbprint (RFC 9449).
    #[must_use]
    pub fn bound_to(mut self, thumbprint: impl Into<Box<str>>) -> Self {
        self.bound_to = Some(thumbprint.into());
        self
    }

    /// How long from `now` on it may be kept.
    pub(super) fn remaining(&self, now: SystemTime) -> Duration {
        let left = self
            .expires
            .map(|at| at.duration_since(now).unwrap_or_default());
        left.map_or(self.keep, |left| left.min(self.keep))
    }
}

/// Why a token does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unverified {
    /// It is worth nothing, and its bearer is told why (401).
    #[error("{0}")]
    Invalid(Cow<'static, str>),
    /// What it is worth cannot be found out now (503). The reason is for the log.
    #[error("{0}")]
    Unavailable(String),
}

impl Unverified {
    /// A token that is worth nothing.
    pub fn invalid(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid(why.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_95_a_presented_token_is_not_shown() {
        let token = PresentedToken::new("s3cr3t");
        assert_eq!(format!("{token:?}"), "PresentedToken");
    }

    #[test]
    fn a_token_is_remembered_for_as_long_as_it_is_worth_something() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let verified = || Verified::new(Principal::verified("ann"));
        let seconds = Duration::from_secs;
        assert_eq!(verified().remaining(now), Verified::KEEP);
        assert_eq!(
            verified().expires(now + seconds(5)).remaining(now),
            seconds(5)
        );
        assert_eq!(
            verified().expires(now - seconds(5)).remaining(now),
            seconds(0)
        );
        assert_eq!(verified().keep(seconds(9)).remaining(now), seconds(9));
    }
}
