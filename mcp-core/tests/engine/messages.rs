//! Messages as the peers of the engines write and expect them.

use serde_json::{Value, json};

/// A modern request: its `_meta` names the version and no capabilities.
pub(crate) fn modern(id: impl Into<Value>, method: &str, params: Value) -> Value {
    modern_with(id, method, params, json!({}))
}

/// A modern request with more members in its `_meta`; a null one removes what is there.
pub(crate) fn modern_with(
    id: impl Into<Value>,
    method: &str,
    mut params: Value,
    extra: Value,
) -> Value {
    let mut meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    for (key, value) in extra.as_object().expect("an object") {
        match value {
            Value::Null => drop(meta.as_object_mut().expect("an object").remove(key)),
            value => meta[key] = value.clone(),
        }
    }
    params["_meta"] = meta;
    request(id, method, params)
}

/// A request as it is, without `_meta`.
pub(crate) fn request(id: impl Into<Value>, method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params })
}

/// A `tools/call`, legacy form.
pub(crate) fn call(id: impl Into<Value>, tool: &str) -> Value {
    request(id, "tools/call", json!({ "name": tool, "arguments": {} }))
}

/// A `tools/call`, modern form.
pub(crate) fn modern_call(id: impl Into<Value>, tool: &str) -> Value {
    modern(id, "tools/call", json!({ "name": tool, "arguments": {} }))
}

pub(crate) fn notification(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

pub(crate) fn cancelled(id: impl Into<Value>) -> Value {
    notification("notifications/cancelled", json!({ "requestId": id.into() }))
}

pub(crate) fn initialize(id: impl Into<Value>, version: &str) -> Value {
    let params = json!({
        "protocolVersion": version,
        "capabilities": {},
        "clientInfo": { "name": "peer", "version": "1" },
    });
    request(id, "initialize", params)
}

/// What a legacy request with this result is answered with.
pub(crate) fn result(id: impl Into<Value>, result: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id.into(), "result": result })
}

/// What a modern request is answered with: the members of `body`, and what every result has.
pub(crate) fn modern_result(id: impl Into<Value>, body: Value) -> Value {
    let mut whole = body;
    whole["resultType"] = json!("complete");
    whole["_meta"]["io.modelcontextprotocol/serverInfo"] =
        json!({ "name": "tested", "version": "1" });
    result(id, whole)
}

/// The content of a tool's result that says `text`.
pub(crate) fn said(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

pub(crate) fn error(id: impl Into<Value>, code: i64, message: &str) -> Value {
    let error = json!({ "code": code, "message": message });
    json!({ "jsonrpc": "2.0", "id": id.into(), "error": error })
}

pub(crate) fn error_without_id(code: i64, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "error": { "code": code, "message": message } })
}
