//! What a server's refusal asks for.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderName};
use mcp_core::engine::Scopes;

use crate::www_authenticate::Scheme;

/// Where proofs of possession get their nonce from (RFC 9449 §8).
pub(super) static DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Bytes of one header that are looked at.
const LONGEST: usize = 8 * 1024;
/// Headers that are looked at.
const MOST: usize = 8;

/// The challenge of a protected resource, as far as it is understood (AUTH-C-02, AUTH-C-09).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// Where the resource describes itself.
    pub(super) metadata: Option<String>,
    /// What the request needs.
    pub(super) scopes: Option<Scopes>,
    errors: Vec<String>,
    /// What the next proof must hold.
    pub(super) nonce: Option<String>,
}

impl Asked {
    /// Reads the headers of a 401 or 403. Schemes that are not spoken here say nothing.
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let values = headers.get_all(WWW_AUTHENTICATE).iter().take(MOST);
        let schemes = values.flat_map(|value| Scheme::parse(value.as_bytes(), LONGEST));
        let mut asked = Self {
            nonce: nonce(headers),
            ..Self::default()
        };
        for scheme in schemes {
            let known = ["Bearer", "DPoP"];
            if !known
                .iter()
                .any(|name| scheme.name().eq_ignore_ascii_case(name))
            {
                continue;
            }
            let text = |name| scheme.param(name).map(str::to_owned);
            asked.metadata = asked.metadata.or_else(|| text("resource_metadata"));
            asked.scopes = asked.scopes.or_else(|| {
                let scopes = Scopes::parse(scheme.param("scope")?);
                (!scopes.is_empty()).then_some(scopes)
            });
            asked.errors.extend(text("error"));
        }
        asked
    }

    /// Whether this is among what went wrong.
    pub(super) fn says(&self, error: &str) -> bool {
        self.errors.iter().any(|said| said == error)
    }
}

/// The nonce that an answer gives for the next proof.
pub(super) fn nonce(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(&DPOP_NONCE)?.to_str().ok()?;
    (!value.is_empty() && value.len() <= LONGEST).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(values: &[&str]) -> Asked {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, value.parse().expect("a header"));
        }
        Asked::read(&headers)
    }

    #[test]
    fn all_that_a_challenge_says_is_read() {
        let asked = asked(&[
            r#"Bearer realm="x", error="insufficient_scope", scope="b a", resource_metadata="https://a/m""#,
        ]);
        assert_eq!(asked.metadata.as_deref(), Some("https://a/m"));
        assert_eq!(asked.scopes, Some(Scopes::parse("a b")));
        assert!(asked.says("insufficient_scope") && !asked.says("invalid_token"));
    }

    #[test]
    fn several_schemes_complete_each_other() {
        let asked = asked(&[
            "Negotiate abc==, Basic realm=\"x\", scope=\"basic\"",
            "DPoP error=\"use_dpop_nonce\", bearer scope=\"a\"",
        ]);
        assert!(asked.says("use_dpop_nonce"));
        assert_eq!(asked.scopes, Some(Scopes::parse("a")));
    }

    #[test]
    fn nothing_said_is_nothing_asked() {
        for silent in [
            &[][..],
            &["Bearer"],
            &["Basic realm=\"x\""],
            &["Bearer scope=\"\""],
        ] {
            assert_eq!(asked(silent), Asked::default());
        }
    }
}
