//! The straight way in: a well-formed request, read in one pass down to the members that routing
//! needs.
//!
//! It says yes or nothing. What is not plainly a request goes through [`jsonrpc::decode`] and
//! [`Params::read`], which name what is wrong; what is one reads the same on both ways.
//!
//! [`jsonrpc::decode`]: crate::jsonrpc::decode

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::Params;
use super::params::keys;
use crate::jsonrpc::RequestId;

/// A request without a flaw.
#[derive(Debug)]
pub(crate) struct StraightRequest<'m> {
    pub(crate) id: RequestId,
    pub(crate) method: Cow<'m, str>,
    pub(crate) params: Params<'m>,
}

impl<'m> StraightRequest<'m> {
    /// The request that `bytes` hold, if they hold one and nothing about it is odd.
    pub(crate) fn read(bytes: &'m [u8]) -> Option<Self> {
        if !bytes.starts_with(b"{") {
            return None;
        }
        let message = std::str::from_utf8(bytes).ok()?;
        let mut request: Self = serde_json::from_str(message).ok()?;
        request.params.stands_in(message);
        Some(request)
    }
}

impl<'de> Deserialize<'de> for StraightRequest<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RequestVisitor)
    }
}

struct RequestVisitor;

impl<'de> Visitor<'de> for RequestVisitor {
    type Value = StraightRequest<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<StraightRequest<'de>, A::Error> {
        let (mut jsonrpc, mut id, mut method, mut params) = (None, None, None, None);
        while let Some(key) = map.next_key::<RequestKey>()? {
            let repeated = match key {
                RequestKey::Jsonrpc => jsonrpc.replace(map.next_value::<Text<'de>>()?).is_some(),
                RequestKey::Id => id.replace(map.next_value()?).is_some(),
                RequestKey::Method => method.replace(map.next_value::<Text<'de>>()?).is_some(),
                RequestKey::Params => params.replace(map.next_value()?).is_some(),
                RequestKey::Result | RequestKey::Error => true,
                RequestKey::Other => {
                    map.next_value::<IgnoredAny>()?;
                    false
                }
            };
            if repeated {
                return Err(A::Error::custom("odd"));
            }
        }
        let version = jsonrpc.is_some_and(|Text(version)| version == "2.0");
        match (version, id, method) {
            (true, Some(id), Some(Text(method))) => Ok(StraightRequest {
                id,
                method,
                params: params.unwrap_or_default(),
            }),
            _ => Err(A::Error::custom("odd")),
        }
    }
}

keys!(
    /// The members of an envelope.
    RequestKey {
        Jsonrpc = "jsonrpc",
        Id = "id",
        Method = "method",
        Params = "params",
        Result = "result",
        Error = "error",
    }
);

/// A string, borrowed when it has no escapes.
struct Text<'m>(Cow<'m, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::{Frame, Message, decode};
    use proptest::prelude::*;

    /// Messages that are requests, and messages that nearly are.
    fn messages() -> impl Strategy<Value = String> {
        let member = prop_oneof![
            Just(r#""jsonrpc":"2.0""#),
            Just(r#""jsonrpc":"2.\u0030""#),
            Just(r#""jsonrpc":2.0"#),
            Just(r#""id":1"#),
            Just(r#""id":"a\"b""#),
            Just(r#""id":null"#),
            Just(r#""id":1.5"#),
            Just(r#""method":"tools/call""#),
            Just(r#""method":"tools\/call""#),
            Just(r#""method":7"#),
            Just(r#""params":{}"#),
            Just(
                r#""params":{"name":"add","arguments":{"a":[1,{"b":null}]},"_meta":{"progressToken":1}}"#
            ),
            Just(r#""params":{"name":1,"name":2}"#),
            Just(r#""params":{"_meta":[]}"#),
            Just(r#""params":[]"#),
            Just(r#""params":null"#),
            Just(r#""result":{}"#),
            Just(r#""other":{"x":[1e999]}"#),
        ];
        prop::collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(",")))
    }

    proptest! {
        #[test]
        fn the_straight_way_reads_what_the_careful_way_reads(message in messages()) {
            if let Some(straight) = StraightRequest::read(message.as_bytes()) {
                let Ok(Frame::Single(Message::Request(careful))) = decode(message.as_bytes(), 1)
                else {
                    panic!("not a request: {message}");
                };
                let params = Params::read(careful.params).expect("the straight way read them");
                prop_assert_eq!(straight.id, careful.id);
                prop_assert_eq!(straight.method, careful.method);
                prop_assert_eq!(straight.params.raw().map(|raw| raw.get().to_owned()),
                    params.raw().map(|raw| raw.get().to_owned()));
                let name = |params: &Params<'_>| params.name.map(|raw| raw.get().to_owned());
                prop_assert_eq!(name(&straight.params), name(&params));
            }
        }
    }

    #[test]
    fn a_plain_call_takes_the_straight_way() {
        let message = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add"}}"#;
        let request = StraightRequest::read(message).unwrap();
        assert_eq!(request.params.name.unwrap().get(), "\"add\"");
        assert_eq!(request.params.raw().unwrap().get(), r#"{"name":"add"}"#);
    }
}
