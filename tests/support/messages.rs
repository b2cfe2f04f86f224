//! Messages as plain JSON, so that a test shows what stands on the wire.

use serde_json::{Value, json};

/// The notification that ends a handshake.
pub(crate) const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

/// A request.
pub(crate) fn request(id: impl Into<Value>, method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params })
}

/// A notification.
pub(crate) fn notification(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

/// A request that names its revision itself.
pub(crate) fn modern(id: impl Into<Value>, method: &str, mut params: Value) -> Value {
    let meta = &mut params["_meta"];
    meta["io.modelcontextprotocol/protocolVersion"] = json!("2026-07-28");
    meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
    request(id, method, params)
}

/// A `tools/call`.
pub(crate) fn call(id: impl Into<Value>, tool: &str, arguments: Value) -> Value {
    request(
        id,
        "tools/call",
        json!({ "name": tool, "arguments": arguments }),
    )
}

/// A `tools/call` of the modern era.
pub(crate) fn modern_call(id: impl Into<Value>, tool: &str, arguments: Value) -> Value {
    modern(
        id,
        "tools/call",
        json!({ "name": tool, "arguments": arguments }),
    )
}

/// A `notifications/cancelled`.
pub(crate) fn cancel(id: impl Into<Value>) -> Value {
    notification("notifications/cancelled", json!({ "requestId": id.into() }))
}

/// An `initialize` that asks for `version`.
pub(crate) fn initialize(id: impl Into<Value>, version: &str) -> Value {
    let client = json!({ "name": "tests", "version": "1" });
    let params = json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": client });
    request(id, "initialize", params)
}

/// The answer of a tool that returned `text`, to a legacy client.
pub(crate) fn text_result(id: impl Into<Value>, text: &str) -> Value {
    let content = json!([{ "type": "text", "text": text }]);
    json!({ "jsonrpc": "2.0", "id": id.into(), "result": { "content": content } })
}

/// The text of a tool's answer, and whether it is an error that the model reads.
#[track_caller]
pub(crate) fn text_of(answer: &Value) -> (&str, bool) {
    let text = answer.pointer("/result/content/0/text");
    let is_error = answer.pointer("/result/isError") == Some(&Value::Bool(true));
    match text.and_then(Value::as_str) {
        Some(text) => (text, is_error),
        None => panic!("not the answer of a tool: {answer}"),
    }
}

/// Id and code of an error response; the id of one that has none is null.
#[track_caller]
pub(crate) fn error_of(answer: &Value) -> (Value, i64) {
    let code = answer.pointer("/error/code").and_then(Value::as_i64);
    match code {
        Some(code) => (answer.get("id").cloned().unwrap_or_default(), code),
        None => panic!("not an error: {answer}"),
    }
}
