//! The text of one value.

use std::borrow::Cow;
use std::fmt;

use serde_json::value::RawValue;

use super::Scanner;

/// The text of one JSON value, borrowed from the message it stands in, without white space around
/// it. Only its grammar was checked: a number may be larger than any type, a string may hold half a
/// surrogate.
///
/// It is what [`RawValue`] is, at no cost to find: a reference to one becomes it, too.
///
/// ```
/// use serde_json::value::RawValue;
/// use mcp_core::json::JsonText;
///
/// let raw: Box<RawValue> = serde_json::from_str("[1, 2]")?;
/// assert_eq!(JsonText::from(&*raw).get(), "[1, 2]");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct JsonText<'m>(&'m str);

impl<'m> JsonText<'m> {
    /// `text`, which was found to be one value.
    pub(super) fn found(text: &'m str) -> Self {
        Self(text)
    }

    /// The JSON.
    pub fn get(self) -> &'m str {
        self.0
    }

    /// The string that it is, borrowed when it has no escapes; `None` when it is no string, or one
    /// that no `str` can hold.
    pub fn text(self) -> Option<Cow<'m, str>> {
        Scanner::new(self.0).string()
    }
}

impl<'m> From<&'m RawValue> for JsonText<'m> {
    fn from(raw: &'m RawValue) -> Self {
        Self(raw.get())
    }
}

impl fmt::Debug for JsonText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A [`JsonText`] that borrows from nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonBuf(Box<str>);

impl JsonBuf {
    /// The same text, borrowed.
    pub fn as_text(&self) -> JsonText<'_> {
        JsonText(&self.0)
    }
}

impl From<JsonText<'_>> for JsonBuf {
    fn from(text: JsonText<'_>) -> Self {
        Self(text.0.into())
    }
}

impl From<Box<RawValue>> for JsonBuf {
    fn from(raw: Box<RawValue>) -> Self {
        Self(raw.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shown_and_kept_as_it_stands() {
        let json = "{ \"a\": 1e0 }";
        let text = JsonText::found(json);
        assert_eq!((text.get(), format!("{text:?}")), (json, json.to_owned()));
        let kept = JsonBuf::from(text);
        assert_eq!(kept.as_text(), text);
        let raw: Box<RawValue> = serde_json::from_str(json).unwrap();
        assert_eq!(JsonText::from(&*raw), text);
        assert_eq!(JsonBuf::from(raw), kept);
    }

    #[test]
    fn the_text_of_a_string_is_borrowed_unless_it_has_escapes() {
        let text = |json| JsonText::found(json).text();
        assert!(matches!(text(r#""plain""#), Some(Cow::Borrowed("plain"))));
        assert_eq!(text(r#""a\"b\u0041""#).as_deref(), Some("a\"bA"));
        assert_eq!(text(r#""""#).as_deref(), Some(""));
        for json in ["1", "null", "{}", r#""\ud800""#] {
            assert_eq!(text(json), None, "{json}");
        }
    }
}
