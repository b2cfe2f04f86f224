//! Tokens that are worth nothing without a key, and the proofs that this client has it (RFC 9449,
//! AUTH-X-03).

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use http::{Method, Uri};
use ring::digest::{SHA256, digest};
use serde_json::json;

use super::random;
use super::sign::SigningKey;
use crate::random::NoRandomness;

/// Servers whose nonces are remembered: one resource and its authorization server, with room for
/// changes.
const NONCES: usize = 8;

/// The key of this client, and what the last proof of each server has to hold.
#[derive(Debug)]
pub(super) struct Prover {
    key: SigningKey,
    /// By origin, the newest last.
    nonces: Mutex<Vec<(String, String)>>,
}

impl Prover {
    pub(super) fn new(key: SigningKey) -> Self {
        Self {
            key,
            nonces: Mutex::default(),
        }
    }

    pub(super) fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The thumbprint that tokens are bound to.
    pub(super) fn thumbprint(&self) -> String {
        BASE64URL.encode(digest(&SHA256, self.key.public().to_string().as_bytes()))
    }

    /// Remembers a nonce. Whether it is another one than before.
    pub(super) fn learn(&self, origin: &str, nonce: &str) -> bool {
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        let before = nonces.iter().position(|(known, _)| known == origin);
        let before = before.map(|at| nonces.remove(at).1);
        if nonces.len() == NONCES {
            nonces.remove(0);
        }
        nonces.push((origin.to_owned(), nonce.to_owned()));
        before.as_deref() != Some(nonce)
    }

    fn nonce(&self, origin: &str) -> Option<String> {
        let nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        let found = nonces.iter().find(|(known, _)| known == origin);
        found.map(|(_, nonce)| nonce.clone())
    }

    /// A proof for one request, which is never used twice. `token` is what it accompanies.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub(super) fn proof(
        &self,
        method: &Method,
        uri: &Uri,
        token: Option<&str>,
    ) -> Result<String, NoRandomness> {
        let place = super::discovery::origin_of(uri);
        let authority = uri.authority().map_or("", http::uri::Authority::as_str);
        let scheme = uri.scheme_str().unwrap_or_default();
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let mut claims = json!({
            "jti": random::text()?,
            "htm": method.as_str(),
            "htu": format!("{scheme}://{authority}{}", uri.path()),
            "iat": now.map_or(0, |now| now.as_secs()),
        });
        if let Some(token) = token {
            claims["ath"] = BASE64URL.encode(digest(&SHA256, token.as_bytes())).into();
        }
        if let Some(nonce) = self.nonce(&place) {
            claims["nonce"] = nonce.into();
        }
        let header = json!({ "typ": "dpop+jwt", "jwk": self.key.public() });
        self.key.sign(header, &claims)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::auth::jwk::Algorithm;
    use crate::auth::jws::Jws;

    fn prover() -> Prover {
        Prover::new(SigningKey::generate().expect("a key"))
    }

    fn claims(proof: &Result<String, NoRandomness>) -> Value {
        let proof = proof.as_ref().expect("a proof");
        let parsed = Jws::parse(proof).expect("a token");
        let key = parsed.header.jwk.clone().expect("its key");
        assert_eq!(parsed.typ().as_deref(), Some("dpop+jwt"));
        parsed.verified(&key, Algorithm::Es256).expect("signed")
    }

    #[test]
    fn a_proof_is_for_one_request_and_one_token() {
        let prover = prover();
        let uri = "https://a.example/mcp?x=1".parse().expect("a URI");
        let said = claims(&prover.proof(&Method::POST, &uri, Some("token")));
        assert_eq!(said["htm"], "POST");
        assert_eq!(said["htu"], "https://a.example/mcp");
        // SHA-256 of `token`.
        assert_eq!(said["ath"], "PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A");
        let again = claims(&prover.proof(&Method::POST, &uri, None));
        assert_ne!(again["jti"], said["jti"]);
        assert_eq!(again.get("ath"), None);
    }

    #[test]
    fn each_server_gets_its_own_latest_nonce() {
        let prover = prover();
        let uri: Uri = "https://a.example/mcp".parse().expect("a URI");
        let origin = super::super::discovery::origin_of(&uri);
        assert!(prover.learn(&origin, "n1"));
        assert!(!prover.learn(&origin, "n1"));
        assert!(prover.learn(&origin, "n2"));
        assert_eq!(
            claims(&prover.proof(&Method::GET, &uri, None))["nonce"],
            "n2"
        );
        let other = "https://b.example/mcp".parse().expect("a URI");
        assert_eq!(
            claims(&prover.proof(&Method::GET, &other, None)).get("nonce"),
            None
        );
        for number in 0..100 {
            prover.learn(&format!("https://{number}"), "n");
        }
        assert_eq!(
            claims(&prover.proof(&Method::GET, &uri, None)).get("nonce"),
            None
        );
    }

    #[test]
    fn the_thumbprint_is_that_of_the_standard() {
        let prover = prover();
        let uri = "https://a.example".parse().expect("a URI");
        let proof = prover.proof(&Method::GET, &uri, None);
        let key = Jws::parse(&proof.expect("a proof"))
            .expect("a token")
            .header
            .jwk
            .expect("its key");
        assert_eq!(key.thumbprint(), Some(prover.thumbprint()));
    }
}
