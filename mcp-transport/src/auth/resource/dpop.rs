//! Proofs that whoever presents a token has the key it is bound to (RFC 9449).

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use http::Uri;
use http::request::Parts;
use serde::Deserialize;
use tokio::time::Instant;

use super::token::{Digest, sha256};
use crate::auth::jwk::Algorithm;
use crate::auth::jws::Jws;

/// How old a proof may be.
const WINDOW: Duration = Duration::from_secs(60);

/// Whether tokens have to be bound to a key (RFC 9449).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dpop {
    /// A token that is bound is worth something with its proof alone; others need none.
    #[default]
    Accepted,
    /// Only tokens that are bound are taken.
    Required,
}

/// Why a proof does not prove anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unproven {
    /// It is invalid, for this reason.
    Invalid(&'static str),
    /// It cannot be told whether it came before (`Limits::dpop_proofs`).
    Full,
}

/// Checks proofs, and remembers them for as long as they could come again.
#[derive(Debug)]
pub(super) struct Proofs {
    /// The URL that proofs are for, normalised.
    url: String,
    seen: Mutex<Seen>,
    /// How many may be remembered of each generation.
    half: usize,
}

/// The proofs of the last while: a new generation begins when nothing of the one before the last
/// can count any more.
#[derive(Debug)]
struct Seen {
    young: HashSet<Digest>,
    old: HashSet<Digest>,
    began: Instant,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: f64,
    ath: Option<String>,
}

impl Proofs {
    /// For requests to `resource`, remembering at most so many proofs.
    pub(super) fn new(resource: &Uri, most: usize) -> Self {
        Self {
            url: normal(resource),
            seen: Mutex::new(Seen {
                young: HashSet::new(),
                old: HashSet::new(),
                began: Instant::now(),
            }),
            half: (most / 2).max(1),
        }
    }

    /// Checks that the request with this head proves to have the key of `thumbprint`, for the
    /// token of this digest (RFC 9449 §4.3).
    pub(super) fn check(
        &self,
        head: &Parts,
        token: &Digest,
        thumbprint: &str,
        algorithms: &[Algorithm],
        leeway: Duration,
        now: SystemTime,
    ) -> Result<(), Unproven> {
        let invalid = Unproven::Invalid;
        let mut proofs = head.headers.get_all("dpop").iter();
        let proof = proofs.next().and_then(|proof| proof.to_str().ok());
        let proof = proof.ok_or(invalid("there is no proof"))?;
        if proofs.next().is_some() {
            return Err(invalid("there is more than one proof"));
        }
        let proof = Jws::parse(proof).map_err(|_| invalid("the proof is no signed token"))?;
        if proof.typ().as_deref() != Some("dpop+jwt") {
            return Err(invalid("the proof has another type"));
        }
        let algorithm = proof.algorithm(algorithms);
        let algorithm =
            algorithm.map_err(|_| invalid("the proof's algorithm is not taken here"))?;
        let key = proof.header.jwk.as_ref();
        let key = key.filter(|key| !key.is_private());
        let key = key.ok_or(invalid("the proof has no public key"))?;
        let claims: Claims = proof
            .verified(key, algorithm)
            .map_err(|_| invalid("the proof's signature or claims are wrong"))?;
        if key.thumbprint().as_deref() != Some(thumbprint) {
            return Err(invalid("the proof is by another key than the token's"));
        }
        self.check_claims(head, token, &claims, leeway, now)?;
        let id = format!("{thumbprint} {}", claims.jti);
        self.remember(sha256(id.as_bytes()), leeway, Instant::now())
    }

    fn check_claims(
        &self,
        head: &Parts,
        token: &Digest,
        claims: &Claims,
        leeway: Duration,
        now: SystemTime,
    ) -> Result<(), Unproven> {
        let invalid = Unproven::Invalid;
        if claims.htm != head.method.as_str() {
            return Err(invalid("the proof is for another method"));
        }
        let url: Option<Uri> = claims.htu.parse().ok();
        if url.is_none_or(|url| normal(&url) != self.url) {
            return Err(invalid("the proof is for another URL"));
        }
        let made = Duration::try_from_secs_f64(claims.iat).ok();
        let made = made.and_then(|made| SystemTime::UNIX_EPOCH.checked_add(made));
        let fresh = made.is_some_and(|made| {
            made <= now + leeway && now.duration_since(made).unwrap_or_default() <= WINDOW + leeway
        });
        if !fresh {
            return Err(invalid("the proof is too old, or from the future"));
        }
        if claims.ath.as_deref() != Some(&BASE64URL.encode(token)) {
            return Err(invalid("the proof is for another token"));
        }
        Ok(())
    }

    /// Notes a proof, which may come once.
    fn remember(&self, id: Digest, leeway: Duration, now: Instant) -> Result<(), Unproven> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // One that is dated ahead counts from its date on.
        let counts = WINDOW + 2 * leeway;
        if now.saturating_duration_since(seen.began) >= counts {
            let idle = now.saturating_duration_since(seen.began) >= 2 * counts;
            seen.old = std::mem::take(&mut seen.young);
            if idle {
                seen.old = HashSet::new();
            }
            seen.began = now;
        }
        if seen.old.contains(&id) || seen.young.contains(&id) {
            return Err(Unproven::Invalid("the proof came before"));
        }
        if seen.young.len() >= self.half {
            return Err(Unproven::Full);
        }
        seen.young.insert(id);
        Ok(())
    }
}

/// A URL as it is compared: without query and fragment, in lower case where case means nothing,
/// and without a port that goes without saying.
fn normal(url: &Uri) -> String {
    let scheme = url.scheme_str().unwrap_or_default().to_ascii_lowercase();
    let host = url.host().unwrap_or_default().to_ascii_lowercase();
    let port = match (&*scheme, url.port_u16()) {
        (_, None) | ("https", Some(443)) | ("http", Some(80)) => String::new(),
        (_, Some(port)) => format!(":{port}"),
    };
    let path = if url.path().is_empty() {
        "/"
    } else {
        url.path()
    };
    format!("{scheme}://{host}{port}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEEWAY: Duration = Duration::from_secs(30);

    fn proofs(most: usize) -> Proofs {
        let resource = Uri::from_static("https://rs.example/mcp");
        Proofs::new(&resource, most)
    }

    #[test]
    fn urls_are_compared_without_what_means_nothing() {
        let same = |a: &'static str, b: &'static str| {
            normal(&Uri::from_static(a)) == normal(&Uri::from_static(b))
        };
        assert!(same(
            "https://RS.example:443/mcp?x=1",
            "https://rs.example/mcp"
        ));
        assert!(same("http://a", "http://a:80/"));
        assert!(!same("https://rs.example/mcp", "https://rs.example/MCP"));
        assert!(!same("https://rs.example/mcp", "http://rs.example/mcp"));
        assert!(!same(
            "https://rs.example/mcp",
            "https://rs.example:8443/mcp"
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn a_proof_counts_once_for_as_long_as_it_could_come_again() {
        let proofs = proofs(100);
        let again = Err(Unproven::Invalid("the proof came before"));
        let id = sha256(b"a");
        for seconds in [0, 60, 59] {
            tokio::time::advance(Duration::from_secs(seconds)).await;
            let expected = if seconds == 0 { Ok(()) } else { again };
            assert_eq!(proofs.remember(id, LEEWAY, Instant::now()), expected);
        }
        // By now its date alone refuses it.
        tokio::time::advance(Duration::from_secs(300)).await;
        assert_eq!(proofs.remember(id, LEEWAY, Instant::now()), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn more_proofs_than_can_be_remembered_are_refused_until_there_is_room() {
        let proofs = proofs(20);
        let remember = |n: u8| proofs.remember(sha256(&[n]), LEEWAY, Instant::now());
        for n in 0..10 {
            assert_eq!(remember(n), Ok(()));
        }
        assert_eq!(remember(10), Err(Unproven::Full));
        tokio::time::advance(Duration::from_secs(120)).await;
        assert_eq!(remember(10), Ok(()));
        assert_eq!(remember(0), Err(Unproven::Invalid("the proof came before")));
    }
}
