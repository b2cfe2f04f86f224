//! From the head of a request to its principal, or to the challenge that says what is missing.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::request::Parts;
use mcp_core::engine::{Principal, Scopes};
use tokio::time::Instant;

use super::ResourceServer;
use super::cache::Bounded;
use super::credentials::{self, Misplaced, Presented};
use super::dpop::{Dpop, Unproven};
use super::token::{Digest, PresentedToken, Unverified, Verified};
use super::verify;
use crate::auth::jws::Jws;
use crate::http::{Authenticate, Authenticating, Challenge};
use crate::www_authenticate::Scheme;

/// For how long a token that was worth nothing is not looked at again.
const KEEP_INVALID: Duration = Duration::from_secs(10);
/// When to come back after what cannot be found out now, in seconds.
const RETRY_AFTER: u32 = 5;

/// What was found out of tokens.
#[derive(Debug)]
pub(super) struct Memory {
    good: Bounded<Digest, (Instant, Arc<Verified>)>,
    bad: Bounded<Digest, (Instant, Unverified)>,
}

impl Memory {
    pub(super) fn new(most: usize) -> Self {
        Self {
            good: Bounded::new(most),
            // Apart, so that whoever invents tokens displaces none that is worth something.
            bad: Bounded::new(most / 10),
        }
    }

    fn recall(
        &mut self,
        token: &Digest,
        now: Instant,
    ) -> Option<Result<Arc<Verified>, Unverified>> {
        if let Some((until, verified)) = self.good.get(token) {
            if now < *until {
                return Some(Ok(Arc::clone(verified)));
            }
            self.good.remove(token);
        }
        let (until, unverified) = self.bad.get(token)?;
        (now < *until).then(|| Err(unverified.clone()))
    }

    fn note(&mut self, token: Digest, found: &Result<Arc<Verified>, Unverified>, now: Instant) {
        match found {
            Ok(verified) => {
                let until = now + verified.remaining(SystemTime::now());
                self.good.insert(token, (until, Arc::clone(verified)));
            }
            Err(unverified @ Unverified::Invalid(_)) => {
                let until = now + KEEP_INVALID;
                self.bad.insert(token, (until, unverified.clone()));
            }
            Err(Unverified::Unavailable(_)) => {}
        }
    }
}

impl Authenticate for ResourceServer {
    fn authenticate<'a>(&'a self, head: &'a Parts) -> Authenticating<'a> {
        Box::pin(self.check(head))
    }

    fn insufficient(&self, needed: &Scopes) -> Challenge {
        let mut all = self.required.clone();
        all.extend(needed.iter());
        let scheme = self.scheme("Bearer", "insufficient_scope", "more scopes are needed");
        Challenge::forbidden(scheme.with("scope", all.to_string()).to_header())
    }

    fn document(&self, path: &str) -> Option<String> {
        let described = self.metadata_paths.iter().any(|known| known == path);
        described.then(|| self.metadata())
    }
}

impl ResourceServer {
    async fn check(&self, head: &Parts) -> Result<Principal, Challenge> {
        let (presented, token) = match credentials::read(head, self.limits.credentials) {
            Ok(Some(presented)) => presented,
            Ok(None) => return Err(self.unauthorized()),
            Err(misplaced) => return Err(self.misplaced(misplaced)),
        };
        let token = PresentedToken::new(token);
        let digest = token.digest();
        let recalled = self.memory().recall(&digest, Instant::now());
        let verified = match recalled {
            Some(known) => known,
            None if !credentials::can_be_token(token.reveal()) => {
                return Err(self.misplaced(Misplaced::Malformed));
            }
            None => self.look_at(&token, digest).await,
        };
        let verified = verified.map_err(|unverified| self.refuse(&unverified))?;
        self.check_binding(head, presented, &digest, &verified)?;
        match verified.principal.may(&self.required) {
            true => Ok(verified.principal.clone()),
            false => Err(self.insufficient(&Scopes::NONE)),
        }
    }

    /// Finds out what a token is worth, and remembers it.
    async fn look_at(
        &self,
        token: &PresentedToken<'_>,
        digest: Digest,
    ) -> Result<Arc<Verified>, Unverified> {
        let found = self.verify(token).await.map(Arc::new);
        self.memory().note(digest, &found, Instant::now());
        found
    }

    async fn verify(&self, token: &PresentedToken<'_>) -> Result<Verified, Unverified> {
        if let Some(verifier) = &self.verifier {
            return verifier.verify(token).await;
        }
        let (issuer, fetcher) = (&self.issuer, self.fetcher());
        match (Jws::parse(token.reveal()), &self.introspection) {
            (Ok(signed), _) => {
                verify::signed(&signed, issuer, fetcher, &self.algorithms, &self.rules).await
            }
            (Err(_), Some(introspection)) => {
                introspection.ask(token, issuer, fetcher, &self.rules).await
            }
            (Err(error), None) => Err(Unverified::invalid(error.to_string())),
        }
    }

    fn check_binding(
        &self,
        head: &Parts,
        presented: Presented,
        token: &Digest,
        verified: &Verified,
    ) -> Result<(), Challenge> {
        let invalid = |why| self.unauthorized_because("invalid_token", why);
        match (&verified.bound_to, presented) {
            (None, Presented::Bearer) if self.dpop == Dpop::Required => {
                Err(invalid("the token has to be bound to a key"))
            }
            (None, Presented::Bearer) => Ok(()),
            (None, Presented::Dpop) => Err(invalid("the token is not bound to a key")),
            (Some(_), Presented::Bearer) => Err(invalid(
                "the token is bound to a key, of which there is no proof",
            )),
            (Some(thumbprint), Presented::Dpop) => {
                let (algorithms, leeway) = (&self.algorithms, self.rules.leeway);
                let now = SystemTime::now();
                let proven = self
                    .proofs
                    .check(head, token, thumbprint, algorithms, leeway, now);
                proven.map_err(|unproven| match unproven {
                    Unproven::Invalid(why) => self.unproven(why),
                    Unproven::Full => {
                        tracing::warn!("no room for another proof (limit `dpop_proofs`)");
                        Challenge::too_many()
                    }
                })
            }
        }
    }

    /// 401 for somebody who presented nothing: without an error, which they did not make.
    fn unauthorized(&self) -> Challenge {
        let scheme = self.with_scope(self.bare_scheme(self.scheme_name()));
        Challenge::unauthorized(scheme.to_header())
    }

    fn unauthorized_because(&self, error: &str, why: &str) -> Challenge {
        let scheme = self.with_scope(self.scheme(self.scheme_name(), error, why));
        Challenge::unauthorized(scheme.to_header())
    }

    fn misplaced(&self, misplaced: Misplaced) -> Challenge {
        let why = match misplaced {
            Misplaced::InQuery => {
                let why = "a token belongs in the header Authorization";
                return self.unauthorized_because("invalid_token", why);
            }
            Misplaced::Malformed => "the header Authorization is malformed",
            Misplaced::TooLong => "the token is too long (limit `credentials`)",
        };
        let scheme = self.scheme(self.scheme_name(), "invalid_request", why);
        Challenge::bad_request(scheme.to_header())
    }

    fn refuse(&self, unverified: &Unverified) -> Challenge {
        match unverified {
            Unverified::Invalid(why) => {
                tracing::debug!(%why, "a token was refused");
                self.unauthorized_because("invalid_token", why)
            }
            Unverified::Unavailable(why) => {
                tracing::warn!(why, "a token cannot be verified now");
                Challenge::unavailable(RETRY_AFTER)
            }
        }
    }

    fn unproven(&self, why: &str) -> Challenge {
        let names: Vec<_> = self.algorithms.iter().map(|known| known.name()).collect();
        let scheme = self.scheme("DPoP", "invalid_dpop_proof", why);
        Challenge::unauthorized(scheme.with("algs", names.join(" ")).to_header())
    }

    fn scheme_name(&self) -> &'static str {
        match self.dpop {
            Dpop::Accepted => "Bearer",
            Dpop::Required => "DPoP",
        }
    }

    fn bare_scheme(&self, name: &'static str) -> Scheme {
        Scheme::new(name).with("resource_metadata", &*self.metadata_url)
    }

    fn scheme(&self, name: &'static str, error: &str, why: &str) -> Scheme {
        let scheme = self.bare_scheme(name).with("error", error);
        scheme.with("error_description", why)
    }

    /// The scopes to ask for first (AUTH-S-02): those that every request needs, else all there
    /// are.
    fn with_scope(&self, scheme: Scheme) -> Scheme {
        let scopes = match self.required.is_empty() {
            true => &self.scopes,
            false => &self.required,
        };
        match scopes.is_empty() {
            true => scheme,
            false => scheme.with("scope", scopes.to_string()),
        }
    }
}
