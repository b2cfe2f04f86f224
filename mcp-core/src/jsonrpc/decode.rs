//! From bytes to messages: one pass, borrowed, every malformed shape named.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::envelope::Envelope;
use super::{ErrorCode, ErrorObject, Message, RequestId};

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
    /// Whether it had a `method`. Without one, it may be what became of a response to
    /// [`Malformed::id`].
    pub has_method: bool,
}

impl Malformed {
    /// Bytes that hold no message of a known kind, and why.
    pub(crate) fn new(id: Option<RequestId>, error: ErrorObject) -> Self {
        Self {
            id,
            error: Box::new(error),
            is_response: false,
            has_method: false,
        }
    }

    pub(super) fn invalid(id: Option<RequestId>, why: impl Into<Cow<'static, str>>) -> Self {
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
/// id that is no id, no `method`, `result` or `error`, or a response with both of the latter.
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
    let mut json = serde_json::Deserializer::from_str(text);
    let items = json
        .deserialize_seq(Items { cap: max_batch })
        .and_then(|items| json.end().map(|()| items))
        .map_err(|error| parse_error(&error))?;
    if items.count == 0 {
        return Err(Malformed::invalid(
            None,
            "Invalid request: the batch is empty",
        ));
    }
    if items.count > max_batch {
        return Err(Malformed::invalid(
            None,
            format!(
                "Invalid request: the batch holds {} messages (limit `batch` = {max_batch})",
                items.count
            ),
        ));
    }
    Ok(items
        .kept
        .into_iter()
        .map(|item| decode_one(item.get()))
        .collect())
}

/// The items of an array: all are counted, and no more than the cap are kept, so that a line of
/// commas takes no memory.
#[derive(Default)]
struct Batch<'m> {
    kept: Vec<&'m RawValue>,
    count: usize,
}

struct Items {
    cap: usize,
}

impl<'de> Visitor<'de> for Items {
    type Value = Batch<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of messages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Batch<'de>, A::Error> {
        let mut batch = Batch::default();
        loop {
            if batch.count < self.cap {
                let Some(item) = items.next_element()? else {
                    break;
                };
                batch.kept.push(item);
            } else if items.next_element::<IgnoredAny>()?.is_none() {
                break;
            }
            batch.count += 1;
        }
        Ok(batch)
    }
}

fn decode_one(text: &str) -> Result<Message<'_>, Malformed> {
    match serde_json::from_str::<Envelope<'_>>(text) {
        Ok(envelope) => envelope.classify(),
        // The first token is enough to see that this is no object, but not that it is JSON.
        Err(error) if error.is_data() => match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => Err(Malformed::invalid(
                None,
                format!("Invalid request: expected a JSON object, {}", found(text)),
            )),
            Err(error) => Err(parse_error(&error)),
        },
        Err(error) => Err(parse_error(&error)),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_items_are_kept_than_a_batch_may_have() {
        for (text, kept, count) in [
            ("[]", 0, 0),
            ("[1]", 1, 1),
            ("[1,2]", 2, 2),
            ("[1,2,3]", 2, 3),
            ("[1,2,3,4]", 2, 4),
        ] {
            let batch = serde_json::Deserializer::from_str(text)
                .deserialize_seq(Items { cap: 2 })
                .expect("an array");
            assert_eq!((batch.kept.len(), batch.count), (kept, count), "{text}");
        }
    }
}
