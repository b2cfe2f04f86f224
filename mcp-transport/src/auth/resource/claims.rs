//! What a token says, whether it was signed or its issuer was asked.

use std::time::{Duration, SystemTime};

use mcp_core::engine::{Principal, Scopes};
use serde::Deserialize;
use serde_json::Value;

use super::token::{Unverified, Verified};

/// The claims that decide what a token is worth (RFC 9068 §2.2, RFC 7662 §2.2).
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: Option<String>,
    sub: Option<String>,
    aud: Option<OneOrMore>,
    exp: Option<f64>,
    nbf: Option<f64>,
    scope: Option<OneOrMore>,
    /// What some issuers call `scope`.
    scp: Option<OneOrMore>,
    client_id: Option<String>,
    azp: Option<String>,
    cnf: Option<Confirmation>,
}

/// Which key a token is bound to.
#[derive(Debug, Deserialize)]
struct Confirmation {
    jkt: Option<String>,
}

/// A text, or a list of texts.
#[derive(Debug)]
pub(super) struct OneOrMore(Vec<String>);

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;

        match Value::deserialize(deserializer)? {
            Value::String(one) => Ok(Self(vec![one])),
            list => serde_json::from_value(list)
                .map(Self)
                .map_err(D::Error::custom),
        }
    }
}

/// What tokens are measured by.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) issuer: String,
    /// What a token may be issued for: one of these.
    pub(super) audiences: Vec<String>,
    pub(super) leeway: Duration,
    /// Which scopes bring others along.
    pub(super) implied: Vec<(Box<str>, Scopes)>,
}

/// Whether a token has to say who issued it and when it expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It has to: nobody else says so.
    Signed,
    /// Its issuer was asked, and says that it is worth something.
    Introspected,
}

impl Rules {
    /// What a token is worth that says `claims`.
    ///
    /// # Errors
    /// [`Unverified::Invalid`], in words for its bearer.
    pub(super) fn judge(
        &self,
        claims: Value,
        kind: Kind,
        now: SystemTime,
    ) -> Result<Verified, Unverified> {
        let said = Claims::deserialize(&claims)
            .map_err(|_| Unverified::invalid("the token's claims cannot be read"))?;
        self.check_issuer(said.iss.as_deref(), kind)?;
        self.check_audience(said.aud.as_ref())?;
        let expires = self.check_time(&said, kind, now)?;
        let subject = said.sub.or(said.client_id).or(said.azp);
        let subject = subject.filter(|subject| !subject.is_empty());
        let subject = subject.ok_or(Unverified::invalid("the token names nobody"))?;
        let listed = [said.scope, said.scp].into_iter().flatten();
        let mut scopes = Scopes::NONE;
        for list in listed.flat_map(|list| list.0) {
            scopes.extend(list.split(' '));
        }
        let principal = Principal::verified(subject)
            .with_issuer(&*self.issuer)
            .with_scopes(self.with_implied(scopes))
            .with_claims(claims);
        let mut verified = Verified::new(principal);
        if let Some(expires) = expires {
            verified = verified.expires(expires);
        }
        match said.cnf.map(|cnf| cnf.jkt) {
            None => Ok(verified),
            Some(Some(jkt)) => Ok(verified.bound_to(jkt)),
            // By a certificate, for example. Taken without its proof it would not be bound at all.
            Some(None) => Err(Unverified::invalid(
                "the token is bound in a way that is not checked here",
            )),
        }
    }

    fn check_issuer(&self, issuer: Option<&str>, kind: Kind) -> Result<(), Unverified> {
        match issuer {
            Some(issuer) if issuer == self.issuer => Ok(()),
            None if kind == Kind::Introspected => Ok(()),
            _ => Err(Unverified::invalid("the token is of another issuer")),
        }
    }

    fn check_audience(&self, audience: Option<&OneOrMore>) -> Result<(), Unverified> {
        let mut named = audience.into_iter().flat_map(|audience| &audience.0);
        match named.any(|audience| self.audiences.contains(audience)) {
            true => Ok(()),
            false => Err(Unverified::invalid("the token is for another audience")),
        }
    }

    fn check_time(
        &self,
        said: &Claims,
        kind: Kind,
        now: SystemTime,
    ) -> Result<Option<SystemTime>, Unverified> {
        let expired = Unverified::invalid("the token is expired");
        if let Some(nbf) = said.nbf
            && at(nbf).is_none_or(|nbf| now + self.leeway < nbf)
        {
            return Err(Unverified::invalid("the token is not valid yet"));
        }
        let Some(exp) = said.exp else {
            return match kind {
                Kind::Introspected => Ok(None),
                Kind::Signed => Err(Unverified::invalid("the token never expires")),
            };
        };
        let until = at(exp).and_then(|exp| exp.checked_add(self.leeway));
        until.filter(|until| now < *until).map(Some).ok_or(expired)
    }

    /// The scopes, and those that they bring along, and so on (AUTH-S-04).
    fn with_implied(&self, mut scopes: Scopes) -> Scopes {
        // Each turn adds the scopes of at least one entry, or is the last.
        for _ in 0..=self.implied.len() {
            let missing = self
                .implied
                .iter()
                .find(|(scope, more)| scopes.contains(scope) && !scopes.contains_all(more));
            match missing {
                Some((_, more)) => scopes.extend(more.iter()),
                None => break,
            }
        }
        scopes
    }
}

/// The moment that a claim names, in seconds since 1970; `None` when it is none.
fn at(seconds: f64) -> Option<SystemTime> {
    let since = Duration::try_from_secs_f64(seconds).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(since)
}

#[cfg(test)]
mod tests;
