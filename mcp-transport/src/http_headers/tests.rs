use proptest::prelude::*;
use serde_json::json;

use super::*;

fn with(header: impl AsRef<str>, values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        let name = HeaderName::from_bytes(header.as_ref().as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

fn version(headers: &HeaderMap, version: &str) -> Result<(), ErrorObject> {
    check_version(Field::of(headers, &PROTOCOL_VERSION), version)
}

fn method(headers: &HeaderMap, method: &str) -> Result<(), ErrorObject> {
    check_method(Field::of(headers, &METHOD), method)
}

fn name(headers: &HeaderMap, name: Option<&str>) -> Result<(), ErrorObject> {
    check_name(Field::of(headers, &NAME), name)
}

fn message(result: Result<(), ErrorObject>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.code, ErrorCode::HEADER_MISMATCH);
    error.message.into_owned()
}

#[test]
fn values_are_encoded_only_when_they_have_to_be() {
    let cases = [
        ("", ""),
        ("get weather", "get weather"),
        ("a=b?c", "a=b?c"),
        ("=?base64?", "=?base64?"),
        ("=?BASE64?YQ==?=", "=?BASE64?YQ==?="),
        ("Zürich", "=?base64?WsO8cmljaA==?="),
        (" a", "=?base64?IGE=?="),
        ("a ", "=?base64?YSA=?="),
        ("a\tb", "=?base64?YQli?="),
        ("a\r\nb", "=?base64?YQ0KYg==?="),
        ("\u{7f}", "=?base64?fw==?="),
        ("=?base64?YQ==?=", "=?base64?PT9iYXNlNjQ/WVE9PT89?="),
        ("=?base64??=", "=?base64?PT9iYXNlNjQ/Pz0=?="),
    ];
    for (value, encoded) in cases {
        assert_eq!(encode_value(value), encoded);
        assert_eq!(decode_value(encoded.as_bytes()).as_deref(), Ok(value));
    }
}

#[test]
fn markers_count_only_when_whole_and_in_lower_case() {
    let literal = [
        "=?base64?YQ==",
        "base64?YQ==?=",
        "=?BASE64?YQ==?=",
        "=?Base64?YQ==?=",
        "x=?base64?YQ==?=",
        "=?base64?=",
    ];
    for text in literal {
        assert_eq!(decode_value(text.as_bytes()).as_deref(), Ok(text));
    }
    assert_eq!(decode_value(b" \t=?base64?YQ==?=\t ").as_deref(), Ok("a"));
    assert_eq!(decode_value(b"   ").as_deref(), Ok(""));
    assert_eq!(decode_value(b"=?base64??=").as_deref(), Ok(""));
}

#[test]
fn fault_73_what_cannot_be_decoded_is_refused() {
    let cases: &[(&[u8], InvalidValue)] = &[
        (b"=?base64?YQ=?=", InvalidValue::Base64),
        (b"=?base64?YQ?=", InvalidValue::Base64),
        (b"=?base64?YR==?=", InvalidValue::Base64),
        (b"=?base64?-_-_?=", InvalidValue::Base64),
        (b"=?base64?!!!!?=", InvalidValue::Base64),
        (b"=?base64?/w==?=", InvalidValue::Utf8),
        (b"Z\xC3\xBCrich", InvalidValue::Characters),
        (b"a\tb", InvalidValue::Characters),
        (b"a\x00", InvalidValue::Characters),
    ];
    for (raw, expected) in cases {
        assert_eq!(decode_value(raw), Err(*expected));
    }
}

#[test]
fn headers_that_agree_with_the_body_pass() {
    assert_eq!(
        version(&with("mcp-protocol-version", &["2026-07-28"]), "2026-07-28"),
        Ok(())
    );
    assert_eq!(
        method(&with("MCP-METHOD", &[" tools/call "]), "tools/call"),
        Ok(())
    );
    assert_eq!(
        name(&with(&NAME, &["=?base64?WsO8cmljaA==?="]), Some("Zürich")),
        Ok(())
    );
    assert_eq!(name(&with(&NAME, &["=?base64?YQ==?="]), Some("a")), Ok(()));
    assert_eq!(name(&with(&NAME, &[""]), Some("")), Ok(()));
    assert_eq!(name(&HeaderMap::new(), None), Ok(()));
}

#[test]
fn fault_73_a_header_that_is_missing_doubled_or_another_is_named_with_both_values() {
    let cases = [
        (
            method(&HeaderMap::new(), "tools/list"),
            "Header mcp-method is missing, the body says \"tools/list\"",
        ),
        (
            method(&with(&METHOD, &["tools/list", "tools/list"]), "tools/list"),
            "Header mcp-method was sent more than once",
        ),
        (
            method(&with(&METHOD, &["TOOLS/LIST"]), "tools/list"),
            "Header mcp-method is \"TOOLS/LIST\", the body says \"tools/list\"",
        ),
        (
            method(
                &with(&METHOD, &["=?base64?dG9vbHMvbGlzdA==?="]),
                "tools/list",
            ),
            "Header mcp-method is \"=?base64?dG9vbHMvbGlzdA==?=\", the body says \"tools/list\"",
        ),
        (
            name(&with(&NAME, &["=?base64?%?="]), Some("a")),
            "Header mcp-name is not valid base64 between its markers",
        ),
        (
            name(&with(&NAME, &["é"]), Some("é")),
            "Header mcp-name contains characters other than visible ASCII and spaces",
        ),
        (
            name(&with(&NAME, &["a"]), None),
            "Header mcp-name is \"a\", the body has no such value",
        ),
    ];
    for (result, expected) in cases {
        assert_eq!(message(result), expected);
    }
}

#[test]
fn fault_75_another_version_than_in_meta_is_refused() {
    let headers = with(&PROTOCOL_VERSION, &["2025-11-25"]);
    assert_eq!(
        message(version(&headers, "2026-07-28")),
        "Header mcp-protocol-version is \"2025-11-25\", the body says \"2026-07-28\"",
    );
}

#[test]
fn a_message_does_not_echo_a_megabyte() {
    let long = "x".repeat(10_000);
    assert!(message(name(&with(&NAME, &[&long]), Some(&"y".repeat(10_000)))).len() < 300);
}

#[test]
fn fault_74_arguments_are_compared_by_their_type() {
    let agree: &[(&str, Value)] = &[
        ("eu", json!("eu")),
        ("", json!("")),
        ("42", json!("42")),
        ("=?base64?w6k=?=", json!("é")),
        ("true", json!(true)),
        ("false", json!(false)),
        ("42", json!(42)),
        ("42.0", json!(42)),
        ("42", json!(42.0)),
        ("4.2e1", json!(42)),
        ("-7", json!(-7)),
        ("-0", json!(0)),
        ("0", json!(-0.0)),
        ("=?base64?NDI=?=", json!(42)),
        ("18446744073709551615", json!(u64::MAX)),
        ("3.5", json!(3.5)),
    ];
    for (header, argument) in agree {
        let headers = with("mcp-param-x", &[header]);
        assert_eq!(
            check_param(&headers, "Mcp-Param-X", Some(argument)),
            Ok(()),
            "{header}"
        );
    }
    let differ: &[(&str, Value)] = &[
        ("EU", json!("eu")),
        ("42.0", json!("42")),
        ("True", json!(true)),
        ("1", json!(true)),
        ("43", json!(42)),
        ("042", json!(42)),
        ("+42", json!(42)),
        ("0x2a", json!(42)),
        ("42.", json!(42)),
        ("42.5", json!(42)),
        ("", json!(0)),
        ("NaN", json!(0)),
        ("inf", json!(0)),
        ("9e999", json!(0)),
        ("=?base64?NDIK?=", json!(42)),
        ("18446744073709551615", json!(u64::MAX - 1)),
        ("null", Value::Null),
        ("[]", json!([])),
        ("{}", json!({})),
    ];
    for (header, argument) in differ {
        let headers = with("mcp-param-x", &[header]);
        let refused = message(check_param(&headers, "Mcp-Param-X", Some(argument)));
        assert!(refused.starts_with("Header Mcp-Param-X is "), "{refused}");
    }
}

#[test]
fn fault_74_a_header_is_expected_exactly_when_the_argument_has_a_value() {
    let none = HeaderMap::new();
    for absent in [
        None,
        Some(&Value::Null),
        Some(&json!([1])),
        Some(&json!({})),
    ] {
        assert_eq!(check_param(&none, "Mcp-Param-X", absent), Ok(()));
    }
    for present in [json!(""), json!(0), json!(false)] {
        let refused = message(check_param(&none, "Mcp-Param-X", Some(&present)));
        assert!(
            refused.starts_with("Header Mcp-Param-X is missing"),
            "{refused}"
        );
    }
    let refused = message(check_param(
        &with("mcp-param-x", &["a"]),
        "Mcp-Param-X",
        None,
    ));
    assert!(refused.ends_with("the body has no such value"), "{refused}");
    let doubled = with("mcp-param-x", &["1", "1"]);
    let refused = message(check_param(&doubled, "Mcp-Param-X", Some(&json!(1))));
    assert!(refused.ends_with("more than once"), "{refused}");
}

#[test]
fn a_name_belongs_to_the_methods_that_are_about_one_thing() {
    assert_eq!(named_by("tools/call"), Some("name"));
    assert_eq!(named_by("prompts/get"), Some("name"));
    assert_eq!(named_by("resources/read"), Some("uri"));
    assert_eq!(named_by("tasks/cancel"), Some("taskId"));
    assert_eq!(named_by("tools/list"), None);
}

proptest! {
    #[test]
    fn every_text_survives_its_header(text in any::<String>()) {
        let encoded = encode_value(&text);
        prop_assert!(HeaderValue::from_str(&encoded).is_ok());
        let decoded = decode_value(encoded.as_bytes());
        prop_assert_eq!(decoded.as_deref(), Ok(&text[..]));
    }

    #[test]
    fn any_bytes_are_a_value_or_refused(raw in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _ = decode_value(&raw);
        let _ = decode_value(&[b"=?base64?", &raw[..], b"?="].concat());
        let _ = same_number(&String::from_utf8_lossy(&raw), &Number::from(1));
    }

    #[test]
    fn every_integer_agrees_with_its_own_header(integer in any::<i64>()) {
        let argument = json!(integer);
        let text = mirrored_text(&argument).unwrap();
        let headers = with("mcp-param-x", &[&text]);
        prop_assert_eq!(check_param(&headers, "Mcp-Param-X", Some(&argument)), Ok(()));
    }
}
