//! The requests that raw clients send, as bytes.

use serde_json::{Value, json};

/// The revision without sessions.
pub const MODERN: &str = "2026-07-28";
/// The newest revision with sessions.
pub const LEGACY: &str = "2025-11-25";

/// A request to `/mcp`.
#[must_use]
pub fn request(method: &str, host: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!(
        "{method} /mcp HTTP/1.1\r\nhost: {host}\r\naccept: application/json, text/event-stream\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}

/// A request of 2026-07-28, with all that it needs.
#[must_use]
pub fn modern(host: &str, id: u64, method: &str, mut params: Value) -> Vec<u8> {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1.0.0" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    for (key, value) in meta.as_object().into_iter().flatten() {
        params["_meta"][key] = value.clone();
    }
    let name = params["name"].as_str().map(str::to_owned);
    let mut headers = vec![("mcp-protocol-version", MODERN), ("mcp-method", method)];
    if let Some(name) = &name {
        headers.push(("mcp-name", name));
    }
    let body = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    request("POST", host, &headers, &body.to_string())
}

/// A call of 2026-07-28 that is told of progress, if the tool tells.
#[must_use]
pub fn modern_call(host: &str, id: u64, tool: &str, arguments: Value) -> Vec<u8> {
    let params = json!({ "name": tool, "arguments": arguments, "_meta": { "progressToken": id } });
    modern(host, id, "tools/call", params)
}

/// What opens a session.
#[must_use]
pub fn initialize(host: &str) -> Vec<u8> {
    let body = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": LEGACY, "capabilities": {},
        "clientInfo": { "name": "raw", "version": "1.0.0" },
    } });
    request("POST", host, &[], &body.to_string())
}

/// A message in a session.
#[must_use]
pub fn in_session(host: &str, session: &str, message: &Value) -> Vec<u8> {
    request("POST", host, &within(session), &message.to_string())
}

/// The notification after [`initialize`].
#[must_use]
pub fn initialized(host: &str, session: &str) -> Vec<u8> {
    let message = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    in_session(host, session, &message)
}

/// A call in a session that is told of progress, if the tool tells.
#[must_use]
pub fn session_call(host: &str, session: &str, id: u64, tool: &str, arguments: Value) -> Vec<u8> {
    let message = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {
        "name": tool, "arguments": arguments, "_meta": { "progressToken": id },
    } });
    in_session(host, session, &message)
}

/// What asks for the stream of a session, or for the rest of one after this event.
#[must_use]
pub fn listen(host: &str, session: &str, after: Option<&str>) -> Vec<u8> {
    let mut headers = within(session).to_vec();
    headers.extend(after.map(|id| ("last-event-id", id)));
    request("GET", host, &headers, "")
}

/// What ends a session.
#[must_use]
pub fn delete(host: &str, session: &str) -> Vec<u8> {
    request("DELETE", host, &within(session), "")
}

fn within(session: &str) -> [(&str, &str); 2] {
    [
        ("mcp-session-id", session),
        ("mcp-protocol-version", LEGACY),
    ]
}
