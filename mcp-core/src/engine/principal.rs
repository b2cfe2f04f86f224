//! Who is behind a request.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Scopes;

/// Who is behind a request, as far as the transport knows: what sessions, subscriptions and
/// sealed state are bound to. Never what a client says of itself (META-M-07).
///
/// Two principals are the same when they have the same name from the same issuer, whatever they
/// were granted: who comes back with more scopes is still who they were.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Principal(Kind);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Kind {
    Local,
    Anonymous,
    Verified(Arc<Verified>),
}

/// Somebody whose identity was verified, and what was said of them.
#[derive(Clone)]
struct Verified {
    issuer: Option<Box<str>>,
    subject: Arc<str>,
    scopes: Scopes,
    claims: Value,
    expires: Option<SystemTime>,
}

impl PartialEq for Verified {
    fn eq(&self, other: &Self) -> bool {
        self.subject == other.subject && self.issuer == other.issuer
    }
}

impl Eq for Verified {}

impl Hash for Verified {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.subject, &self.issuer).hash(state);
    }
}

impl Principal {
    /// Whoever started this process, or runs in it: the peer over standard input and output, or
    /// in memory (STDIO-A-06).
    pub const LOCAL: Self = Self(Kind::Local);

    /// Somebody over a network who did not say who they are, and did not have to.
    pub const ANONYMOUS: Self = Self(Kind::Anonymous);

    /// Somebody whose identity was verified, named by a text that is unique to them. They have no
    /// scopes until [`Principal::with_scopes`].
    pub fn verified(subject: impl Into<Arc<str>>) -> Self {
        Self(Kind::Verified(Arc::new(Verified {
            issuer: None,
            subject: subject.into(),
            scopes: Scopes::NONE,
            claims: Value::Null,
            expires: None,
        })))
    }

    /// The same, named so by `issuer`: the names of one issuer say nothing about those of another.
    /// Only who was verified has an issuer.
    #[must_use]
    pub fn with_issuer(self, issuer: impl Into<Box<str>>) -> Self {
        self.change(|verified| verified.issuer = Some(issuer.into()))
    }

    /// The same, granted these scopes. Only who was verified has scopes.
    #[must_use]
    pub fn with_scopes(self, scopes: Scopes) -> Self {
        self.change(|verified| verified.scopes = scopes)
    }

    /// The same, of whom `claims` was said, a JSON object. Only of who was verified something is
    /// known.
    #[must_use]
    pub fn with_claims(self, claims: Value) -> Self {
        self.change(|verified| verified.claims = claims)
    }

    /// The same, whose credentials count until `at`: a stream that they opened ends then. Only those
    /// of who was verified expire.
    #[must_use]
    pub fn with_expiry(self, at: SystemTime) -> Self {
        self.change(|verified| verified.expires = Some(at))
    }

    /// Until when the credentials of a verified identity count, if that is known.
    pub fn expires(&self) -> Option<SystemTime> {
        self.of_verified()?.expires
    }

    fn change(mut self, change: impl FnOnce(&mut Verified)) -> Self {
        if let Kind::Verified(verified) = &mut self.0 {
            change(Arc::make_mut(verified));
        }
        self
    }

    fn of_verified(&self) -> Option<&Verified> {
        match &self.0 {
            Kind::Verified(verified) => Some(verified),
            Kind::Local | Kind::Anonymous => None,
        }
    }

    /// The name of a verified identity, unique among those of its issuer.
    pub fn subject(&self) -> Option<&str> {
        self.of_verified().map(|verified| &*verified.subject)
    }

    /// Who named a verified identity, if that was said.
    pub fn issuer(&self) -> Option<&str> {
        self.of_verified()?.issuer.as_deref()
    }

    /// The scopes that a verified identity was granted. The local peer has none and needs none;
    /// ask [`Principal::may`].
    pub fn scopes(&self) -> &Scopes {
        const NONE: &Scopes = &Scopes::NONE;
        self.of_verified().map_or(NONE, |verified| &verified.scopes)
    }

    /// Whether what needs these scopes may be done (AUTH-S-04): always by the local peer, who
    /// started this process and may do whatever it can.
    pub fn may(&self, needed: &Scopes) -> bool {
        self.is_local() || self.scopes().contains_all(needed)
    }

    /// What was said of a verified identity, as `T`.
    ///
    /// # Errors
    /// When nothing was said, or nothing that is a `T`.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        const NOTHING: &Value = &Value::Null;
        T::deserialize(self.of_verified().map_or(NOTHING, |known| &known.claims))
    }

    /// Whether this is the peer in or above this process.
    pub fn is_local(&self) -> bool {
        self.0 == Kind::Local
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Local => f.write_str("local"),
            Kind::Anonymous => f.write_str("anonymous"),
            Kind::Verified(verified) => f.write_str(&verified.subject),
        }
    }
}

/// Without the claims, which are a person's own.
impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Local => f.write_str("Principal::LOCAL"),
            Kind::Anonymous => f.write_str("Principal::ANONYMOUS"),
            Kind::Verified(verified) => f
                .debug_struct("Principal")
                .field("issuer", &verified.issuer)
                .field("subject", &verified.subject)
                .field("scopes", &verified.scopes)
                .finish_non_exhaustive(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_somebody_is_depends_on_name_and_issuer_alone() {
        let ann = || Principal::verified("ann").with_issuer("https://a.example");
        assert_eq!(ann(), ann().with_scopes(Scopes::parse("a")));
        assert_eq!(ann(), ann().with_claims(json!({ "email": "x" })));
        assert_ne!(ann(), ann().with_issuer("https://b.example"));
        assert_ne!(ann(), Principal::verified("ann"));
        assert_ne!(
            ann(),
            Principal::verified("bob").with_issuer("https://a.example")
        );
    }

    #[test]
    fn only_who_was_verified_has_a_name_an_issuer_and_an_end() {
        let at = SystemTime::UNIX_EPOCH;
        let ann = Principal::verified("ann")
            .with_issuer("https://a.example")
            .with_expiry(at);
        assert_eq!(ann.subject(), Some("ann"));
        assert_eq!(ann.issuer(), Some("https://a.example"));
        assert_eq!(ann.expires(), Some(at));
        assert_eq!(ann.to_string(), "ann");
        for (nobody, shown) in [
            (Principal::LOCAL, "local"),
            (Principal::ANONYMOUS, "anonymous"),
        ] {
            let nobody = nobody.with_issuer("https://a.example").with_expiry(at);
            assert_eq!(nobody.subject(), None);
            assert_eq!(nobody.issuer(), None);
            assert_eq!(nobody.expires(), None);
            assert_eq!(nobody.to_string(), shown);
        }
    }

    #[test]
    fn names_and_issuers_are_hashed() {
        let hash = |principal: &Principal| {
            let mut hasher = std::hash::DefaultHasher::new();
            principal.hash(&mut hasher);
            hasher.finish()
        };
        let ann = Principal::verified("ann");
        assert_eq!(
            hash(&ann),
            hash(&ann.clone().with_scopes(Scopes::parse("a")))
        );
        assert_ne!(hash(&ann), hash(&Principal::verified("bob")));
        assert_ne!(
            hash(&ann),
            hash(&ann.clone().with_issuer("https://a.example"))
        );
    }

    #[test]
    fn only_the_local_peer_needs_no_scopes() {
        let needed = Scopes::parse("a");
        assert!(Principal::LOCAL.may(&needed));
        assert!(!Principal::ANONYMOUS.may(&needed));
        assert!(Principal::ANONYMOUS.may(&Scopes::NONE));
        assert!(!Principal::verified("ann").may(&needed));
        assert!(
            Principal::verified("ann")
                .with_scopes(needed.clone())
                .may(&needed)
        );
        assert!(
            !Principal::ANONYMOUS
                .with_scopes(needed.clone())
                .may(&needed)
        );
    }

    #[test]
    fn debug_shows_no_claims() {
        let ann = Principal::verified("ann").with_claims(json!({ "email": "ann@a.example" }));
        let shown = format!("{ann:?}");
        assert!(shown.contains("\"ann\"") && !shown.contains("ann@"));
        assert_eq!(
            ann.claims::<Value>().expect("any")["email"],
            "ann@a.example"
        );
    }
}
