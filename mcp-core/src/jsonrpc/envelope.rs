//! The members of one message, and which kind of message they make.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::clip;
use super::{Malformed, Message, Notification, Request, RequestId, Response};
use crate::json::JsonText;

/// The members of the outermost object, each as raw text and still unjudged, so that a wrong
/// member never hides the id.
#[derive(Default)]
pub(super) struct Envelope<'m> {
    jsonrpc: Option<&'m RawValue>,
    id: Option<&'m RawValue>,
    method: Option<&'m RawValue>,
    params: Option<&'m RawValue>,
    result: Option<&'m RawValue>,
    error: Option<&'m RawValue>,
    duplicate: Option<&'static str>,
}

impl<'de> Deserialize<'de> for Envelope<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EnvelopeVisitor)
    }
}

struct EnvelopeVisitor;

impl<'de> Visitor<'de> for EnvelopeVisitor {
    type Value = Envelope<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON-RPC message object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Envelope<'de>, A::Error> {
        let mut envelope = Envelope::default();
        while let Some(key) = map.next_key::<Key>()? {
            let (slot, name) = match key {
                Key::Jsonrpc => (&mut envelope.jsonrpc, "jsonrpc"),
                Key::Id => (&mut envelope.id, "id"),
                Key::Method => (&mut envelope.method, "method"),
                Key::Params => (&mut envelope.params, "params"),
                Key::Result => (&mut envelope.result, "result"),
                Key::Error => (&mut envelope.error, "error"),
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            if slot.replace(map.next_value()?).is_some() {
                envelope.duplicate = Some(name);
            }
        }
        Ok(envelope)
    }
}

/// A member's name, compared exactly: `Method` is not `method` (fault 12).
enum Key {
    Jsonrpc,
    Id,
    Method,
    Params,
    Result,
    Error,
    Other,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member name")
            }

            fn visit_str<E>(self, name: &str) -> Result<Key, E> {
                Ok(match name {
                    "jsonrpc" => Key::Jsonrpc,
                    "id" => Key::Id,
                    "method" => Key::Method,
                    "params" => Key::Params,
                    "result" => Key::Result,
                    "error" => Key::Error,
                    _ => Key::Other,
                })
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

impl<'m> Envelope<'m> {
    pub(super) fn classify(self) -> Result<Message<'m>, Malformed> {
        if let Some(name) = self.duplicate {
            // Which of two ids was meant cannot be known, so neither is echoed.
            let id = if name == "id" {
                None
            } else {
                self.readable_id()
            };
            return Err(self.invalid(id, format!("the member `{name}` appears twice")));
        }
        if self
            .jsonrpc
            .and_then(|raw| JsonText::from(raw).text())
            .is_none_or(|version| version != "2.0")
        {
            let got = self.jsonrpc.map_or("nothing".into(), |raw| clip(raw.get()));
            let why = format!("`jsonrpc` must be \"2.0\", got {got}");
            return Err(self.invalid(self.readable_id(), why));
        }
        match self.method {
            Some(method) => self.call(method),
            None => self.response(),
        }
    }

    fn call(self, method: &'m RawValue) -> Result<Message<'m>, Malformed> {
        let Some(name) = JsonText::from(method).text() else {
            let why = format!("`method` must be a string, got {}", clip(method.get()));
            return Err(self.invalid(self.readable_id(), why));
        };
        if self.result.is_some() || self.error.is_some() {
            let why = "a message with `method` cannot carry `result` or `error`".to_owned();
            return Err(self.invalid(self.readable_id(), why));
        }
        let (method, params) = (name, self.params);
        let Some(raw_id) = self.id else {
            return Ok(Message::Notification(Notification { method, params }));
        };
        match RequestId::from_json(raw_id.into()) {
            Some(id) => Ok(Message::Request(Request { id, method, params })),
            None => Err(self.invalid(
                None,
                format!(
                    "`id` must be a string or an integer, got {}",
                    clip(raw_id.get())
                ),
            )),
        }
    }

    /// A response that has both of `result` and `error`, or an `error` that is no error object,
    /// is no response (RPC-A-05), but its caller can still be told (fault 31).
    fn response(self) -> Result<Message<'m>, Malformed> {
        let id = self.readable_id();
        if id.is_none() && self.id.is_some_and(|raw| raw.get() != "null") {
            return Err(self.invalid(None, "`id` must be a string or an integer".to_owned()));
        }
        let outcome = match (self.result, self.error) {
            (Some(result), None) => Ok(result),
            (None, Some(error)) => match serde_json::from_str(error.get()) {
                Ok(error) => Err(error),
                Err(why) => return Err(self.invalid(id, format!("`error` is no error: {why}"))),
            },
            (Some(_), Some(_)) => {
                let why = "a response cannot carry both `result` and `error`".to_owned();
                return Err(self.invalid(id, why));
            }
            // Without `method` an object that has an id may have been meant as either kind.
            (None, None) => return Err(self.invalid(id, "`method` is missing".to_owned())),
        };
        Ok(Message::Response(Response { id, outcome }))
    }

    fn readable_id(&self) -> Option<RequestId> {
        self.id.and_then(|raw| RequestId::from_json(raw.into()))
    }

    fn invalid(&self, id: Option<RequestId>, why: String) -> Malformed {
        let mut malformed = Malformed::invalid(id, format!("Invalid request: {why}"));
        malformed.has_method = self.method.is_some();
        malformed.is_response =
            self.method.is_none() && (self.result.is_some() || self.error.is_some());
        malformed
    }
}
