//! From bytes to messages: one pass, borrowed, every malformed shape named.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::clip;
use super::{ErrorCode, ErrorObject, Message, Notification, Request, RequestId, Response};

/// What one frame of bytes held.
#[derive(Debug)]
pub enum Frame<'m> {
    /// A single message.
    Single(Message<'m>),
    /// An array of messages; only 2025-03-26 has them (RPC-L-11). Never empty.
    Batch(Vec<Result<Message<'m>, Malformed>>),
}

/// Bytes that are not a message: the error to answer with, and the id if it could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Malformed {
    /// The id of the request that was meant, when that much was readable.
    pub id: Option<RequestId>,
    /// -32700 or -32600, and why. Boxed, since it is rare and large.
    pub error: Box<ErrorObject>,
    /// Whether the message looked like a response, which must not be answered.
    pub is_response: bool,
}

impl Malformed {
    fn new(id: Option<RequestId>, error: ErrorObject) -> Self {
        Self {
            id,
            error: Box::new(error),
            is_response: false,
        }
    }

    fn invalid(id: Option<RequestId>, why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(id, ErrorObject::invalid_request(why))
    }
}

/// Decodes one frame (RPC-A-01 to RPC-A-06).
///
/// A leading byte-order mark is skipped. `max_batch` bounds the messages of an array.
///
/// # Errors
/// [`Malformed`] with -32700 when the bytes are not UTF-8 JSON, and with -32600 when the JSON is
/// not a message: not an object, a duplicated envelope member, a wrong or missing `jsonrpc`, an
/// id that is no id, or no `method`, `result` or `error`.
pub fn decode(bytes: &[u8], max_batch: usize) -> Result<Frame<'_>, Malformed> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        parse_error(&format_args!(
            "not UTF-8 at byte {} of the message",
            error.valid_up_to()
        ))
    })?;
    let first = text.trim_start_matches([' ', '\t', '\r', '\n']);
    if first.starts_with('[') {
        return decode_batch(text, max_batch).map(Frame::Batch);
    }
    decode_one(text).map(Frame::Single)
}

fn decode_batch(
    text: &str,
    max_batch: usize,
) -> Result<Vec<Result<Message<'_>, Malformed>>, Malformed> {
    let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|e| parse_error(&e))?;
    if items.is_empty() {
        return Err(Malformed::invalid(
            None,
            "Invalid request: the batch is empty",
        ));
    }
    if items.len() > max_batch {
        return Err(Malformed::invalid(
            None,
            format!(
                "Invalid request: the batch holds {} messages (limit `batch` = {max_batch})",
                items.len()
            ),
        ));
    }
    Ok(items
        .into_iter()
        .map(|item| decode_one(item.get()))
        .collect())
}

fn decode_one(text: &str) -> Result<Message<'_>, Malformed> {
    let envelope: Envelope<'_> = match serde_json::from_str(text) {
        Ok(envelope) => envelope,
        Err(error) if error.is_data() => {
            return Err(Malformed::invalid(
                None,
                format!("Invalid request: expected a JSON object, {}", found(text)),
            ));
        }
        Err(error) => return Err(parse_error(&error)),
    };
    envelope.classify()
}

fn parse_error(why: &dyn fmt::Display) -> Malformed {
    Malformed::new(
        None,
        ErrorObject::new(
            ErrorCode::PARSE_ERROR,
            format!("Parse error: {why}; expected one JSON-RPC message per line or body"),
        ),
    )
}

fn found(text: &str) -> &'static str {
    match text.trim_start().as_bytes().first() {
        Some(b'[') => "got an array",
        Some(b'"') => "got a string",
        Some(b't' | b'f') => "got a boolean",
        Some(b'n') => "got null",
        _ => "got a number",
    }
}

/// The members of the outermost object, each as raw text and still unjudged, so that a wrong
/// member never hides the id.
#[derive(Default)]
struct Envelope<'m> {
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
    fn classify(self) -> Result<Message<'m>, Malformed> {
        if let Some(name) = self.duplicate {
            // Which of two ids was meant cannot be known, so neither is echoed.
            let id = if name == "id" {
                None
            } else {
                self.readable_id()
            };
            return Err(self.invalid(id, format!("the member `{name}` appears twice")));
        }
        if self.jsonrpc.is_none_or(|raw| raw.get() != "\"2.0\"") {
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
        let Some(method) = text_of(method) else {
            let why = format!("`method` must be a string, got {}", clip(method.get()));
            return Err(self.invalid(self.readable_id(), why));
        };
        if self.result.is_some() || self.error.is_some() {
            let why = "a message with `method` cannot carry `result` or `error`".to_owned();
            return Err(self.invalid(self.readable_id(), why));
        }
        let params = self.params;
        let Some(raw_id) = self.id else {
            return Ok(Message::Notification(Notification { method, params }));
        };
        match RequestId::from_json(raw_id.get()) {
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

    fn response(self) -> Result<Message<'m>, Malformed> {
        if self.result.is_none() && self.error.is_none() {
            let id = self.readable_id();
            // Without `method` an object that has an id may have been meant as either kind.
            return Err(self.invalid(id, "`method` is missing".to_owned()));
        }
        let unreadable =
            self.id.is_some_and(|raw| raw.get() != "null") && self.readable_id().is_none();
        if unreadable {
            return Err(self.invalid(None, "`id` must be a string or an integer".to_owned()));
        }
        let id = self.readable_id();
        let outcome = match (self.result, self.error) {
            (Some(result), None) => Ok(result),
            (None, Some(error)) => Err(serde_json::from_str(error.get()).unwrap_or_else(|why| {
                ErrorObject::internal(format!("The peer sent an `error` that is no error: {why}"))
            })),
            _ => Err(ErrorObject::internal(
                "The peer sent a response with both `result` and `error`",
            )),
        };
        Ok(Message::Response(Response { id, outcome }))
    }

    fn readable_id(&self) -> Option<RequestId> {
        self.id.and_then(|raw| RequestId::from_json(raw.get()))
    }

    fn invalid(&self, id: Option<RequestId>, why: String) -> Malformed {
        let mut malformed = Malformed::invalid(id, format!("Invalid request: {why}"));
        malformed.is_response =
            self.method.is_none() && (self.result.is_some() || self.error.is_some());
        malformed
    }
}

/// The string that `raw` holds, borrowed when it has no escapes.
pub(crate) fn text_of(raw: &RawValue) -> Option<Cow<'_, str>> {
    let json = raw.get();
    if !json.starts_with('"') {
        return None;
    }
    if memchr::memchr(b'\\', json.as_bytes()).is_none() {
        return Some(Cow::Borrowed(&json[1..json.len() - 1]));
    }
    serde_json::from_str(json).ok().map(Cow::Owned)
}
