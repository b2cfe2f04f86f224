//! The headers of messages.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use mcp_core::Revision;
use mcp_core::model::Meta;
use serde_json::Value;

use crate::driver::Command;
use crate::http_headers::{METHOD, NAME, encode_value, mirrored_text, named_by};

/// Those of every POST (HTTP-M-03, HTTP-L-02).
pub(super) fn of_post() -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let both = HeaderValue::from_static("application/json, text/event-stream");
    headers.insert(ACCEPT, both);
    headers
}

/// Those of a GET: there is nothing but a stream to be had (HTTP-L-05).
pub(super) fn of_get() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
    headers
}

/// The version, as it stands in `_meta` too (HTTP-M-10) or was agreed on (HTTP-L-04).
pub(super) fn version(revision: Revision) -> HeaderValue {
    HeaderValue::from_static(revision.as_str())
}

/// The method alone, for a request that is named by nothing else.
pub(super) fn of_method(method: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    put(&mut headers, METHOD.clone(), method);
    headers
}

/// What the headers of a modern request repeat of its body (HTTP-M-10, HTTP-M-23).
pub(super) fn of_request(command: &Command) -> HeaderMap {
    let mut headers = of_method(&command.method);
    let name = named_by(&command.method).and_then(|member| command.params.get(member));
    if let Some(name) = name.and_then(Value::as_str) {
        put(&mut headers, NAME.clone(), &encode_value(name));
    }
    let arguments = command.params.get("arguments").unwrap_or(&Value::Null);
    for mirrored in command.mirrored.iter().flat_map(|all| all.iter()) {
        let value = mirrored
            .path
            .iter()
            .try_fold(arguments, |value, member| value.get(&**member));
        let text = value.and_then(mirrored_text);
        if let (Some(text), Ok(header)) = (text, HeaderName::try_from(&*mirrored.header)) {
            put(&mut headers, header, &encode_value(&text));
        }
    }
    headers
}

/// Sets a header. A method that no header can hold is none a server has.
fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// A modern request in the words of the legacy era: without what says its version.
pub(super) fn as_legacy(body: &Bytes) -> Bytes {
    let Ok(mut message) = serde_json::from_slice::<Value>(body) else {
        return body.clone();
    };
    let params = message.get_mut("params").and_then(Value::as_object_mut);
    if let Some(params) = params {
        if let Some(meta) = params.get_mut("_meta").and_then(Value::as_object_mut) {
            for member in [
                Meta::PROTOCOL_VERSION,
                Meta::CLIENT_CAPABILITIES,
                Meta::CLIENT_INFO,
                Meta::LOG_LEVEL,
            ] {
                meta.remove(member);
            }
        }
        if params.get("_meta") == Some(&Value::Object(serde_json::Map::new())) {
            params.remove("_meta");
        }
    }
    message.to_string().into()
}
