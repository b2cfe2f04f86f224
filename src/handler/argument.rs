//! The deserialiser of an argument: `serde_json`, but that a text is handed on as it stands.

use mcp_core::json::JsonText;
use serde::de::{Deserializer, Visitor};

/// An argument, whose grammar was checked when it was found.
///
/// A string without escapes needs one look to see that it is one, and then no parser; how large a
/// text may be is what makes that worth while. All else is left to `serde_json`, and so is to say
/// what is wrong.
pub(super) struct Argument<'a>(pub(super) JsonText<'a>);

macro_rules! as_json {
    ($($method:ident($($arg:ident: $ty:ty),*);)*) => {
        $(fn $method<V: Visitor<'de>>(
            self,
            $($arg: $ty,)*
            visitor: V,
        ) -> Result<V::Value, Self::Error> {
            // One value, so that nothing follows it.
            serde_json::Deserializer::from_str(self.0.get()).$method($($arg,)* visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Argument<'de> {
    type Error = serde_json::Error;

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        let json = self.0.get();
        let between_quotes = json
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        match between_quotes {
            Some(text) if !text.contains('\\') => visitor.visit_borrowed_str(text),
            _ => serde_json::Deserializer::from_str(json).deserialize_str(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0.get() {
            "null" => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    as_json! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_unit();
        deserialize_seq();
        deserialize_map();
        deserialize_identifier();
        deserialize_ignored_any();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_struct(name: &'static str, fields: &'static [&'static str]);
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mcp_core::json::Scanner;
    use serde::Deserialize;
    use serde::de::DeserializeOwned;
    use serde_json::Value;
    use serde_json::value::RawValue;
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    /// What an argument is read as, or why not.
    fn read<T: DeserializeOwned>(json: &str) -> Result<T, String> {
        let text = Scanner::new(json).value().unwrap();
        T::deserialize(Argument(text)).map_err(|error| error.to_string())
    }

    fn reads_as_serde_json_does<T: DeserializeOwned + Debug + PartialEq>(json: &str) {
        let expected = serde_json::from_str::<T>(json).map_err(|error| error.to_string());
        assert_eq!(read::<T>(json), expected, "{json}");
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Fields {
        text: String,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Newtype(String);

    #[derive(Debug, PartialEq, Deserialize)]
    enum Kind {
        Unit,
        With(String),
    }

    #[test]
    fn every_type_is_read_as_serde_json_reads_it() {
        for json in [
            "null",
            "true",
            "7",
            "-7",
            "1.5",
            "1e999",
            r#""""#,
            r#""a""#,
            r#""Unit""#,
            r#""äöü""#,
            r#""a\n\"b\" \u00e9""#,
            r#""\ud83d\ude00""#,
            r#""\ud800""#,
            r#"{"text":"a"}"#,
            r#"{"text":"\n"}"#,
            r#"{"With":"a"}"#,
            r#"["a","\t"]"#,
            "[]",
        ] {
            reads_as_serde_json_does::<String>(json);
            reads_as_serde_json_does::<Option<String>>(json);
            reads_as_serde_json_does::<Option<Option<i64>>>(json);
            reads_as_serde_json_does::<Newtype>(json);
            reads_as_serde_json_does::<Fields>(json);
            reads_as_serde_json_does::<Kind>(json);
            reads_as_serde_json_does::<Vec<String>>(json);
            reads_as_serde_json_does::<(String, String)>(json);
            reads_as_serde_json_does::<BTreeMap<String, String>>(json);
            reads_as_serde_json_does::<Value>(json);
            reads_as_serde_json_does::<i64>(json);
            reads_as_serde_json_does::<f64>(json);
            reads_as_serde_json_does::<bool>(json);
            reads_as_serde_json_does::<char>(json);
            reads_as_serde_json_does::<()>(json);
        }
    }

    #[test]
    fn raw_json_stays_as_it_stands() {
        let raw = read::<Box<RawValue>>("[1.0, \"\\u0041\"]").unwrap();
        assert_eq!(raw.get(), "[1.0, \"\\u0041\"]");
    }
}
