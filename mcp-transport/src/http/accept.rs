//! Media types: what the client can read (`Accept`) and what it sent (`Content-Type`).

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};

use super::fields::Fields;
use super::headers::Field;

/// The media type of a message.
pub const JSON: &str = "application/json";
/// The media type of a stream of messages.
pub const EVENT_STREAM: &str = "text/event-stream";
/// What nearly every client sends.
const BOTH: &str = "application/json, text/event-stream";

/// Which of the two kinds of answer a request's `Accept` headers allow (HTTP-M-03, HTTP-M-30).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acceptable {
    json: bool,
    event_stream: bool,
}

impl Acceptable {
    /// What no header forbids, and what nearly every client asks for.
    const ANYTHING: Self = Self {
        json: true,
        event_stream: true,
    };

    /// The same as [`Acceptable::of`], of headers that were looked through already.
    pub(super) fn among(fields: &Fields<'_>) -> Self {
        match fields.accept {
            Field::Absent => Self::ANYTHING,
            // Nothing is more specific, so that no further header could take it back.
            Field::Once(value) | Field::Repeated(value) if value == BOTH => Self::ANYTHING,
            _ => Self::of(fields.all),
        }
    }

    /// Reads a request's `Accept` headers. No such header means that anything is acceptable.
    ///
    /// The most specific range decides, as RFC 9110 §12.5.1 says: `application/json;q=0, */*`
    /// accepts an event stream and no JSON. Parameters other than `q` are ignored, a range that
    /// is malformed counts as not there.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut json = Best::default();
        let mut event_stream = Best::default();
        let mut present = false;
        for value in headers.get_all(ACCEPT) {
            present = true;
            for range in split(value.as_bytes(), b',') {
                if let Some((media_range, quality)) = parse_range(range) {
                    json.weigh(media_range, quality, JSON);
                    event_stream.weigh(media_range, quality, EVENT_STREAM);
                }
            }
        }
        Self {
            json: !present || json.accepted(),
            event_stream: !present || event_stream.accepted(),
        }
    }

    /// Whether one JSON object may be the answer.
    #[must_use]
    pub fn json(self) -> bool {
        self.json
    }

    /// Whether a stream of events may be the answer.
    #[must_use]
    pub fn event_stream(self) -> bool {
        self.event_stream
    }

    /// Whether no answer is acceptable: 406.
    #[must_use]
    pub fn nothing(self) -> bool {
        !self.json && !self.event_stream
    }
}

/// What the most specific range so far says about one media type.
#[derive(Default)]
struct Best {
    /// 0: no range matched; 1: `*/*`; 2: `type/*`; 3: the type itself.
    specificity: u8,
    wanted: bool,
}

impl Best {
    fn weigh(&mut self, range: &[u8], quality: Quality, media_type: &str) {
        let specificity = specificity(range, media_type);
        if specificity > self.specificity {
            self.specificity = specificity;
            self.wanted = quality == Quality::Some;
        } else if specificity != 0 && specificity == self.specificity {
            self.wanted |= quality == Quality::Some;
        }
    }

    fn accepted(&self) -> bool {
        self.wanted
    }
}

/// A weight. Which of two acceptable types is sent is the server's choice (HTTP-M-30), so only
/// none or some matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quality {
    Zero,
    Some,
}

fn specificity(range: &[u8], media_type: &str) -> u8 {
    if range.eq_ignore_ascii_case(media_type.as_bytes()) {
        return 3;
    }
    let kind = media_type.split('/').next().unwrap_or_default();
    match range.strip_suffix(b"/*") {
        Some(range) if range.eq_ignore_ascii_case(kind.as_bytes()) => 2,
        Some(b"*") => 1,
        _ => 0,
    }
}

/// `type/subtype; q=0.5; …` as its range and its weight.
fn parse_range(range: &[u8]) -> Option<(&[u8], Quality)> {
    let mut parts = split(range, b';');
    let media_range = parts.next()?.trim_ascii();
    let mut quality = Quality::Some;
    for part in parts {
        let Some((name, value)) = parse_parameter(part) else {
            continue;
        };
        if name.eq_ignore_ascii_case(b"q") {
            quality = parse_quality(value)?;
        }
    }
    Some((media_range, quality))
}

/// RFC 9110 §12.4.2: `0`, `1`, and up to three decimals.
fn parse_quality(text: &[u8]) -> Option<Quality> {
    let (whole, decimals) = match text {
        [whole] => (whole, &[][..]),
        [whole, b'.', decimals @ ..] if decimals.len() <= 3 => (whole, decimals),
        _ => return None,
    };
    let zero = decimals.iter().all(|digit| *digit == b'0');
    match whole {
        b'0' if zero => Some(Quality::Zero),
        b'0' if decimals.iter().all(u8::is_ascii_digit) => Some(Quality::Some),
        b'1' if zero => Some(Quality::Some),
        _ => None,
    }
}

/// The same as [`check_content`], of headers that were looked through already.
pub(super) fn check_content_among(fields: &Fields<'_>) -> Result<(), UnsupportedBody> {
    match (fields.content_type, fields.content_encoding) {
        (Field::Once(value), Field::Absent) if value == JSON => Ok(()),
        _ => check_content(fields.all),
    }
}

/// Checks that a request's body is JSON in UTF-8, as its headers describe it.
///
/// Media type parameters are allowed; a `charset`, which JSON does not have, must be UTF-8.
///
/// # Errors
///
/// [`UnsupportedBody`] says why; the answer is 415. A body whose type is not said, or said twice,
/// is refused too: a browser sends `text/plain` and forms across origins without asking, and
/// only this check makes it ask.
pub fn check_content(headers: &HeaderMap) -> Result<(), UnsupportedBody> {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let value = values.next().ok_or(UnsupportedBody::Untyped)?;
    if values.next().is_some() {
        return Err(UnsupportedBody::NotJson);
    }
    check_media_type(value.as_bytes())?;
    let encodings = headers.get_all(CONTENT_ENCODING);
    let plain = |value: &http::HeaderValue| {
        value
            .as_bytes()
            .trim_ascii()
            .eq_ignore_ascii_case(b"identity")
    };
    if encodings.iter().all(plain) {
        Ok(())
    } else {
        Err(UnsupportedBody::Encoded)
    }
}

/// Checks a media type with parameters, or one that is written otherwise.
fn check_media_type(value: &[u8]) -> Result<(), UnsupportedBody> {
    let mut parts = split(value, b';');
    let essence = parts.next().unwrap_or_default().trim_ascii();
    if !essence.eq_ignore_ascii_case(JSON.as_bytes()) {
        return Err(UnsupportedBody::NotJson);
    }
    for part in parts.filter(|part| !part.trim_ascii().is_empty()) {
        let (name, value) = parse_parameter(part).ok_or(UnsupportedBody::NotJson)?;
        if name.eq_ignore_ascii_case(b"charset") && !value.eq_ignore_ascii_case(b"utf-8") {
            return Err(UnsupportedBody::Charset);
        }
    }
    Ok(())
}

/// Why a request's body cannot be read: 415.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnsupportedBody {
    /// There is no `Content-Type`.
    #[error("Content-Type is missing, expected application/json")]
    Untyped,
    /// The `Content-Type` is another, malformed, or there are two.
    #[error("Content-Type must be application/json")]
    NotJson,
    /// The `charset` is not UTF-8.
    #[error("the charset of application/json must be utf-8")]
    Charset,
    /// There is a `Content-Encoding` other than `identity`.
    #[error("compressed bodies are not read, send no Content-Encoding")]
    Encoded,
}

/// `name=value` or `name="value"`, both trimmed. Escapes inside quotes stay as they are: no value
/// that is compared here has any.
fn parse_parameter(part: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = memchr::memchr(b'=', part)?;
    let (name, value) = part.split_at(equals);
    let value = value.strip_prefix(b"=")?.trim_ascii();
    let unquoted = value
        .strip_prefix(b"\"")
        .and_then(|v| v.strip_suffix(b"\""));
    Some((name.trim_ascii(), unquoted.unwrap_or(value)))
}

/// The parts of `text` between `separator`s that stand outside quotes.
fn split(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |byte| {
        if escaped {
            escaped = false;
        } else if quoted && *byte == b'\\' {
            escaped = true;
        } else if *byte == b'"' {
            quoted = !quoted;
        } else {
            return !quoted && *byte == separator;
        }
        false
    })
}

#[cfg(test)]
mod tests;
