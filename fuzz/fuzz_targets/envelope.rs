//! The envelope of JSON-RPC against serde_json: what is a message, what it says, and that the quick
//! way of reading a request and the careful one agree (RPC-A-01 to RPC-A-06).
#![no_main]

use libfuzzer_sys::fuzz_target;
use mcp_core::engine::Incoming;
use mcp_core::json::JsonText;
use mcp_core::jsonrpc::{Frame, Message, RequestId, decode, encode};
use mcp_core::lifecycle::Params;
use serde_json::Value;

/// The id as serde_json reads it.
fn json(id: &RequestId) -> Value {
    serde_json::to_value(id).expect("an id is JSON")
}

/// Holds a message against the value it was read from, and writes it again.
fn check(message: &Message<'_>, value: &Value) {
    assert_eq!(value["jsonrpc"], "2.0");
    let mut again = Vec::new();
    match message {
        Message::Request(request) => {
            assert_eq!(value["method"], *request.method);
            assert_eq!(value["id"], json(&request.id));
            let params: Option<Value> = request
                .params
                .and_then(|raw| serde_json::from_str(raw.get()).ok());
            assert_eq!(value.get("params"), params.as_ref());
            encode::request(&mut again, &request.id, &request.method, params.as_ref());
        }
        Message::Notification(notification) => {
            assert_eq!(value["method"], *notification.method);
            assert_eq!(value.get("id"), None);
            let params = notification.params;
            encode::notification(&mut again, &notification.method, params);
        }
        Message::Response(response) => {
            assert_eq!(value.get("method"), None);
            match (&response.outcome, &response.id) {
                (Ok(result), Some(id)) => encode::response_raw(&mut again, id, result.get()),
                (Err(error), id) => encode::error(&mut again, id.as_ref(), error),
                (Ok(_), None) => return,
            }
        }
    }
    let again = decode(&again, 1);
    assert!(
        matches!(again, Ok(Frame::Single(_))),
        "what is written is read: {again:?}"
    );
}

/// The quick way and the careful one.
fn both_ways_agree(data: &[u8]) {
    let careful = decode(data, 4);
    match Incoming::read(data, 4) {
        Incoming::Request(quick) => {
            let Ok(Frame::Single(Message::Request(careful))) = careful else {
                panic!("a request to one, {careful:?} to the other");
            };
            assert_eq!(quick.id, careful.id);
            assert_eq!(quick.method, careful.method);
            let params = Params::read(careful.params.map(JsonText::from));
            let shown = |params: &Result<Params<'_>, _>| format!("{params:?}");
            assert_eq!(shown(&quick.params), shown(&params));
        }
        Incoming::Malformed(_) => assert!(careful.is_err()),
        _ => assert!(careful.is_ok()),
    }
}

fuzz_target!(|data: &[u8]| {
    both_ways_agree(data);
    let bytes = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data);
    let value = serde_json::from_slice::<Value>(bytes);
    match (decode(data, 4), value) {
        (Ok(Frame::Single(message)), Ok(value)) => check(&message, &value),
        (Ok(Frame::Batch(items)), Ok(value)) => {
            let values = value.as_array().expect("a batch is an array");
            assert!(items.len() == values.len() && items.len() <= 4);
            for (item, value) in items.iter().zip(values) {
                if let Ok(message) = item {
                    check(message, value);
                }
            }
        }
        (Err(malformed), value) => {
            let parses = serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
            let parse_error = malformed.error.code == mcp_core::jsonrpc::ErrorCode::PARSE_ERROR;
            assert!(parses != parse_error || value.is_err(), "{malformed:?}");
        }
        // Deeper or with larger numbers than a `Value` can hold.
        (Ok(_), Err(_)) => {}
    }
});
