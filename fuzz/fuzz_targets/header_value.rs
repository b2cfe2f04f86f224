//! Values in headers: what is encoded is decoded again, whatever is decoded was a value, and the
//! header of an argument passes if it says the same as the argument (HTTP-M-13 to HTTP-M-24).
#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use mcp_transport::http_headers::{
    Field, check_method, check_name, check_param, check_version, decode_value, encode_value,
    mirrored_text,
};
use serde_json::Value;
use toolwright_fuzz::halves;

fn round_trip(text: &str) {
    let encoded = encode_value(text);
    let value = HeaderValue::from_str(&encoded).expect("what is encoded fits into a header");
    assert_eq!(decode_value(value.as_bytes()).as_deref(), Ok(text));
}

fn same_in_header_and_body(argument: &Value) {
    let header = HeaderName::from_static("mcp-param-x");
    let mut headers = HeaderMap::new();
    if let Some(text) = mirrored_text(argument) {
        round_trip(&text);
        let value = HeaderValue::from_str(&encode_value(&text)).expect("it is encoded");
        headers.insert(&header, value);
    }
    let checked = check_param(&headers, header.as_str(), Some(argument));
    assert!(checked.is_ok(), "{argument}: {checked:?}");
}

fuzz_target!(|data: &[u8]| {
    let (header, body) = halves(data);
    let text = String::from_utf8_lossy(body);
    round_trip(&text);
    if let Ok(argument) = serde_json::from_slice(body) {
        same_in_header_and_body(&argument);
    }
    if let Ok(decoded) = decode_value(header) {
        round_trip(&decoded);
    }
    let Ok(value) = HeaderValue::from_bytes(header) else {
        return;
    };
    let mut headers = HeaderMap::new();
    for name in [
        "mcp-protocol-version",
        "mcp-method",
        "mcp-name",
        "mcp-param-x",
    ] {
        headers.insert(name, value.clone());
    }
    let same = decode_value(header).is_ok_and(|decoded| decoded == text);
    assert_eq!(
        check_name(Field::of(&headers, "mcp-name"), Some(&text)).is_ok(),
        same
    );
    let _ = (
        check_version(Field::of(&headers, "mcp-protocol-version"), &text),
        check_method(Field::of(&headers, "mcp-method"), &text),
    );
    if let Ok(argument) = serde_json::from_slice::<Value>(body) {
        let _ = check_param(&headers, "mcp-param-x", Some(&argument));
    }
});
