//! Ids of legacy sessions (HTTP-L-07).

use std::fmt;

use super::headers::Field;
pub use super::headers::SESSION_ID;
pub use crate::random::NoRandomness;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::random;

/// 192 bits: twice over what guessing would have to beat, and a whole number of characters.
const RANDOM_BYTES: usize = 24;
/// The length of [`RANDOM_BYTES`] as text.
const TEXT_BYTES: usize = 32;

/// The id of one legacy session: 192 bits from the operating system, as 32 characters of
/// visible ASCII (HTTP-L-07).
///
/// An id is only ever made by [`SessionId::generate`]: what a client sends is looked up, never
/// adopted. It is compared as the key of a hash map and not in constant time: the map's hash is
/// keyed, so the time of a look-up tells nothing about how close a guess was. And it is no
/// credential (HTTP-L-08): a session is bound to its principal besides.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId([u8; TEXT_BYTES]);

impl SessionId {
    /// A fresh id.
    ///
    /// # Errors
    ///
    /// [`NoRandomness`]: a guessable id is worse than none.
    pub fn generate() -> Result<Self, NoRandomness> {
        let random: [u8; RANDOM_BYTES] = random::bytes()?;
        let mut text = [0; TEXT_BYTES];
        URL_SAFE_NO_PAD
            .encode_slice(random, &mut text)
            .expect("24 bytes are 32 characters of base64");
        Ok(Self(text))
    }

    /// The id a client sent, if it has the form of one of ours. Whether the session exists is
    /// for the caller to look up.
    ///
    /// # Errors
    ///
    /// [`InvalidSessionId`] for anything [`SessionId::generate`] never returns: another length,
    /// other characters. No session can have such an id, so it is answered like an unknown one.
    pub fn parse(raw: &[u8]) -> Result<Self, InvalidSessionId> {
        let text: [u8; TEXT_BYTES] = raw.try_into().map_err(|_| InvalidSessionId)?;
        // Without a branch for each byte: a fold is many bytes at a time.
        let ours = |so_far, byte: &u8| {
            so_far & (byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'_'))
        };
        if text.iter().fold(true, ours) {
            Ok(Self(text))
        } else {
            Err(InvalidSessionId)
        }
    }

    /// The id that a request's [`SESSION_ID`] header holds; `None` when there is no such header.
    ///
    /// # Errors
    ///
    /// [`InvalidSessionId`] when the header's value is not an id, or there are two of them.
    pub fn from_header(header: Field<'_>) -> Result<Option<Self>, InvalidSessionId> {
        match header {
            Field::Absent => Ok(None),
            Field::Once(value) => Self::parse(value.as_bytes()).map(Some),
            Field::Repeated(_) => Err(InvalidSessionId),
        }
    }

    /// The id as it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a session id is ASCII")
    }
}

/// Enough to tell sessions apart in a log, too little to take one over.
impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start: String = self.as_str().chars().take(6).collect();
        write!(f, "SessionId({start}…)")
    }
}

/// What a client sent as a session id cannot be one. The answer is that of an unknown session,
/// 404 (HTTP-L-07).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a session id of this server")]
pub struct InvalidSessionId;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use http::{HeaderMap, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_are_visible_ascii_and_never_repeat() {
        let ids: HashSet<_> = (0..1_000)
            .map(|_| SessionId::generate().unwrap().as_str().to_owned())
            .collect();
        assert_eq!(ids.len(), 1_000);
        assert!(
            ids.iter()
                .all(|id| id.bytes().all(|byte| byte.is_ascii_graphic()))
        );
    }

    #[test]
    fn an_id_survives_the_way_to_the_client_and_back() {
        let id = SessionId::generate().unwrap();
        let read = |headers: &HeaderMap| SessionId::from_header(Field::of(headers, &SESSION_ID));
        let mut headers = HeaderMap::new();
        assert_eq!(read(&headers), Ok(None));
        headers.insert(&SESSION_ID, HeaderValue::from_str(id.as_str()).unwrap());
        assert_eq!(read(&headers), Ok(Some(id)));
        headers.append(&SESSION_ID, HeaderValue::from_str(id.as_str()).unwrap());
        assert_eq!(read(&headers), Err(InvalidSessionId));
    }

    #[test]
    fn fault_77_what_this_server_would_not_make_is_no_id() {
        let overlong = "a".repeat(100_000);
        for chosen in [
            "",
            "1",
            "my-session",
            &"é".repeat(16),
            &" ".repeat(32),
            &overlong,
        ] {
            assert_eq!(SessionId::parse(chosen.as_bytes()), Err(InvalidSessionId));
        }
    }

    #[test]
    fn a_log_shows_too_little_of_an_id_to_use_it() {
        let id = SessionId::generate().unwrap();
        assert!(!format!("{id:?}").contains(&id.as_str()[..8]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_id_or_refused(raw in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(id) = SessionId::parse(&raw) {
                prop_assert_eq!(id.as_str().as_bytes(), &raw[..]);
            }
        }
    }
}
