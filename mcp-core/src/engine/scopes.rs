//! What a principal may do, in the words of OAuth.

use std::fmt;

/// A set of scopes (RFC 6749 §3.3): what a principal was granted, or what a request needs.
///
/// ```
/// use mcp_core::engine::Scopes;
///
/// let granted = Scopes::parse("orders:write orders:read");
/// assert!(granted.contains_all(&Scopes::from_iter(["orders:read"])));
/// assert_eq!(granted.to_string(), "orders:read orders:write");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Scopes(
    /// Sorted, each once.
    Vec<Box<str>>,
);

impl Scopes {
    /// No scope.
    pub const NONE: Self = Self(Vec::new());

    /// The scopes of a list that spaces separate. What is no scope is left out: it can be neither
    /// granted nor asked for.
    pub fn parse(list: &str) -> Self {
        list.split(' ').collect()
    }

    /// Whether `name` can be a scope: visible ASCII but for `"` and `\`.
    pub fn is_scope(name: &str) -> bool {
        let may_stand = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        !name.is_empty() && name.bytes().all(may_stand)
    }

    /// Whether this scope is one of them.
    pub fn contains(&self, name: &str) -> bool {
        self.0.binary_search_by(|scope| (**scope).cmp(name)).is_ok()
    }

    /// Whether all of `needed` are among them.
    pub fn contains_all(&self, needed: &Self) -> bool {
        needed.iter().all(|scope| self.contains(scope))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|scope| &**scope)
    }
}

impl<S: AsRef<str>> FromIterator<S> for Scopes {
    /// The set of those names that can be scopes.
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let mut scopes = Self::NONE;
        scopes.extend(names);
        scopes
    }
}

impl<S: AsRef<str>> Extend<S> for Scopes {
    fn extend<I: IntoIterator<Item = S>>(&mut self, names: I) {
        let names = names.into_iter();
        let sound = names.filter(|name| Self::is_scope(name.as_ref()));
        self.0.extend(sound.map(|name| Box::from(name.as_ref())));
        self.0.sort_unstable();
        self.0.dedup();
    }
}

/// As they stand in a `scope` parameter: with a space between them.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, scope) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_becomes_a_set_without_what_is_no_scope() {
        let scopes = Scopes::parse("b a  b \"c\" d\\e \u{e9} a:b/c");
        assert_eq!(scopes.to_string(), "a a:b/c b");
        assert!(!scopes.is_empty());
        assert!(Scopes::parse("").is_empty());
    }

    #[test]
    fn only_all_of_the_needed_scopes_suffice() {
        let granted = Scopes::parse("a b");
        assert!(granted.contains_all(&Scopes::NONE));
        assert!(granted.contains_all(&Scopes::parse("b")));
        assert!(!granted.contains_all(&Scopes::parse("b c")));
        assert!(!Scopes::NONE.contains_all(&Scopes::parse("a")));
    }
}
