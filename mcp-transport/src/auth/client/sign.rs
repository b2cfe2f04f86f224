//! Keys that this client signs with, and what it signs (RFC 7515, RFC 7523).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64URL};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use super::error::AuthError;
use crate::random::{NoRandomness, draw};

/// The bytes of one coordinate of a point on P-256.
const COORDINATE: usize = 32;

/// A private key on P-256, which signs with ES256.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    pkcs8: Vec<u8>,
    kid: Option<String>,
}

impl SigningKey {
    /// The key in a PEM file with the heading `BEGIN PRIVATE KEY` (PKCS#8).
    ///
    /// # Errors
    /// As [`SigningKey::from_pkcs8`].
    pub fn from_pem(pem: &str) -> Result<Self, AuthError> {
        const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
        const END: &str = "-----END PRIVATE KEY-----";
        let inside = pem
            .split_once(BEGIN)
            .and_then(|(_, rest)| rest.split_once(END));
        let Some((inside, _)) = inside else {
            return Err(AuthError::Key("it is no PEM with `BEGIN PRIVATE KEY`"));
        };
        let text: String = inside.split_ascii_whitespace().collect();
        let pkcs8 = STANDARD.decode(text);
        Self::from_pkcs8(pkcs8.map_err(|_| AuthError::Key("it is no base64"))?)
    }

    /// The key in the bytes of PKCS#8.
    ///
    /// # Errors
    /// [`AuthError::Key`], or [`AuthError::Random`]: what it signs is hedged with a random key.
    pub fn from_pkcs8(pkcs8: Vec<u8>) -> Result<Self, AuthError> {
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = draw(|source| Ok(EcdsaKeyPair::from_pkcs8(kind, &pkcs8, source)))?;
        Ok(Self {
            pair: pair.map_err(|_| AuthError::Key("it is no PKCS#8 of a key on P-256"))?,
            pkcs8,
            kid: None,
        })
    }

    /// A new key.
    ///
    /// # Errors
    /// [`AuthError::Random`].
    pub(super) fn generate() -> Result<Self, AuthError> {
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = draw(|source| EcdsaKeyPair::generate_pkcs8(kind, source))?;
        Self::from_pkcs8(pkcs8.as_ref().to_vec())
    }

    /// The same, called so in what it signs.
    #[must_use]
    pub fn kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// The bytes that it can be made from again.
    pub(super) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The public half, with the members that make its thumbprint in their order (RFC 7638).
    pub(super) fn public(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        // 4, then both coordinates.
        let (x, y) = point
            .get(1..)
            .and_then(|both| both.split_at_checked(COORDINATE))
            .expect("a public key on P-256 is an uncompressed point");
        json!({ "crv": "P-256", "kty": "EC", "x": BASE64URL.encode(x), "y": BASE64URL.encode(y) })
    }

    /// A token that says `claims`, signed. `header` is added to its header.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub(super) fn sign(&self, mut header: Value, claims: &Value) -> Result<String, NoRandomness> {
        if let Some(header) = header.as_object_mut() {
            header.insert("alg".to_owned(), "ES256".into());
            if let Some(kid) = &self.kid {
                header.insert("kid".to_owned(), kid.as_str().into());
            }
        }
        let part = |json: &Value| BASE64URL.encode(json.to_string());
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature = draw(|source| self.pair.sign(source, signed.as_bytes()))?;
        Ok(format!("{signed}.{}", BASE64URL.encode(signature)))
    }
}

/// Without the key.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize as _;

    use super::*;
    use crate::auth::jwk::{Algorithm, Jwk};
    use crate::auth::jws::Jws;

    #[test]
    fn what_a_key_signs_its_public_half_verifies() {
        let key = SigningKey::generate().expect("a key").kid("k1");
        let token = key.sign(json!({ "typ": "JWT" }), &json!({ "iss": "me" }));
        let token = token.expect("signed");
        let public = Jwk::deserialize(key.public()).expect("a key");
        let parsed = Jws::parse(&token).expect("a token");
        let claims: Value = parsed.verified(&public, Algorithm::Es256).expect("signed");
        assert_eq!(claims, json!({ "iss": "me" }));
        assert_eq!(parsed.header.kid.as_deref(), Some("k1"));
        let other =
            Jwk::deserialize(SigningKey::generate().expect("a key").public()).expect("a key");
        assert!(parsed.verified::<Value>(&other, Algorithm::Es256).is_err());
    }

    #[test]
    fn a_key_is_read_from_pem_and_nothing_else_is() {
        let key = SigningKey::generate().expect("a key");
        let text = STANDARD.encode(key.pkcs8());
        let (one, two) = text.split_at(64);
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{one}\n{two}\n-----END PRIVATE KEY-----\n");
        let read = SigningKey::from_pem(&pem).expect("a key");
        assert_eq!(read.public(), key.public());
        for bad in [
            String::new(),
            pem.replace("PRIVATE", "EC PRIVATE"),
            pem.replace(one, "!"),
            pem.replace(one, ""),
        ] {
            assert!(
                matches!(SigningKey::from_pem(&bad), Err(AuthError::Key(_))),
                "{bad}"
            );
        }
    }

    #[test]
    fn fault_95_debug_shows_no_key() {
        let key = SigningKey::generate().expect("a key");
        let shown = format!("{key:?}");
        assert_eq!(shown, "SigningKey { kid: None, .. }");
    }
}
