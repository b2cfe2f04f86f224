use serde_json::{Value, json};

use super::super::{FieldSchema, FormSchema};

fn form() -> FormSchema {
    serde_json::from_value(json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "minLength": 2, "maxLength": 4 },
            "mail": { "type": "string", "format": "email", "default": "ada@example.org" },
            "day": { "type": "string", "format": "date" },
            "at": { "type": "string", "format": "date-time" },
            "site": { "type": "string", "format": "uri" },
            "age": { "type": "integer", "minimum": 0, "maximum": 150, "default": 30 },
            "score": { "type": "number", "default": 0.5 },
            "sure": { "type": "boolean", "default": true },
            "pet": { "type": "string", "enum": ["c", "d"], "enumNames": ["Cat", "Dog"], "default": "c" },
            "hero": { "type": "string", "oneOf": [{ "const": "s", "title": "Super" }] },
            "fish": {
                "type": "array", "minItems": 1, "maxItems": 2, "default": ["a"],
                "items": { "anyOf": [
                    { "const": "a", "title": "A" }, { "const": "b", "title": "B" }, { "const": "c", "title": "C" },
                ] },
            },
            "shape": { "type": "polygon", "default": [1] },
        },
        "required": ["name"],
    }))
    .unwrap()
}

fn check(content: Value) -> Result<(), String> {
    let content = content.as_object().unwrap();
    form().check(content).map_err(|error| error.to_string())
}

#[test]
fn every_kind_of_field_proposes_its_default() {
    let defaults = json!({
        "mail": "ada@example.org", "age": 30, "score": 0.5, "sure": true, "pet": "c",
        "fish": ["a"], "shape": [1],
    });
    assert_eq!(Value::from(form().defaults()), defaults);
}

#[test]
fn an_answer_that_fits_passes_and_what_it_leaves_out_need_not_fit() {
    let content = json!({
        "name": "Zoë", "mail": "a@b", "day": "2026-02-28", "at": "2026-02-28T12:30:00.5+01:00",
        "site": "https://example.org", "age": 30.0, "score": -1, "sure": false, "pet": "d",
        "hero": "s", "fish": ["a", "b"], "shape": {},
    });
    assert_eq!(check(content), Ok(()));
    assert_eq!(check(json!({ "name": "Ada" })), Ok(()));
}

#[test]
fn what_does_not_fit_is_said_with_the_name_of_its_field() {
    for (field, value, why) in [
        ("name", json!("A"), "must have 2 characters or more"),
        (
            "name",
            json!("Ada Lovelace"),
            "must have at most 4 characters",
        ),
        ("name", json!(1), "must be a text"),
        ("mail", json!("nobody"), "does not look like `email`"),
        ("day", json!("2026-13-01"), "does not look like `date`"),
        (
            "at",
            json!("2026-12-01 noon"),
            "does not look like `date-time`",
        ),
        ("site", json!("example.org"), "does not look like `uri`"),
        ("age", json!(-1), "must be 0 or more"),
        ("age", json!(151), "must be 150 or less"),
        ("age", json!(1.5), "must be a whole number"),
        ("score", json!("1"), "must be a number"),
        ("sure", json!("yes"), "must be `true` or `false`"),
        ("pet", json!("Cat"), "must be one of: c, d"),
        ("hero", json!("x"), "must be one of: s"),
        ("fish", json!(["a", "x"]), "must be one of: a, b, c"),
        ("fish", json!([]), "needs 1 choices or more"),
        ("fish", json!(["a", "b", "c"]), "takes at most 2 choices"),
        ("other", json!(1), "is no field of the form"),
    ] {
        let mut content = json!({ "name": "Ada" });
        content[field] = value;
        assert_eq!(check(content), Err(format!("`{field}` {why}")));
    }
    assert_eq!(check(json!({})), Err("`name` must be filled in".to_owned()));
}

/// Whether a field with `schema` takes `value`.
fn takes(schema: &Value, value: &Value) -> bool {
    let field: FieldSchema = serde_json::from_value(schema.clone()).unwrap();
    field.check(value).is_ok()
}

/// Of these values, a field with `schema` takes the first ones and no others.
#[track_caller]
fn takes_only(schema: Value, fit: &[Value], others: &[Value]) {
    for value in fit {
        assert!(takes(&schema, value), "{schema} takes {value}");
    }
    for value in others {
        assert!(!takes(&schema, value), "{schema} does not take {value}");
    }
}

/// Of these texts, a field of `format` takes the first ones and no others.
#[track_caller]
fn format_takes_only(format: &str, fit: &[&str], others: &[&str]) {
    let values = |texts: &[&str]| texts.iter().map(|text| json!(text)).collect::<Vec<_>>();
    let schema = json!({ "type": "string", "format": format });
    takes_only(schema, &values(fit), &values(others));
}

#[test]
fn bounds_belong_to_what_they_bound() {
    takes_only(
        json!({ "type": "string", "minLength": 2, "maxLength": 3 }),
        &[json!("ab"), json!("abc"), json!("äöü")],
        &[json!("a"), json!("abcd"), json!("")],
    );
    takes_only(
        json!({ "type": "number", "minimum": 0.5, "maximum": 2 }),
        &[json!(0.5), json!(1), json!(2), json!(2.0)],
        &[json!(0.4), json!(2.5), json!(-1)],
    );
    takes_only(
        json!({ "type": "array", "minItems": 1, "maxItems": 2, "items": { "enum": ["a", "b"] } }),
        &[json!(["a"]), json!(["a", "b"])],
        &[json!([]), json!(["a", "b", "a"]), json!([1]), json!("a")],
    );
}

#[test]
fn what_has_no_bounds_takes_any_value_of_its_type() {
    takes_only(json!({ "type": "string" }), &[json!("")], &[json!(null)]);
    takes_only(
        json!({ "type": "number" }),
        &[json!(-1e300), json!(u64::MAX)],
        &[json!("1")],
    );
    takes_only(
        json!({ "type": "array", "items": { "enum": ["a"] } }),
        &[json!([]), json!(["a", "a", "a"])],
        &[json!(["b"])],
    );
    takes_only(
        json!({ "type": "polygon" }),
        &[json!(null), json!([1])],
        &[],
    );
}

#[test]
fn a_whole_number_may_be_written_with_a_fraction_of_zero() {
    takes_only(
        json!({ "type": "integer" }),
        &[
            json!(3.0),
            json!(-3),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(1e300),
        ],
        &[json!(3.5), json!(-0.1), json!("3")],
    );
}

#[test]
fn a_selection_takes_values_and_not_their_titles_however_both_are_written() {
    let titled = json!([{ "const": "a", "title": "A" }, { "const": "b", "title": "B" }]);
    for schema in [
        json!({ "type": "string", "enum": ["a", "b"] }),
        json!({ "type": "string", "enum": ["a", "b"], "enumNames": ["A"] }),
        json!({ "type": "string", "oneOf": titled }),
        json!({ "type": "array", "items": { "enum": ["a", "b"] } }),
        json!({ "type": "array", "items": { "anyOf": titled } }),
    ] {
        let several = schema["type"] == "array";
        let value = |text: &str| if several { json!([text]) } else { json!(text) };
        takes_only(schema, &[value("a"), value("b")], &[value("A"), value("")]);
    }
}

#[test]
fn choices_are_shown_by_their_titles_and_else_by_themselves() {
    let field: FieldSchema =
        serde_json::from_value(json!({ "type": "string", "enum": ["a", "b"], "enumNames": ["A"] }))
            .unwrap();
    let FieldSchema::Select(field) = field else {
        panic!("a selection");
    };
    let choices = field.choices();
    let shown: Vec<_> = choices
        .iter()
        .map(|choice| (choice.value.as_str(), choice.title.as_str()))
        .collect();
    assert_eq!(shown, [("a", "A"), ("b", "b")]);
}

#[test]
fn an_address_has_a_name_and_a_host_and_no_white_space() {
    format_takes_only(
        "email",
        &["a@b", "a@b@c", "a.b+c@example.org"],
        &["", "@", "a@", "@b", "ab", "a b@c", "a@b c", "a@b\n"],
    );
}

#[test]
fn a_uri_has_a_scheme_and_no_white_space() {
    format_takes_only(
        "uri",
        &["a:", "https://example.org", "x-y.z+1:b:c"],
        &[
            "", ":", "a", ":a", "1a:b", "é:b", "a_b:c", "a/b:c", "a:b c", "a b:c",
        ],
    );
}

#[test]
fn a_date_has_a_year_a_month_and_a_day() {
    format_takes_only(
        "date",
        &["2026-01-01", "2026-12-31", "0000-10-20"],
        &[
            "",
            "2026",
            "2026-01",
            "2026-01-01-01",
            "26-01-01",
            "02026-01-01",
            "2026-1-01",
            "2026-01-1",
            "2026-00-01",
            "2026-13-01",
            "2026-01-00",
            "2026-01-32",
            "+202-01-01",
            "2026-+1-01",
            "2026-01-+1",
            "2026-01-0x",
            "2026-01-01Z",
        ],
    );
}

#[test]
fn a_time_has_hours_minutes_seconds_and_a_zone() {
    let at = |time: &&str| json!(format!("2026-01-01T{time}"));
    let fit = [
        "00:00:00Z",
        "23:59:59z",
        "23:59:60Z",
        "12:30:00.5Z",
        "12:30:00.000001+00:00",
        "12:30:00-23:59",
    ];
    let others = [
        "",
        "12:30:00",
        "12:30Z",
        "12:30:00:00Z",
        "1:30:00Z",
        "24:00:00Z",
        "12:60:00Z",
        "12:30:61Z",
        "12:30:00.Z",
        "12:30:00.5.5Z",
        "12:30:00.xZ",
        "12:30:00+1:00",
        "12:30:00+01",
        "12:30:00+01:00:00",
        "12:30:00+24:00",
        "12:30:00+00:60",
        "12:30:00+00:+1",
        "12:30:00Z+01:00",
        "12:30:00Z01:00",
        "12:30:00ZZ",
    ];
    let schema = json!({ "type": "string", "format": "date-time" });
    let fit: Vec<_> = fit.iter().map(at).collect();
    let others: Vec<_> = others.iter().map(at).collect();
    takes_only(schema, &fit, &others);
    format_takes_only(
        "date-time",
        &["2026-01-01t00:00:00Z", "2026-01-01 00:00:00Z"],
        &[
            "2026-01-01",
            "00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01x00:00:00Z",
        ],
    );
}

#[test]
fn a_format_that_is_not_known_takes_any_text() {
    format_takes_only("colour", &["", "red", "\n"], &[]);
}
