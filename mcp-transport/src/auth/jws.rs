//! Signed tokens (RFC 7515 in its compact form, RFC 7519): taken apart, and verified.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::jwk::{Algorithm, Jwk};

/// A token that was taken apart, of which nothing is verified yet.
pub struct Jws<'t> {
    /// What it says of itself.
    pub header: Header,
    signed: &'t str,
    payload: &'t str,
    signature: Vec<u8>,
}

/// The header of a signed token.
#[derive(Debug, Deserialize)]
pub struct Header {
    alg: String,
    /// The key it was signed with.
    pub kid: Option<String>,
    typ: Option<String>,
    /// The key it was signed with, itself: of proofs alone.
    pub jwk: Option<Jwk>,
    crit: Option<IgnoredAny>,
}

/// Why a token is none that can be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwsError {
    /// It is no signed token.
    #[error("it is no signed token")]
    Malformed,
    /// It is signed with something that is not taken here, or with nothing.
    #[error("its algorithm is not taken here")]
    Algorithm,
    /// It demands what is not understood here.
    #[error("it demands an extension")]
    Critical,
    /// Its signature is not that of the key.
    #[error("its signature is wrong")]
    Signature,
}

impl<'t> Jws<'t> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`JwsError::Malformed`] when it is none, and [`JwsError::Critical`] when not all of its
    /// header is understood.
    pub fn parse(token: &'t str) -> Result<Self, JwsError> {
        let (signed, signature) = token.rsplit_once('.').ok_or(JwsError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsError::Malformed)?;
        let header: Header = read(header)?;
        if header.crit.is_some() {
            return Err(JwsError::Critical);
        }
        Ok(Self {
            header,
            signed,
            payload,
            signature: BASE64URL
                .decode(signature)
                .map_err(|_| JwsError::Malformed)?,
        })
    }

    /// The algorithm, if it is one of `allowed`.
    ///
    /// # Errors
    /// [`JwsError::Algorithm`]; `none` is an algorithm as well.
    pub fn algorithm(&self, allowed: &[Algorithm]) -> Result<Algorithm, JwsError> {
        let algorithm = Algorithm::from_name(&self.header.alg);
        algorithm
            .filter(|algorithm| allowed.contains(algorithm))
            .ok_or(JwsError::Algorithm)
    }

    /// What it says its type is, in lower case and without `application/`.
    pub fn typ(&self) -> Option<String> {
        let typ = self.header.typ.as_ref()?.to_ascii_lowercase();
        Some(typ.strip_prefix("application/").unwrap_or(&typ).to_owned())
    }

    /// What it says, if it was signed by `key`.
    ///
    /// # Errors
    /// [`JwsError::Signature`] when it was not, [`JwsError::Malformed`] when what it says is no
    /// `T`.
    pub fn verified<T: DeserializeOwned>(
        &self,
        key: &Jwk,
        algorithm: Algorithm,
    ) -> Result<T, JwsError> {
        match key.verify(algorithm, self.signed.as_bytes(), &self.signature) {
            true => read(self.payload),
            false => Err(JwsError::Signature),
        }
    }
}

/// Without the token itself.
impl fmt::Debug for Jws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jws")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

fn read<T: DeserializeOwned>(part: &str) -> Result<T, JwsError> {
    let json = BASE64URL.decode(part).map_err(|_| JwsError::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| JwsError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str) -> String {
        let part = |text: &str| BASE64URL.encode(text);
        format!("{}.{}.{}", part(header), part("{}"), part("sig"))
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for bad in ["", ".", "..", "a.b", "a.b.c.d", "e30.e30", "!.e30.AA"] {
            assert_eq!(Jws::parse(bad).err(), Some(JwsError::Malformed), "{bad}");
        }
        let padded = token(r#"{"alg":"ES256"}"#) + "==";
        assert_eq!(Jws::parse(&padded).err(), Some(JwsError::Malformed));
        let critical = token(r#"{"alg":"ES256","crit":["b64"],"b64":false}"#);
        assert_eq!(Jws::parse(&critical).err(), Some(JwsError::Critical));
        let twice = token(r#"{"alg":"ES256","alg":"none"}"#);
        assert_eq!(Jws::parse(&twice).err(), Some(JwsError::Malformed));
    }

    #[test]
    fn fault_95_a_token_that_was_taken_apart_is_not_shown() {
        let token = token(r#"{"alg":"ES256"}"#);
        let shown = format!("{:?}", Jws::parse(&token).expect("a token"));
        assert!(
            token.split('.').all(|part| !shown.contains(part)),
            "{shown}"
        );
        // The signature as bytes.
        assert!(!shown.contains("115, 105, 103"), "{shown}");
    }

    #[test]
    fn only_allowed_algorithms_count() {
        for (alg, allowed) in [
            ("ES256", true),
            ("es256", false),
            ("RS256", false),
            ("HS256", false),
            ("none", false),
            ("", false),
        ] {
            let token = token(&format!(r#"{{"alg":"{alg}"}}"#));
            let parsed = Jws::parse(&token).expect("a token");
            let algorithm = parsed.algorithm(&[Algorithm::Es256]);
            assert_eq!(algorithm.is_ok(), allowed, "{alg}");
        }
    }

    #[test]
    fn types_are_compared_without_case_and_prefix() {
        let token = token(r#"{"alg":"ES256","typ":"application/AT+jwt"}"#);
        let parsed = Jws::parse(&token).expect("a token");
        assert_eq!(parsed.typ().as_deref(), Some("at+jwt"));
    }
}
