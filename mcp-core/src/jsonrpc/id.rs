//! The id that ties a response to its request.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

use crate::json::JsonText;

/// A JSON-RPC request id: a string or an integer, never null (RPC-A-02).
///
/// It is echoed exactly, by type and by value (RPC-A-04): `1` and `"1"` are different ids.
/// Integers from `i64::MIN` to `u64::MAX` are carried without loss; anything else is not an id.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(Repr);

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Repr {
    Signed(i64),
    /// Only integers above `i64::MAX`, so that equal ids have one representation.
    Unsigned(u64),
    Text(Box<str>),
}

impl RequestId {
    /// The id that `json` is; `None` when that is not a string or an integer.
    pub fn from_json(json: JsonText<'_>) -> Option<Self> {
        if let Some(text) = json.text() {
            return Some(Self(Repr::Text(text.into())));
        }
        match json.get() {
            // Its sign would be lost.
            "-0" => None,
            number => match number.parse::<i64>() {
                Ok(signed) => Some(signed.into()),
                Err(_) => number.parse::<u64>().ok().map(Self::from),
            },
        }
    }

    /// The number, when the id is an integer that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Signed(number) => Some(number),
            _ => None,
        }
    }

    /// The text, when the id is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Repr::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl From<i64> for RequestId {
    fn from(number: i64) -> Self {
        Self(Repr::Signed(number))
    }
}

impl From<u64> for RequestId {
    fn from(number: u64) -> Self {
        Self(match i64::try_from(number) {
            Ok(signed) => Repr::Signed(signed),
            Err(_) => Repr::Unsigned(number),
        })
    }
}

impl From<&str> for RequestId {
    fn from(text: &str) -> Self {
        Self(Repr::Text(text.into()))
    }
}

impl From<String> for RequestId {
    fn from(text: String) -> Self {
        Self(Repr::Text(text.into()))
    }
}

/// As it stands in JSON: `1`, or `"1"` with its quotes.
impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Signed(number) => write!(f, "{number}"),
            Repr::Unsigned(number) => write!(f, "{number}"),
            Repr::Text(text) => write!(f, "{text:?}"),
        }
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for RequestId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::Signed(number) => serializer.serialize_i64(*number),
            Repr::Unsigned(number) => serializer.serialize_u64(*number),
            Repr::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for RequestId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;

        impl Visitor<'_> for IdVisitor {
            type Value = RequestId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an integer")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<RequestId, E> {
                Ok(number.into())
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<RequestId, E> {
                Ok(number.into())
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RequestId, E> {
                Ok(text.into())
            }
        }

        deserializer.deserialize_any(IdVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Scanner;

    fn from_json(text: &str) -> Option<RequestId> {
        RequestId::from_json(Scanner::new(text).value()?)
    }

    #[test]
    fn ids_survive_by_type_and_value() {
        for text in [
            "0",
            "-1",
            "1",
            "\"\"",
            "\"1\"",
            "\"a\\\"b\"",
            "9007199254740993",
            "9223372036854775807",
            "18446744073709551615",
        ] {
            let id = from_json(text).unwrap();
            assert_eq!(serde_json::to_string(&id).unwrap(), text);
        }
    }

    #[test]
    fn what_is_neither_a_string_nor_an_integer_is_not_an_id() {
        for text in [
            "null",
            "true",
            "-0",
            "1.5",
            "1e3",
            "[1]",
            "{}",
            "99999999999999999999999",
            "",
        ] {
            assert_eq!(from_json(text), None, "{text}");
        }
    }

    #[test]
    fn an_id_is_shown_as_it_stands_in_json() {
        for (id, shown, number, text) in [
            (RequestId::from(7_i64), "7", Some(7), None),
            (RequestId::from(-7_i64), "-7", Some(-7), None),
            (i64::MAX.into(), "9223372036854775807", Some(i64::MAX), None),
            (u64::MAX.into(), "18446744073709551615", None, None),
            ("7".into(), "\"7\"", None, Some("7")),
            ("a\"b".to_owned().into(), r#""a\"b""#, None, Some("a\"b")),
        ] {
            assert_eq!(id.to_string(), shown);
            assert_eq!(format!("{id:?}"), shown);
            assert_eq!(id.as_i64(), number, "{shown}");
            assert_eq!(id.as_str(), text, "{shown}");
        }
    }

    #[test]
    fn an_id_that_is_a_member_is_read_like_that_of_a_message() {
        for text in ["1", "-1", "\"1\"", "18446744073709551615"] {
            let read: RequestId = serde_json::from_str(text).unwrap();
            assert_eq!(Some(read), from_json(text));
        }
        let error = serde_json::from_str::<RequestId>("null").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("expected a string or an integer"),
            "{error}"
        );
    }

    #[test]
    fn a_number_and_its_text_are_different_ids() {
        assert_ne!(RequestId::from(1_i64), RequestId::from("1"));
        assert_eq!(RequestId::from(1_u64), RequestId::from(1_i64));
    }
}
