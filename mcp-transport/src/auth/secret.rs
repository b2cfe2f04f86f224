//! Values that must not be shown.

use std::fmt;

/// A value that no log and no error message shows: neither [`Debug`](fmt::Debug) nor anything else
/// formats it, and it cannot be serialised or copied by accident. [`Secret::expose`] is the only
/// way to it, and easy to search for.
///
/// ```
/// use mcp_transport::auth::Secret;
///
/// let key = Secret::new("s3cr3t".to_owned());
/// assert_eq!(format!("{key:?}"), "Secret");
/// assert_eq!(key.expose(), "s3cr3t");
/// ```
#[derive(Default)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Keeps `value` from being shown.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, to be used where it is needed and not kept elsewhere.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl From<String> for Secret<String> {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl From<&str> for Secret<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
