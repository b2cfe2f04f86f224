//! What nobody can guess, and the proof of who began a login (RFC 7636, AUTH-C-06).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ring::digest::{SHA256, digest};

use crate::random::{self, NoRandomness};

/// 256 random bits as text that may stand in a URL.
pub(super) fn text() -> Result<String, NoRandomness> {
    Ok(BASE64URL.encode(random::bytes::<32>()?))
}

/// What shows of a verifier before the verifier itself is shown: S256.
pub(super) fn challenge(verifier: &str) -> String {
    BASE64URL.encode(digest(&SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636 appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(
            challenge(verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn texts_are_long_enough_and_never_the_same() {
        // 43 characters at least, says RFC 7636 §4.1.
        assert_eq!(text().map(|text| text.len()), Ok(43));
        assert_ne!(text(), text());
    }
}
