//! Forms made from types (ELI-A-02).

use serde_json::{Value, json};
use toolwright::ask::{Form, form_schema};
use toolwright::prelude::*;

fn schema<T: Form>() -> Value {
    serde_json::to_value(form_schema::<T>().unwrap()).unwrap()
}

/// The names of the fields, in the order in which the user sees them.
fn names<T: Form>() -> Vec<String> {
    let fields = form_schema::<T>().unwrap().properties.0;
    fields.into_iter().map(|(name, _)| name).collect()
}

#[form]
struct Simple {
    /// As in the passport.
    #[schemars(length(min = 1, max = 80), title = "Full name")]
    name: String,
    age: u8,
    score: f64,
    verified: bool,
    #[schemars(extend("format" = "email"))]
    mail: Option<String>,
    big: i64,
}

#[test]
fn simple_fields_keep_their_order_bounds_and_descriptions() {
    assert_eq!(
        names::<Simple>(),
        ["name", "age", "score", "verified", "mail", "big"]
    );
    let expected = json!({
        "type": "object",
        "properties": {
            "name": {
                "type": "string", "title": "Full name", "description": "As in the passport.",
                "minLength": 1, "maxLength": 80,
            },
            "age": { "type": "integer", "minimum": 0, "maximum": 255 },
            "score": { "type": "number" },
            "verified": { "type": "boolean" },
            "mail": { "type": "string", "format": "email" },
            "big": { "type": "integer" },
        },
        "required": ["name", "age", "score", "verified", "big"],
    });
    assert_eq!(schema::<Simple>(), expected);
}

fn john() -> String {
    "John Doe".to_owned()
}
fn thirty() -> i64 {
    30
}
fn score() -> f64 {
    95.5
}
fn yes() -> bool {
    true
}
fn active() -> Status {
    Status::Active
}

#[form]
#[serde(rename_all = "lowercase")]
enum Status {
    Active,
    Inactive,
    Pending,
}

#[form]
struct Defaults {
    #[serde(default = "john")]
    name: String,
    #[serde(default = "thirty")]
    age: i64,
    #[serde(default = "score")]
    score: f64,
    #[serde(default = "active")]
    status: Status,
    #[serde(default = "yes")]
    verified: bool,
}

#[test]
fn every_primitive_has_a_default() {
    let properties = &schema::<Defaults>()["properties"];
    let default = |name: &str| properties[name]["default"].clone();
    let defaults = ["name", "age", "score", "status", "verified"].map(default);
    let expected = [
        json!("John Doe"),
        json!(30),
        json!(95.5),
        json!("active"),
        json!(true),
    ];
    assert_eq!(defaults, expected);
    assert_eq!(
        properties["status"]["enum"],
        json!(["active", "inactive", "pending"])
    );
    assert_eq!(
        schema::<Defaults>()
            .get("required")
            .cloned()
            .unwrap_or(json!([])),
        json!([])
    );
}

#[form]
enum Titled {
    /// The first
    One,
    #[schemars(title = "The second")]
    Two,
}

#[form]
#[schemars(extend("enumNames" = ["Old one", "Old two"]))]
enum Legacy {
    One,
    Two,
}

#[form]
struct Choices {
    plain: Status,
    titled: Titled,
    legacy: Legacy,
    #[schemars(length(min = 1, max = 2))]
    several: Vec<Status>,
    several_titled: Vec<Titled>,
    maybe: Option<Titled>,
}

#[test]
fn enums_have_all_five_shapes() {
    let properties = &schema::<Choices>()["properties"];
    let titles = json!([
        { "const": "One", "title": "The first" },
        { "const": "Two", "title": "The second" },
    ]);
    let plain = json!(["active", "inactive", "pending"]);
    assert_eq!(
        properties["plain"],
        json!({ "type": "string", "enum": plain })
    );
    assert_eq!(
        properties["titled"],
        json!({ "type": "string", "oneOf": titles })
    );
    let legacy =
        json!({ "type": "string", "enum": ["One", "Two"], "enumNames": ["Old one", "Old two"] });
    assert_eq!(properties["legacy"], legacy);
    let items = json!({ "type": "string", "enum": plain });
    let several = json!({ "type": "array", "items": items, "minItems": 1, "maxItems": 2 });
    assert_eq!(properties["several"], several);
    let several = json!({ "type": "array", "items": { "anyOf": titles } });
    assert_eq!(properties["several_titled"], several);
    assert_eq!(
        properties["maybe"],
        json!({ "type": "string", "oneOf": titles })
    );
}

/// A date, as RFC 3339 writes it.
#[form]
struct Date(#[schemars(extend("format" = "date"))] String);

#[form]
#[serde(rename_all = "camelCase")]
struct Renamed {
    first_day: Date,
    #[serde(rename = "z")]
    second: u8,
    #[serde(skip)]
    _ours: Vec<Vec<u8>>,
    a_third: char,
}

#[test]
fn names_are_those_of_the_wire_and_newtypes_are_fields() {
    assert_eq!(names::<Renamed>(), ["firstDay", "z", "aThird"]);
    let day = &schema::<Renamed>()["properties"]["firstDay"];
    assert_eq!(
        (&day["type"], &day["format"]),
        (&json!("string"), &json!("date"))
    );
}

#[form]
struct Odd {
    #[schemars(with = "Vec<Vec<u8>>")]
    nested: String,
}

#[test]
fn a_schema_that_no_form_carries_is_an_error_that_names_the_field() {
    let error = form_schema::<Odd>().unwrap_err();
    assert_eq!(error.field.as_deref(), Some("nested"));
    assert!(
        error
            .to_string()
            .starts_with("the field `nested` is a list"),
        "{error}"
    );
}
