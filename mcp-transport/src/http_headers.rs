//! Headers that mirror the body of a request, so that something between client and server can
//! route it unread (HTTP-M-10). Whoever reads the body checks that the two agree (HTTP-M-12).

mod field;

use std::borrow::Cow;
use std::fmt::Display;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use mcp_core::jsonrpc::{ErrorCode, ErrorObject};
use serde_json::{Number, Value};

pub use self::field::Field;

/// Mirrors the protocol version of `_meta`.
pub static PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
/// Mirrors the method.
pub static METHOD: HeaderName = HeaderName::from_static("mcp-method");
/// Mirrors what the method is about: see [`named_by`].
pub static NAME: HeaderName = HeaderName::from_static("mcp-name");
/// The session that a message belongs to (HTTP-L-07).
pub static SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
/// From where a stream is resumed (HTTP-L-10).
pub static LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// What the header of a mirrored argument begins with; the rest is the tool's `x-mcp-header`
/// annotation (HTTP-M-20).
pub const PARAM_PREFIX: &str = "Mcp-Param-";

const MARK: &str = "=?base64?";
const END_MARK: &str = "?=";
/// Up to here every integer is its own in an `f64` (HTTP-M-23).
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// The member of `params` that [`NAME`] mirrors for a method; `None` when the method has no such
/// header (HTTP-M-10).
#[must_use]
pub fn named_by(method: &str) -> Option<&'static str> {
    match method {
        "tools/call" | "prompts/get" => Some("name"),
        "resources/read" => Some("uri"),
        "tasks/get" | "tasks/update" | "tasks/cancel" => Some("taskId"),
        _ => None,
    }
}

/// A value as it travels in [`NAME`] and [`PARAM_PREFIX`] headers (HTTP-M-13): as it is when it
/// is visible ASCII and inner spaces, otherwise, or where it would be misread, as
/// `=?base64?…?=`.
///
/// ```
/// use mcp_transport::http_headers::{decode_value, encode_value};
///
/// assert_eq!(encode_value("eu-west"), "eu-west");
/// assert_eq!(encode_value("Zürich"), "=?base64?WsO8cmljaA==?=");
/// assert_eq!(decode_value(b"=?base64?WsO8cmljaA==?=").as_deref(), Ok("Zürich"));
/// ```
#[must_use]
pub fn encode_value(value: &str) -> Cow<'_, str> {
    // Without a branch for each byte: a fold is many bytes at a time.
    let plain = |so_far, byte: &u8| so_far & matches!(byte, b' '..=b'~');
    let plain = value.as_bytes().iter().fold(true, plain);
    let trimmed = !value.starts_with(' ') && !value.ends_with(' ');
    if plain && trimmed && encoded_part(value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut encoded = String::from(MARK);
    STANDARD.encode_string(value, &mut encoded);
    encoded.push_str(END_MARK);
    Cow::Owned(encoded)
}

/// The value that [`encode_value`] made a header of (HTTP-M-14). White space around it is not
/// part of it (HTTP-M-11); half a marker or one in capitals is plain text.
///
/// # Errors
///
/// [`InvalidValue`]: the header holds what no plain value may, or the base64 between the markers
/// is not base64 of UTF-8.
pub fn decode_value(raw: &[u8]) -> Result<Cow<'_, str>, InvalidValue> {
    let text = plain_value(raw)?;
    let Some(encoded) = encoded_part(text) else {
        return Ok(Cow::Borrowed(text));
    };
    let bytes = STANDARD.decode(encoded).map_err(|_| InvalidValue::Base64)?;
    let value = String::from_utf8(bytes).map_err(|_| InvalidValue::Utf8)?;
    Ok(Cow::Owned(value))
}

/// Why a header's value stands for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValue {
    /// Something other than visible ASCII and spaces.
    #[error("contains characters other than visible ASCII and spaces")]
    Characters,
    /// Markers around something that is not standard base64 with its padding.
    #[error("is not valid base64 between its markers")]
    Base64,
    /// Base64 of something that is not UTF-8.
    #[error("is base64 of bytes that are not UTF-8")]
    Utf8,
}

/// Checks the [`PROTOCOL_VERSION`] header against the version in `_meta` (HTTP-M-10).
///
/// # Errors
///
/// -32020 when the header is missing, doubled, malformed or another; the status is 400
/// (HTTP-M-12).
pub fn check_version(header: Field<'_>, version: &str) -> Result<(), ErrorObject> {
    check_text(header, &PROTOCOL_VERSION, Coding::Plain, Some(version))
}

/// Checks the [`METHOD`] header against the method of the request. Case counts (HTTP-M-11).
///
/// # Errors
///
/// As [`check_version`].
pub fn check_method(header: Field<'_>, method: &str) -> Result<(), ErrorObject> {
    check_text(header, &METHOD, Coding::Plain, Some(method))
}

/// Checks the [`NAME`] header against what the request is about: the string that [`named_by`]
/// says where to find. Not to be asked for methods that have no name.
///
/// `None`, for a request that lacks that member, only passes without the header: something on
/// the way may have acted on it.
///
/// # Errors
///
/// As [`check_version`], and -32020 for a header that mirrors nothing.
pub fn check_name(header: Field<'_>, name: Option<&str>) -> Result<(), ErrorObject> {
    check_text(header, &NAME, Coding::Marked, name)
}

/// Checks the header of a mirrored argument, [`PARAM_PREFIX`] and its annotation, against the
/// argument (HTTP-M-24). Numbers are compared as numbers: `42.0` is 42.
///
/// An argument that is absent, null, or of a type that is not mirrored only passes without the
/// header.
///
/// # Errors
///
/// As [`check_name`].
pub fn check_param(
    headers: &HeaderMap,
    name: &str,
    argument: Option<&Value>,
) -> Result<(), ErrorObject> {
    let header = Field::of(headers, name);
    let expected = argument.and_then(mirrored_text);
    let Some(Value::Number(number)) = argument else {
        return check_text(header, name, Coding::Marked, expected.as_deref());
    };
    let got = single(header, name, expected.as_deref())?;
    match got.map(|value| (value, decode_value(value.as_bytes()))) {
        Some((_, Ok(text))) if same_number(&text, number) => Ok(()),
        Some((value, _)) => Err(mismatch(name, value, expected.as_deref())),
        None => Ok(()),
    }
}

/// The text that mirrors an argument, before [`encode_value`]: a string as it is, an integer in
/// decimal, `true` or `false`; `None` for what has no header (HTTP-M-23).
#[must_use]
pub fn mirrored_text(argument: &Value) -> Option<Cow<'_, str>> {
    match argument {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::Number(number) => Some(Cow::Owned(match as_integer(number) {
            Some(integer) => integer.to_string(),
            None => number.to_string(),
        })),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a header's value may be encoded.
#[derive(Clone, Copy)]
enum Coding {
    Plain,
    Marked,
}

fn check_text(
    header: Field<'_>,
    name: impl Display,
    coding: Coding,
    expected: Option<&str>,
) -> Result<(), ErrorObject> {
    let Some(value) = single(header, &name, expected)? else {
        return Ok(());
    };
    if let Some(expected) = expected
        && value == expected
        && matches!(encode_value(expected), Cow::Borrowed(_))
    {
        // As it mostly is: the same, with nothing to trim or to decode.
        return Ok(());
    }
    let got = match coding {
        Coding::Plain => plain_value(value.as_bytes()).map(Cow::Borrowed),
        Coding::Marked => decode_value(value.as_bytes()),
    };
    match (got, expected) {
        (Ok(got), Some(expected)) if got == expected => Ok(()),
        _ => Err(mismatch(name, value, expected)),
    }
}

/// The one value of a header; `None` when it is rightly absent.
fn single<'h>(
    header: Field<'h>,
    name: impl Display,
    expected: Option<&str>,
) -> Result<Option<&'h HeaderValue>, ErrorObject> {
    match (header, expected) {
        (Field::Repeated(_), _) => Err(refuse(format!("Header {name} was sent more than once"))),
        (Field::Once(value), _) => Ok(Some(value)),
        (Field::Absent, None) => Ok(None),
        (Field::Absent, Some(expected)) => Err(refuse(format!(
            "Header {name} is missing, the body says {}",
            shown(expected)
        ))),
    }
}

fn mismatch(name: impl Display, value: &HeaderValue, expected: Option<&str>) -> ErrorObject {
    if let Err(invalid) = decode_value(value.as_bytes()) {
        return refuse(format!("Header {name} {invalid}"));
    }
    let got = shown(&String::from_utf8_lossy(value.as_bytes()));
    refuse(match expected {
        Some(expected) => {
            format!("Header {name} is {got}, the body says {}", shown(expected))
        }
        None => format!("Header {name} is {got}, the body has no such value"),
    })
}

fn refuse(message: String) -> ErrorObject {
    ErrorObject::new(ErrorCode::HEADER_MISMATCH, message)
}

/// Quoted, escaped and short enough for a message.
fn shown(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
    }
}

fn plain_value(raw: &[u8]) -> Result<&str, InvalidValue> {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = raw.iter().position(|byte| !is_space(byte)).unwrap_or(0);
    let end = raw
        .iter()
        .rposition(|byte| !is_space(byte))
        .map_or(0, |at| at + 1);
    let trimmed = raw.get(start..end).unwrap_or_default();
    if !trimmed.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(InvalidValue::Characters);
    }
    std::str::from_utf8(trimmed).map_err(|_| InvalidValue::Characters)
}

/// What stands between the markers, if both are there and apart.
fn encoded_part(text: &str) -> Option<&str> {
    text.strip_prefix(MARK)?.strip_suffix(END_MARK)
}

/// Whether a header's text is the number of the body, however either is written.
fn same_number(text: &str, number: &Number) -> bool {
    // JSON allows white space around a number, a header's value has none.
    if !text.ends_with(|last: char| last.is_ascii_digit()) || text.starts_with(char::is_whitespace)
    {
        return false;
    }
    let Ok(got) = serde_json::from_str::<Number>(text) else {
        return false;
    };
    match (as_integer(&got), as_integer(number)) {
        (Some(got), Some(expected)) => got == expected,
        (None, None) => got.as_f64() == number.as_f64(),
        _ => false,
    }
}

/// The number as an integer, if it is one and exactly known.
fn as_integer(number: &Number) -> Option<i128> {
    if let Some(integer) = number.as_i128() {
        return Some(integer);
    }
    let float = number.as_f64()?;
    // Past 2^53 a float no longer says which integer was meant; the cast is exact below it.
    (float.fract() == 0.0 && float.abs() <= MAX_SAFE_INTEGER).then_some(float as i128)
}

#[cfg(test)]
mod tests;
