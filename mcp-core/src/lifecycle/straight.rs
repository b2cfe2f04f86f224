//! The straight way in: a well-formed request, read in one pass down to the members that routing
//! needs.
//!
//! It says yes or nothing. What is not plainly a request goes through [`jsonrpc::decode`] and
//! [`Params::read`], which name what is wrong; what is one reads the same on both ways.
//!
//! [`jsonrpc::decode`]: crate::jsonrpc::decode

use std::borrow::Cow;

use super::Params;
use super::params::Flaw;
use crate::json::Scanner;
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
        let mut scanner = Scanner::new(std::str::from_utf8(bytes).ok()?);
        let (mut version, mut id, mut method) = (None, None, None);
        let (mut params, mut seen_params) = (Params::default(), None);
        scanner.members(|name, scanner| match name {
            "jsonrpc" => once(&mut version, scanner.string()?),
            "id" => once(&mut id, RequestId::from_json(scanner.value()?)?),
            "method" => once(&mut method, scanner.string()?),
            "params" => {
                params.scan(scanner, &mut Flaw::default())?;
                once(&mut seen_params, ())
            }
            "result" | "error" => None,
            _ => scanner.value().map(drop),
        })?;
        scanner.end()?;
        (version? == "2.0").then_some(())?;
        Some(Self {
            id: id?,
            method: method?,
            params,
        })
    }
}

/// Stores a member, of which there may be one.
fn once<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::JsonText;
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
                let params = Params::read(careful.params.map(JsonText::from)).expect("the straight way read them");
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
