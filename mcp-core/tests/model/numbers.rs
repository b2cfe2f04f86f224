//! Numbers as other programs write them: integers with a fraction of zero, and odd ones.

use mcp_core::model::legacy::CreateMessageParams;
use mcp_core::model::{CompleteResult, ElicitParams, ListResourcesResult, ListToolsResult};
use serde_json::{Value, json};

/// Numbers that are integers to JSON Schema, or none; and what `count` makes of each.
const COUNTS: [(&str, Option<u64>); 10] = [
    ("0", Some(0)),
    ("1000", Some(1000)),
    ("1000.0", Some(1000)),
    ("1e3", Some(1000)),
    ("18446744073709551615", Some(u64::MAX)),
    ("18446744073709551616", None),
    ("1e300", None),
    ("-1", None),
    ("-1.0", None),
    ("1.5", None),
];

#[test]
fn a_list_is_read_whatever_size_a_resource_is_said_to_have() {
    for (size, expected) in COUNTS {
        let text = format!(
            r#"{{"resources":[{{"uri":"a:b","name":"odd","size":{size}}},{{"uri":"a:c","name":"even"}}]}}"#
        );
        let read: ListResourcesResult = serde_json::from_str(&text).unwrap();
        assert_eq!(read.resources[0].size, expected, "{size}");
        assert_eq!(read.resources[1].name, "even");
    }
}

#[test]
fn suggestions_are_read_however_many_there_are_said_to_be() {
    for (total, expected) in COUNTS {
        let text = format!(r#"{{"completion":{{"values":["a"],"total":{total}}}}}"#);
        let read: CompleteResult = serde_json::from_str(&text).unwrap();
        assert_eq!(read.completion.total, expected, "{total}");
    }
}

#[test]
fn a_form_is_read_and_a_bound_that_is_none_does_not_bind() {
    for (bound, expected) in COUNTS {
        let text = format!(
            r#"{{"message":"?","requestedSchema":{{"type":"object","properties":{{
                "text":{{"type":"string","maxLength":{bound}}},
                "some":{{"type":"array","minItems":{bound},"items":{{"type":"string","enum":[]}}}}
            }}}}}}"#
        );
        let read: ElicitParams = serde_json::from_str(&text).unwrap();
        let written = serde_json::to_value(&read).unwrap();
        let fields = &written["requestedSchema"]["properties"];
        let expected = expected.map_or(Value::Null, |bound| json!(bound));
        assert_eq!(fields["text"]["maxLength"], expected, "{bound}");
        assert_eq!(fields["some"]["minItems"], expected, "{bound}");
    }
}

#[test]
fn a_list_stays_fresh_as_long_as_it_says_as_far_as_that_can_be_counted() {
    for (ttl, expected) in [
        ("1000", 1000),
        ("1000.0", 1000),
        ("1000.9", 1000),
        ("-1", -1),
        ("-1.5", -1),
        ("9223372036854775808", i64::MAX),
        ("1e300", i64::MAX),
        ("-1e300", i64::MIN),
    ] {
        let text = format!(r#"{{"tools":[],"ttlMs":{ttl}}}"#);
        let read: ListToolsResult = serde_json::from_str(&text).unwrap();
        assert_eq!(read.ttl_ms, Some(expected), "{ttl}");
    }
    let read: ListToolsResult = serde_json::from_str(r#"{"tools":[],"ttlMs":null}"#).unwrap();
    assert_eq!(read.ttl_ms, None);
    let text = r#"{"tools":[],"ttlMs":"soon"}"#;
    assert!(serde_json::from_str::<ListToolsResult>(text).is_err());
}

#[test]
fn the_most_tokens_are_a_whole_number_of_any_size() {
    for (most, expected) in [
        ("100", Some(100)),
        ("100.0", Some(100)),
        ("1e300", Some(u64::MAX)),
        ("-1", Some(0)),
        ("1.5", None),
        ("null", None),
    ] {
        let text = format!(r#"{{"messages":[],"maxTokens":{most}}}"#);
        let read = serde_json::from_str::<CreateMessageParams>(&text).ok();
        assert_eq!(read.map(|read| read.max_tokens), expected, "{most}");
    }
}
