//! Public keys as JSON (RFC 7517), and the algorithms they verify with.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ring::digest::{SHA256, digest};
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use serde::Deserialize;

/// An asymmetric signature algorithm (RFC 7518 §3.1, RFC 8037). Those with a shared secret are
/// not among them, so that a public key can never be taken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// ECDSA over P-384 with SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
    ];

    /// The algorithm of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        // The newer name says which curve is meant, and means the same one.
        let name = if name == "Ed25519" { "EdDSA" } else { name };
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// Its name in headers and metadata.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// A public key, as a key set or the header of a proof holds it.
#[derive(Clone, Deserialize)]
pub struct Jwk {
    kty: String,
    /// What tokens call it by.
    pub kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    d: Option<serde::de::IgnoredAny>,
}

/// The keys of an issuer (RFC 7517 §5). What cannot be read as a key is left out.
#[derive(Debug, Clone, Default)]
pub struct JwkSet(
    /// The keys.
    pub Vec<Jwk>,
);

impl<'de> Deserialize<'de> for JwkSet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            keys: Vec<serde_json::Value>,
        }

        let keys = Raw::deserialize(deserializer)?.keys.into_iter();
        Ok(Self(
            keys.filter_map(|key| Jwk::deserialize(key).ok()).collect(),
        ))
    }
}

impl Jwk {
    /// Whether a signature of this algorithm may be verified with it.
    pub fn is_for(&self, algorithm: Algorithm) -> bool {
        let fits = match algorithm {
            Algorithm::Es256 => self.is_on("EC", "P-256"),
            Algorithm::Es384 => self.is_on("EC", "P-384"),
            Algorithm::EdDsa => self.is_on("OKP", "Ed25519"),
            _ => self.kty == "RSA",
        };
        let named = self.alg.as_deref().and_then(Algorithm::from_name);
        fits && (self.alg.is_none() || named == Some(algorithm))
            && self.usage.as_deref().is_none_or(|usage| usage == "sig")
    }

    fn is_on(&self, kty: &str, crv: &str) -> bool {
        self.kty == kty && self.crv.as_deref() == Some(crv)
    }

    /// Whether the private part came along, which nobody may show.
    pub fn is_private(&self) -> bool {
        self.d.is_some()
    }

    /// Whether `signature` is that of `message` by this key. RSA keys have 2048 to 8192 bits.
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.is_for(algorithm)
            && self
                .try_verify(algorithm, message, signature)
                .is_some_and(|()| true)
    }

    fn try_verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<()> {
        let point = |size: usize| {
            let mut point = vec![4];
            point.extend(part(&self.x, size)?);
            point.extend(part(&self.y, size)?);
            Some(point)
        };
        let plain = |how: &'static dyn VerificationAlgorithm, key: &[u8]| {
            let key = UnparsedPublicKey::new(how, key);
            key.verify(message, signature).ok()
        };
        let rsa = |how| {
            let key = signature::RsaPublicKeyComponents {
                n: BASE64URL.decode(self.n.as_ref()?).ok()?,
                e: BASE64URL.decode(self.e.as_ref()?).ok()?,
            };
            key.verify(how, message, signature).ok()
        };
        match algorithm {
            Algorithm::Es256 => plain(&signature::ECDSA_P256_SHA256_FIXED, &point(32)?),
            Algorithm::Es384 => plain(&signature::ECDSA_P384_SHA384_FIXED, &point(48)?),
            Algorithm::EdDsa => plain(&signature::ED25519, &part(&self.x, 32)?),
            Algorithm::Rs256 => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            Algorithm::Rs384 => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
            Algorithm::Rs512 => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
            Algorithm::Ps256 => rsa(&signature::RSA_PSS_2048_8192_SHA256),
            Algorithm::Ps384 => rsa(&signature::RSA_PSS_2048_8192_SHA384),
            Algorithm::Ps512 => rsa(&signature::RSA_PSS_2048_8192_SHA512),
        }
    }

    /// Its thumbprint with SHA-256 (RFC 7638), as tokens are bound to it; `None` when a part that
    /// makes the key is missing.
    pub fn thumbprint(&self) -> Option<String> {
        let json = match &*self.kty {
            // The members in alphabetical order, and nothing else.
            "EC" => serde_json::json!({
                "crv": self.crv.as_ref()?, "kty": "EC",
                "x": self.x.as_ref()?, "y": self.y.as_ref()?,
            }),
            "OKP" => serde_json::json!({
                "crv": self.crv.as_ref()?, "kty": "OKP", "x": self.x.as_ref()?,
            }),
            "RSA" => serde_json::json!({
                "e": self.e.as_ref()?, "kty": "RSA", "n": self.n.as_ref()?,
            }),
            _ => return None,
        };
        let digest = digest(&SHA256, json.to_string().as_bytes());
        Some(BASE64URL.encode(digest))
    }
}

/// A part of a key that has exactly this many bytes.
fn part(text: &Option<String>, size: usize) -> Option<Vec<u8>> {
    let bytes = BASE64URL.decode(text.as_ref()?).ok()?;
    (bytes.len() == size).then_some(bytes)
}

/// Without the parts, one of which may be private.
impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("kty", &self.kty)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
