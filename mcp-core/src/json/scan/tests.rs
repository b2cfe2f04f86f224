use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;

fn scanned(text: &str) -> Option<&str> {
    let mut scanner = Scanner::new(text);
    let value = scanner.value()?;
    scanner.end()?;
    Some(value.get())
}

fn oracle(text: &str) -> Option<&str> {
    serde_json::from_str::<&RawValue>(text)
        .ok()
        .map(RawValue::get)
}

/// Pieces of JSON, most of them whole, so that a chain of them is JSON now and then.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\":",
        "\"\"",
        "\"",
        "\\",
        "\\u00",
        "1",
        "-",
        "0",
        "1.5",
        "e3",
        ".",
        "E+",
        "true",
        "false",
        "null",
        "nul",
        " ",
        "\n",
        "\t",
        "\"ä€😀\"",
        "\u{1}",
        "\"\\ud800\"",
        "\"\\n\\\"\"",
        "[1,{\"b\":[]}]",
        "{\"a\":{}}",
        "\u{a0}",
        "é",
    ]);
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// JSON with one byte more, less or other.
fn nearly_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<f64>().prop_map(|number| serde_json::json!(number).to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<String>().prop_map(|text| serde_json::json!(text).to_string()),
    ];
    let json = leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(" , "))),
            prop::collection::vec((any::<String>(), inner), 0..4).prop_map(|members| {
                let member = |(name, value)| format!("{} :{value}", serde_json::json!(name));
                let members: Vec<String> = members.into_iter().map(member).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    });
    (
        json,
        any::<prop::sample::Index>(),
        "[\\PC\"\\\\{}\\[\\]:,0]{0,1}",
    )
        .prop_map(|(json, at, other)| {
            let at = json
                .char_indices()
                .nth(at.index(json.chars().count()))
                .map_or(0, |(at, _)| at);
            let (before, after) = json.split_at(at);
            match other.as_str() {
                "" => json,
                other => format!("{before}{other}{after}"),
            }
        })
}

proptest! {
    #[test]
    fn what_is_json_is_what_serde_json_says(text in prop_oneof![pieces(), nearly_json()]) {
        prop_assert_eq!(scanned(&text), oracle(&text));
    }
}

#[test]
fn words_and_numbers_are_those_of_the_grammar() {
    for text in [
        "true", "false", "null", "0", "-0", "10", "-10", "0.50", "1e5", "1E+05", "0e-0", "-1.5e300",
    ] {
        assert_eq!(scanned(text), Some(text));
        assert_eq!(oracle(text), Some(text));
    }
    for text in [
        "", "tru", "truex", "True", "fals", "nul", "nulll", "-", "+1", "--1", "00", "01", "-01",
        ".5", "1.", "1.e5", "1e", "1e+", "1e5.5", "0x1", "1 2", "NaN", "-true",
    ] {
        assert_eq!(scanned(text), None, "{text}");
        assert_eq!(oracle(text), None, "{text}");
    }
}

#[test]
fn members_are_handed_over_in_order_with_their_names_decoded() {
    let mut found = Vec::new();
    let mut scanner = Scanner::new(r#" { "a" : 1 , "\u0062":{"c":[ ]}} "#);
    let text = scanner.object(|name, scanner| {
        found.push((name.to_owned(), scanner.value()?.get()));
        Some(())
    });
    assert_eq!(text.unwrap().get(), r#"{ "a" : 1 , "\u0062":{"c":[ ]}}"#);
    assert_eq!(
        found,
        [("a".to_owned(), "1"), ("b".to_owned(), r#"{"c":[ ]}"#)]
    );
    assert!(scanner.end().is_some());
}

#[test]
fn an_object_without_members_hands_over_none_and_is_passed() {
    for text in ["{}", " { } ", "\n{\t}\r"] {
        let mut scanner = Scanner::new(text);
        let found = scanner.object(|_, _| None);
        assert_eq!(found.map(JsonText::get), Some(text.trim()));
        assert!(scanner.end().is_some(), "{text}");
    }
}

#[test]
fn what_is_no_object_has_no_members() {
    for text in [
        "",
        "[]",
        "1",
        "{",
        "{1:2}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{\"\\ud800\":1}",
    ] {
        let members = Scanner::new(text).members(|_, scanner| scanner.value().map(drop));
        assert!(members.is_none(), "{text}");
    }
}

#[test]
fn a_value_may_be_nested_as_deeply_as_its_text_is_long() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    let text = deep("[{\"a\":", "}]");
    assert_eq!(scanned(&text), None, "nothing stands in the middle");
    let text = deep("[", "]");
    assert_eq!(scanned(&text), Some(text.as_str()));
    assert_eq!(scanned(&deep("[", "}")), None);
}
