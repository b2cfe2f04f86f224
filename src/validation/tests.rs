use serde_json::{Map, Value, json};

use super::bounded::TooMuch;
use super::{Bounded, Origin};

fn compile(schema: &Value) -> Result<Bounded, String> {
    Bounded::compile(schema, Origin::Elsewhere)
}

fn is_enforced(schema: &Value) -> bool {
    compile(schema).is_ok()
}

fn is_valid(schema: &Bounded, data: &Value) -> bool {
    let measured = schema.measure(data).expect("it is not too much");
    measured.is_valid(data)
}

fn pattern(pattern: &str) -> Value {
    json!({ "pattern": pattern })
}

/// Definitions each of which refers to the next in this way, and the last to this.
fn chain(length: usize, link: impl Fn(Value) -> Value, last: Value) -> Value {
    let definition = |at: usize| {
        let next = json!({ "$ref": format!("#/$defs/a{}", at + 1) });
        (format!("a{at}"), link(next))
    };
    let mut definitions: Map<_, _> = (0..length).map(definition).collect();
    definitions.insert(format!("a{length}"), last);
    json!({ "$ref": "#/$defs/a0", "$defs": definitions })
}

/// An array in an array in an array.
fn nested(levels: usize) -> Value {
    (0..levels).fold(json!([]), |inner, _| json!([inner]))
}

/// An object in an object in an object.
fn objects(levels: usize) -> Value {
    (0..levels).fold(json!({}), |inner, _| json!({ "x": inner }))
}

#[test]
fn fault_97_a_schema_that_expands_to_very_much_is_not_enforced() {
    for keyword in ["anyOf", "allOf", "oneOf"] {
        let doubling = chain(40, |next| json!({ keyword: [next, next] }), json!({}));
        assert!(!is_enforced(&doubling), "{keyword}");
    }
    let many: Vec<_> = (0..20_000).map(|n| json!({ "const": n })).collect();
    assert!(!is_enforced(&json!({ "anyOf": many })));
    assert!(is_enforced(&json!({ "anyOf": many[..1000] })));
    let unused = json!({ "$defs": { "many": { "anyOf": many } } });
    assert!(!is_enforced(&unused), "it is compiled all the same");
}

#[test]
fn fault_97_a_schema_that_refers_to_itself_has_an_end() {
    let same = compile(&json!({ "$ref": "#" })).expect("a schema");
    assert!(is_valid(&same, &json!(1)));
    let again = json!({ "$ref": "#" });
    let tree = json!({ "type": "object", "properties": { "left": again, "right": again } });
    let tree = compile(&tree).expect("a schema");
    assert!(is_valid(&tree, &json!({ "left": { "right": {} } })));
    assert!(!is_valid(&tree, &json!({ "left": { "right": 1 } })));
}

/// Each level of the data would double the work for whoever does not remember verdicts, and a ring of
/// references is remembered in one place only.
#[test]
fn fault_97_a_value_that_is_met_in_two_ways_is_checked_in_linear_time() {
    let again = json!({ "$ref": "#" });
    for schema in [
        json!({ "properties": { "x": again }, "patternProperties": { "x": again } }),
        json!({ "properties": { "x": { "anyOf": [again, again] } } }),
        json!({ "additionalProperties": again, "allOf": [{ "additionalProperties": again }] }),
    ] {
        let schema = compile(&schema).expect("a schema");
        assert!(is_valid(&schema, &objects(100)));
    }
    let twice =
        |next: Value| json!({ "properties": { "x": next }, "patternProperties": { "x": next } });
    assert!(!is_enforced(&chain(
        30,
        twice,
        json!({ "items": { "$ref": "#/$defs/a0" } })
    )));
    assert!(!is_enforced(&chain(30, twice, json!({}))));
}

#[test]
fn fault_97_what_is_wrong_is_said_unless_that_takes_too_long_to_find_out() {
    let again = json!({ "$ref": "#" });
    let tagged = |tag: &str| json!({ "required": ["tag"], "properties": { "tag": { "const": tag }, "of": again } });
    let expression = json!({ "oneOf": [tagged("negated"), tagged("not"), { "type": "integer" }] });
    let data = |levels| (0..levels).fold(json!(0.5), |of, _| json!({ "tag": "not", "of": of }));
    for origin in [Origin::Program, Origin::Elsewhere] {
        let schema = Bounded::compile(&expression, origin).expect("a schema");
        for (levels, said) in [(1, true), (100, false)] {
            let data = data(levels);
            let measured = schema.measure(&data).expect("it is not too much");
            assert!(!measured.is_valid(&data));
            assert_eq!(
                measured.mistakes(&data).is_some(),
                said,
                "{origin:?} {levels}"
            );
        }
    }
    let list = json!({ "required": ["next"], "properties": { "next": { "$ref": "#" } } });
    let list = compile(&list).expect("a schema");
    let data = (0..100).fold(json!({}), |next, _| json!({ "next": next }));
    let measured = list.measure(&data).expect("it is not too much");
    let mut mistakes = measured.mistakes(&data).expect("there is one way only");
    assert!(mistakes.next().is_some());
}

#[test]
fn fault_97_references_never_exhaust_the_stack() {
    let deep = chain(
        30,
        |next| json!({ "allOf": [next] }),
        json!({ "items": { "$ref": "#/$defs/a0" } }),
    );
    for origin in [Origin::Program, Origin::Elsewhere] {
        let schema = Bounded::compile(&deep, origin).expect("a schema");
        assert_eq!(schema.measure(&nested(126)).err(), Some(TooMuch::Deep));
        assert!(is_valid(&schema, &nested(5)));
    }
    let tree = json!({ "anyOf": [{ "type": "null" }, { "items": { "$ref": "#" } }] });
    let tree = compile(&tree).expect("a schema");
    assert!(is_valid(&tree, &nested(126)), "as deep as JSON may be");
    assert!(is_enforced(&chain(
        50,
        |next| json!({ "allOf": [next] }),
        json!({})
    )));
    assert!(!is_enforced(&chain(1000, |next| next, json!({}))));
}

#[test]
fn fault_97_a_reference_that_may_mean_something_else_is_not_followed() {
    let doubled = chain(30, |next| json!({ "allOf": [next, next] }), json!({}));
    let mut harmless: Map<_, _> = (0..=30).map(|n| (format!("a{n}"), json!({}))).collect();
    let mut document = doubled.clone();
    document["$id"] = json!("https://example.com/another");
    let within = json!({ "$defs": harmless, "items": document });
    assert!(!is_enforced(&within), "its references are its own");
    harmless.insert("b%61".to_owned(), json!({}));
    harmless.insert("ba".to_owned(), doubled);
    let escaped = json!({ "$defs": harmless, "$ref": "#/$defs/b%61" });
    assert!(!is_enforced(&escaped));
    assert!(!is_enforced(&json!({ "$dynamicRef": "#node" })));
    let named = json!({ "patternProperties": { "$defs": chain(30, |next| json!({ "allOf": [next, next] }), json!({})) } });
    assert!(!is_enforced(&named), "a name is no keyword");
}

#[test]
fn fault_97_a_schema_of_an_older_dialect_is_as_bounded() {
    let again = json!({ "$recursiveRef": "#" });
    let doubled = json!({
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "properties": { "x": { "anyOf": [again, again] } },
    });
    assert!(!is_enforced(&doubled));
    let mut depends = chain(
        30,
        |next| json!({ "dependencies": { "a": next, "b": next } }),
        json!({}),
    );
    depends["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    assert!(!is_enforced(&depends));
}

#[test]
fn fault_97_a_schema_elsewhere_is_not_fetched() {
    for elsewhere in ["https://example.com/schema.json", "file:///etc/passwd"] {
        assert!(!is_enforced(&json!({ "$ref": elsewhere })));
        let own = Bounded::compile(&json!({ "$ref": elsewhere }), Origin::Program);
        assert!(own.is_err(), "SCH-M-02");
    }
}

#[test]
fn fault_97_much_data_is_not_held_against_a_large_schema() {
    let choices: Vec<usize> = (0..4000).collect();
    let schema = compile(&json!({ "items": { "enum": choices } })).expect("a schema");
    let data = |length| Value::from(vec![1; length]);
    assert!(is_valid(&schema, &data(100)));
    assert_eq!(schema.measure(&data(1000)).err(), Some(TooMuch::Large));
    let small = compile(&json!({ "items": { "type": "integer" } })).expect("a schema");
    assert!(is_valid(&small, &data(100_000)));
    let own = Bounded::compile(&json!({ "items": { "enum": choices } }), Origin::Program);
    assert!(
        is_valid(&own.expect("a schema"), &data(1000)),
        "the program wrote it"
    );
}

#[test]
fn fault_96_a_pattern_that_compiles_to_very_much_is_not_enforced() {
    for large in [
        r"\p{L}{1000}".to_owned(),
        "((a{1,100}){1,100}){1,100}".to_owned(),
        format!("(?i){}", r"\pL".repeat(1000)),
        "a|".repeat(10_000),
        r"\w".repeat(4000),
        r"\s".repeat(100),
    ] {
        assert!(!is_enforced(&pattern(&large)), "{large:.20}");
    }
    let many: Vec<Value> = (0..400).map(|n| pattern(&format!("a{{100}}{n}"))).collect();
    assert!(!is_enforced(&json!({ "allOf": many })));
}

#[test]
fn the_patterns_that_people_write_are_enforced() {
    for (written, fits) in [
        (
            r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$",
            "2026-07-28T00:00:00Z",
        ),
        (
            r"^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$",
            "ann@example.com",
        ),
        (
            r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
            "01234567-89ab-cdef-0123-456789abcdef",
        ),
        (r"^\w{1,255}$", "word"),
        (r"(?i)^(yes|no)$", "YES"),
        (r"^\p{L}+$", "Zürich"),
    ] {
        let schema = compile(&pattern(written)).expect(written);
        assert!(is_valid(&schema, &json!(fits)), "{written}");
        assert!(!is_valid(&schema, &json!("!")), "{written}");
    }
    let twenty: Vec<Value> = (0..20)
        .map(|n| pattern(&format!(r"^\w+-{n}$|^x$")))
        .collect();
    let schema = compile(&json!({ "allOf": twenty })).expect("twenty patterns");
    assert!(is_valid(&schema, &json!("x")));
}

#[test]
fn fault_96_a_text_that_is_slow_to_match_is_not_matched() {
    // Every `a` may be the one that counts, so that each byte is looked at a thousand times.
    let schema = compile(&pattern("[ab]*a[ab]{1000}c")).expect("a pattern");
    let long = json!("ab".repeat(10_000));
    assert_eq!(schema.measure(&long).err(), Some(TooMuch::Large));
    let split: Value = (0..10_000).map(|_| "ab").collect();
    assert_eq!(
        schema.measure(&split).err(),
        Some(TooMuch::Large),
        "in pieces or not"
    );
    assert!(!is_valid(&schema, &json!("ab")));
    let without = compile(&json!({ "type": "string" })).expect("a schema");
    assert!(is_valid(&without, &json!("ab".repeat(1 << 20))));
}

#[test]
fn fault_96_a_pattern_that_is_made_to_be_slow_takes_linear_time() {
    let schema = compile(&pattern("^(a+)+$")).expect("it is a pattern");
    // By going back and forth this would take for ever.
    assert!(!is_valid(&schema, &json!("a".repeat(20_000) + "b")));
}

#[test]
fn a_schema_is_enforced_in_the_dialect_that_it_names_if_that_is_known() {
    let pair = |dialect: &str| {
        let schema = json!({
            "$schema": dialect,
            "items": [{ "type": "string" }, { "type": "integer" }],
        });
        let schema = compile(&schema).ok()?;
        Some(is_valid(&schema, &json!(["a", "b"])))
    };
    let draft_7 = "http://json-schema.org/draft-07/schema#";
    assert_eq!(pair(draft_7), Some(false), "SCH-A-01");
    assert_eq!(pair("https://example.com/dialect"), None);
    assert_eq!(pair(""), None);
}

#[test]
fn formats_and_contents_only_describe_in_every_dialect() {
    let draft_7 = "http://json-schema.org/draft-07/schema#";
    for keyword in [
        json!({ "format": "date" }),
        json!({ "contentMediaType": "application/json" }),
        json!({ "contentEncoding": "base64" }),
    ] {
        let mut schema = keyword;
        schema["$schema"] = json!(draft_7);
        let schema = compile(&schema).expect("a schema");
        assert!(is_valid(&schema, &json!("!")));
    }
}
