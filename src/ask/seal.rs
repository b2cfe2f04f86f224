//! States that travel with the client: encrypted, authenticated, and bound to their request
//! (MRTR-M-07, MRTR-M-08).
//!
//! A sealed state is base64url of `version | key id | salt | ciphertext and tag`. Every state has a
//! key of its own, derived from the ring's key and a random salt, so that no nonce is used twice
//! however many replicas share the key for however long.

use std::fmt;
use std::sync::{Arc, Once, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};

use super::draw::{self, NoRandomness};

const VERSION: u8 = 1;
const KEY_ID: usize = 4;
const SALT: usize = 16;
const HEAD: usize = 1 + KEY_ID + SALT;

/// The keys that states are sealed with: one to seal, and those before it, which still open.
///
/// Replicas that share the keys open each other's states. To change the key, first add the new one
/// behind the current everywhere ([`KeyRing::accepting`]), then put it in front; take the old one
/// out when its last state has expired.
///
/// ```
/// use toolwright::ask::KeyRing;
///
/// # let (new, old) = ([1_u8; 32], [2_u8; 32]);
/// let ring = KeyRing::new(new).accepting(old);
/// # let _ = ring;
/// ```
#[derive(Clone)]
pub struct KeyRing {
    current: Current,
    others: Vec<Key>,
}

/// The key to seal with.
#[derive(Clone)]
enum Current {
    /// Others may have it.
    Given(Key),
    /// Nobody else has it. Drawn when it is first needed, and the same for every clone of the ring.
    Random(Arc<OnceLock<Key>>),
}

#[derive(Clone)]
struct Key {
    id: [u8; KEY_ID],
    bytes: [u8; 32],
}

impl KeyRing {
    /// A ring that seals with `key`: 32 bytes that nobody can guess.
    pub fn new(key: [u8; 32]) -> Self {
        Self {
            current: Current::Given(Key::new(key)),
            others: Vec::new(),
        }
    }

    /// The same ring, which opens what was sealed with `key`, too.
    #[must_use]
    pub fn accepting(mut self, key: [u8; 32]) -> Self {
        self.others.push(Key::new(key));
        self
    }

    /// A ring that nobody shares. Its key is drawn when it is first needed: a request that asks
    /// while the operating system has no random bytes to give is answered with an internal error.
    pub fn random() -> Self {
        Self {
            current: Current::Random(Arc::default()),
            others: Vec::new(),
        }
    }

    /// Seals a state for the request that is bound to `binding`.
    pub(super) fn seal(&self, mut plain: Vec<u8>, binding: &[u8]) -> Result<String, NoRandomness> {
        let current = self.current.key()?;
        let salt: [u8; SALT] = draw::bytes()?;
        let mut sealed = Vec::with_capacity(HEAD + plain.len() + CHACHA20_POLY1305.tag_len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&current.id);
        sealed.extend_from_slice(&salt);
        current
            .for_state(&salt)
            .seal_in_place_append_tag(nonce(), Aad::from(binding), &mut plain)
            .expect("a state is shorter than what one key can seal");
        sealed.append(&mut plain);
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens a state, if it was sealed with a key of this ring for this very request.
    pub(super) fn open(&self, state: &str, binding: &[u8]) -> Option<Vec<u8>> {
        let sealed = URL_SAFE_NO_PAD.decode(state).ok()?;
        let (head, body) = sealed.split_at_checked(HEAD)?;
        let (id, salt) = head.strip_prefix(&[VERSION])?.split_at_checked(KEY_ID)?;
        let mut keys = self.current.drawn().into_iter().chain(&self.others);
        let key = keys.find(|key| key.id == id)?.for_state(salt);
        let mut body = body.to_vec();
        let opened = key.open_in_place(nonce(), Aad::from(binding), &mut body);
        let length = opened.ok()?.len();
        body.truncate(length);
        Some(body)
    }
}

/// Shows no key.
impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("keys", &(1 + self.others.len()))
            .finish_non_exhaustive()
    }
}

impl Current {
    fn key(&self) -> Result<&Key, NoRandomness> {
        let random = match self {
            Self::Given(key) => return Ok(key),
            Self::Random(random) => random,
        };
        if let Some(key) = random.get() {
            return Ok(key);
        }
        let key = Key::new(draw::bytes()?);
        note_random_key();
        // Of two that are drawn at once, one is that of the ring.
        Ok(random.get_or_init(|| key))
    }

    /// The key, if anything was sealed with it yet.
    fn drawn(&self) -> Option<&Key> {
        match self {
            Self::Given(key) => Some(key),
            Self::Random(random) => random.get(),
        }
    }
}

impl Key {
    fn new(bytes: [u8; 32]) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
        let mut id = [0; KEY_ID];
        // A digest of the key says nothing about it, and names it.
        id.iter_mut()
            .zip(digest.as_ref())
            .for_each(|(to, from)| *to = *from);
        Self { id, bytes }
    }

    /// The key of one state.
    fn for_state(&self, salt: &[u8]) -> LessSafeKey {
        let derived = Salt::new(HKDF_SHA256, salt).extract(&self.bytes);
        let info: &[&[u8]] = &[b"toolwright requestState 1"];
        let key = derived
            .expand(info, &CHACHA20_POLY1305)
            .expect("a key is shorter than what can be derived");
        LessSafeKey::new(UnboundKey::from(key))
    }
}

/// The same for every state, for each has its own key.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

/// Says once that other replicas cannot open what this process seals.
fn note_random_key() {
    static NOTED: Once = Once::new();
    NOTED.call_once(|| {
        tracing::info!(
            "no key for request states is configured: a random one is used, which other replicas \
             and the next start of this process do not have"
        );
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: [u8; 32] = [1; 32];
    const NEW: [u8; 32] = [2; 32];

    #[test]
    fn replicas_with_the_same_key_open_each_others_states() {
        let state = KeyRing::new(NEW)
            .seal(b"journal".to_vec(), b"request")
            .expect("sealed");
        let opened = KeyRing::new(NEW).open(&state, b"request");
        assert_eq!(opened.as_deref(), Some(&b"journal"[..]));
        assert_eq!(KeyRing::new(NEW).open(&state, b"other request"), None);
        assert_eq!(KeyRing::new(OLD).open(&state, b"request"), None);
        assert_eq!(KeyRing::random().open(&state, b"request"), None);
    }

    #[test]
    fn a_ring_opens_what_its_older_keys_sealed() {
        let state = KeyRing::new(OLD)
            .seal(b"journal".to_vec(), b"")
            .expect("sealed");
        assert!(KeyRing::new(NEW).accepting(OLD).open(&state, b"").is_some());
        let state = KeyRing::new(NEW)
            .accepting(OLD)
            .seal(b"journal".to_vec(), b"")
            .expect("sealed");
        assert!(KeyRing::new(OLD).open(&state, b"").is_none());
    }

    #[test]
    fn clones_of_a_ring_with_a_random_key_open_each_others_states() {
        let ring = KeyRing::random();
        let other = ring.clone();
        let state = ring.seal(b"journal".to_vec(), b"").expect("sealed");
        assert!(other.open(&state, b"").is_some());
        let state = other.seal(b"journal".to_vec(), b"").expect("sealed");
        assert!(ring.open(&state, b"").is_some());
    }

    #[test]
    fn no_two_states_are_alike_and_no_changed_one_opens() {
        let ring = KeyRing::new(NEW);
        let state = ring.seal(b"journal".to_vec(), b"").expect("sealed");
        assert_ne!(state, ring.seal(b"journal".to_vec(), b"").expect("sealed"));
        let bytes = URL_SAFE_NO_PAD.decode(&state).expect("base64url");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(
                ring.open(&URL_SAFE_NO_PAD.encode(changed), b""),
                None,
                "{at}"
            );
            assert_eq!(ring.open(&URL_SAFE_NO_PAD.encode(&bytes[..at]), b""), None);
        }
        assert_eq!(ring.open(&format!("{state}-TAMPERED"), b""), None);
        assert_eq!(ring.open("", b""), None);
    }
}
