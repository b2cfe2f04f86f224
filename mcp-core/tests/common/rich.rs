//! Canonical values with every optional member set.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Reads `json` as a `T`, and checks that every member found a field.
pub(crate) fn read<T: DeserializeOwned + std::fmt::Debug>(json: Value) -> T {
    let value: T = serde_json::from_value(json).expect("a canonical value is of its type");
    let shown = format!("{value:?}");
    assert_eq!(
        shown.matches("extra: {}").count(),
        shown.matches("extra: {").count(),
        "a member has no field: {shown}"
    );
    value
}

pub(crate) fn icons() -> Value {
    json!([{ "src": "https://example.com/i.png", "mimeType": "image/png", "sizes": ["48x48"],
        "theme": "light" }])
}

pub(crate) fn annotations() -> Value {
    json!({ "audience": ["user", "assistant"], "priority": 0.5,
        "lastModified": "2025-01-12T15:00:58Z" })
}

pub(crate) fn implementation() -> Value {
    json!({ "name": "peer", "title": "Peer", "version": "1", "description": "A peer",
        "icons": icons(), "websiteUrl": "https://example.com" })
}

pub(crate) fn resource() -> Value {
    json!({ "uri": "file:///a", "name": "a", "title": "A", "description": "The first",
        "mimeType": "text/plain", "size": 3, "annotations": annotations(), "icons": icons(),
        "_meta": { "com.example/k": 1 } })
}

pub(crate) fn template() -> Value {
    json!({ "uriTemplate": "file:///{path}", "name": "files", "title": "Files",
        "description": "All files", "mimeType": "text/plain", "annotations": annotations(),
        "icons": icons(), "_meta": { "com.example/k": 1 } })
}

pub(crate) fn prompt() -> Value {
    json!({ "name": "review", "title": "Review", "description": "Reviews code",
        "arguments": [{ "name": "code", "title": "Code", "description": "What to review",
            "required": true }],
        "icons": icons(), "_meta": { "com.example/k": 1 } })
}

pub(crate) fn tool(output_schema: &Value) -> Value {
    json!({ "name": "add", "title": "Add", "description": "Adds",
        "inputSchema": { "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object", "required": ["a"],
            "properties": { "a": { "type": "integer", "x-kept": [1] }, "any": true, "none": false }
        },
        "outputSchema": output_schema,
        "annotations": { "title": "Addition", "readOnlyHint": true, "destructiveHint": false,
            "idempotentHint": true, "openWorldHint": false },
        "execution": { "taskSupport": "optional" },
        "icons": icons(), "_meta": { "com.example/k": 1 } })
}

pub(crate) fn contents() -> Value {
    json!([
        { "uri": "file:///a", "mimeType": "text/plain", "text": "x", "_meta": { "k": 1 } },
        { "uri": "file:///b", "mimeType": "image/png", "blob": "aGk=", "_meta": { "k": 1 } },
    ])
}

pub(crate) fn blocks() -> Value {
    let mut link = resource();
    link["type"] = json!("resource_link");
    json!([
        { "type": "text", "text": "t", "annotations": annotations(), "_meta": { "k": 1 } },
        { "type": "image", "data": "aGk=", "mimeType": "image/png",
            "annotations": annotations(), "_meta": { "k": 1 } },
        { "type": "audio", "data": "aGk=", "mimeType": "audio/wav",
            "annotations": annotations(), "_meta": { "k": 1 } },
        link,
        { "type": "resource", "resource": contents()[0], "annotations": annotations(),
            "_meta": { "k": 1 } },
        { "type": "resource", "resource": contents()[1] },
    ])
}

pub(crate) fn server_capabilities() -> Value {
    json!({ "experimental": { "e": {} }, "logging": {}, "completions": {},
        "prompts": { "listChanged": true },
        "resources": { "subscribe": true, "listChanged": true },
        "tools": { "listChanged": true },
        "extensions": { "com.example/x": {} } })
}

pub(crate) fn client_capabilities() -> Value {
    json!({ "experimental": { "e": {} }, "roots": { "listChanged": true },
        "sampling": { "context": {}, "tools": {} },
        "elicitation": { "form": {}, "url": {} },
        "extensions": { "com.example/x": {} } })
}

pub(crate) fn form() -> Value {
    json!({ "mode": "form", "message": "Who?",
        "requestedSchema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object", "required": ["name"],
            "properties": {
                "name": { "type": "string", "title": "Name", "description": "Yours",
                    "minLength": 1, "maxLength": 9, "format": "email", "default": "x" },
                "age": { "type": "integer", "title": "Age", "description": "Yours",
                    "minimum": 0, "maximum": 150, "default": 7 },
                "height": { "type": "number", "minimum": 0.5 },
                "member": { "type": "boolean", "title": "Member", "description": "Are you?",
                    "default": false },
                "size": { "type": "string", "enum": ["s", "m"], "default": "s" },
                "colour": { "type": "string",
                    "oneOf": [{ "const": "#f00", "title": "Red" }], "default": "#f00" },
            }
        } })
}

/// The members of every modern result, added to `result`.
pub(crate) fn complete(mut result: Value) -> Value {
    result["resultType"] = json!("complete");
    result["_meta"] = json!({
        "io.modelcontextprotocol/serverInfo": { "name": "s", "version": "1" },
        "com.example/k": 1,
    });
    result
}

/// The members of every modern result that can be cached, added to `result`.
pub(crate) fn cacheable(result: Value) -> Value {
    let mut result = complete(result);
    result["ttlMs"] = json!(60_000);
    result["cacheScope"] = json!("public");
    result
}

/// The members of every page of a list, added to `result`.
pub(crate) fn page(result: Value) -> Value {
    let mut result = cacheable(result);
    result["nextCursor"] = json!("next");
    result
}
