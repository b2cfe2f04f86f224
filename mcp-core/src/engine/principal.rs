//! Who is behind a request.

use std::fmt;
use std::sync::Arc;

/// Who is behind a request, as far as the transport knows: what sessions, subscriptions and
/// sealed state are bound to. Never what a client says of itself (META-M-07).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal(Kind);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kind {
    Local,
    Anonymous,
    Subject(Arc<str>),
}

impl Principal {
    /// Whoever started this process, or runs in it: the peer over standard input and output, or
    /// in memory (STDIO-A-06).
    pub const LOCAL: Self = Self(Kind::Local);

    /// Somebody over a network who did not say who they are, and did not have to.
    pub const ANONYMOUS: Self = Self(Kind::Anonymous);

    /// Somebody whose identity was verified, named by a text that is unique to them.
    pub fn verified(subject: impl Into<Arc<str>>) -> Self {
        Self(Kind::Subject(subject.into()))
    }

    /// The name of a verified identity.
    pub fn subject(&self) -> Option<&str> {
        match &self.0 {
            Kind::Subject(subject) => Some(subject),
            Kind::Local | Kind::Anonymous => None,
        }
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
            Kind::Subject(subject) => f.write_str(subject),
        }
    }
}
