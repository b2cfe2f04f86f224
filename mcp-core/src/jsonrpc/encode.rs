//! From messages to bytes, straight into the buffer that is sent.

use serde::Serialize;
use serde_json::Value;

use super::{ErrorObject, RequestId};

/// Appends a response that carries an already encoded `result` object.
pub fn response_raw(buffer: &mut Vec<u8>, id: &RequestId, result: &str) {
    begin_response(buffer, id);
    buffer.extend_from_slice(result.as_bytes());
    buffer.push(b'}');
}

/// Appends everything of a response up to the value of `result`; the caller appends that value
/// and a closing brace.
pub fn begin_response(buffer: &mut Vec<u8>, id: &RequestId) {
    buffer.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    value(buffer, id);
    buffer.extend_from_slice(b",\"result\":");
}

/// Appends an error response. Without an id, the member is left out (RPC-A-04).
pub fn error(buffer: &mut Vec<u8>, id: Option<&RequestId>, error: &ErrorObject) {
    buffer.extend_from_slice(b"{\"jsonrpc\":\"2.0\",");
    if let Some(id) = id {
        buffer.extend_from_slice(b"\"id\":");
        value(buffer, id);
        buffer.push(b',');
    }
    buffer.extend_from_slice(b"\"error\":");
    value(buffer, error);
    buffer.push(b'}');
}

/// Appends a request.
pub fn request<P: Serialize + ?Sized>(
    buffer: &mut Vec<u8>,
    id: &RequestId,
    method: &str,
    params: Option<&P>,
) {
    buffer.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    value(buffer, id);
    buffer.push(b',');
    finish_call(buffer, method, params);
}

/// Appends a notification.
pub fn notification<P: Serialize + ?Sized>(buffer: &mut Vec<u8>, method: &str, params: Option<&P>) {
    buffer.extend_from_slice(b"{\"jsonrpc\":\"2.0\",");
    finish_call(buffer, method, params);
}

fn finish_call<P: Serialize + ?Sized>(buffer: &mut Vec<u8>, method: &str, params: Option<&P>) {
    buffer.extend_from_slice(b"\"method\":");
    value(buffer, method);
    if let Some(params) = params {
        buffer.extend_from_slice(b",\"params\":");
        value(buffer, params);
    }
    buffer.push(b'}');
}

/// The JSON of a tree. Its `Display` says the same, and would bring the code to write JSON twice
/// more: through a formatter, and indented.
pub fn text(tree: &Value) -> String {
    let mut buffer = Vec::new();
    value(&mut buffer, tree);
    String::from_utf8(buffer).expect("JSON is UTF-8")
}

/// Appends any value as JSON.
///
/// # Panics
/// When a `Serialize` implementation fails, which those of this crate never do: their maps have
/// string keys, and memory is the only thing a buffer can run out of.
pub fn value<T: Serialize + ?Sized>(buffer: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(buffer, value).expect("a protocol value always serialises");
}
