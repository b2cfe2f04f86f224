//! Golden schemas: what hosts see of common Rust types, under every option.

mod common;

use std::collections::BTreeMap;

use common::{Rig, definition};
use serde_json::{Value, json};
use toolwright::handler::{Json, OptionalForm, SchemaOptions, Subschemas, ToolFn};
use toolwright::{data, tool};

#[data]
enum Colour {
    Red,
    Blue,
}

/// Where something is.
#[data]
struct Place {
    x: f32,
    y: Option<f32>,
    #[serde(default)]
    label: String,
    colour: Option<Colour>,
}

#[tool]
fn every(
    place: Place,
    colour: Option<Colour>,
    bytes: Vec<u8>,
    pair: (i64, bool),
    counts: BTreeMap<String, u64>,
    letter: char,
    anything: Value,
) -> Json<Value> {
    let _ = (
        place.x,
        place.y,
        place.label,
        place.colour,
        colour,
        bytes,
        pair,
        counts,
        letter,
    );
    Json(anything)
}

fn property(options: &SchemaOptions, name: &str) -> Value {
    let schema = every::entry(options).definition.input_schema.0;
    schema["properties"][name].clone()
}

#[test]
fn common_types_are_described_without_what_hosts_stumble_over() {
    let options = SchemaOptions::default();
    assert_eq!(
        property(&options, "place"),
        json!({
            "type": "object",
            "description": "Where something is.",
            "properties": {
                "x": {"type": "number"},
                "y": {"type": "number"},
                "label": {"type": "string", "default": ""},
                "colour": {"type": "string", "enum": ["Red", "Blue"]}
            },
            "required": ["x"]
        })
    );
    assert_eq!(
        property(&options, "colour"),
        json!({"type": "string", "enum": ["Red", "Blue"]})
    );
    assert_eq!(
        property(&options, "bytes"),
        json!({"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 255}})
    );
    assert_eq!(
        property(&options, "pair"),
        json!({
            "type": "array",
            "prefixItems": [{"type": "integer"}, {"type": "boolean"}],
            "minItems": 2,
            "maxItems": 2
        })
    );
    assert_eq!(
        property(&options, "counts"),
        json!({"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}})
    );
    assert_eq!(
        property(&options, "letter"),
        json!({"type": "string", "minLength": 1, "maxLength": 1})
    );
    assert_eq!(property(&options, "anything"), json!({}));
    // A schema of anything would say nothing.
    assert_eq!(definition::<every>().get("outputSchema"), None);
}

#[test]
fn what_may_be_left_out_can_be_nullable_instead() {
    let options = SchemaOptions {
        optional: OptionalForm::Nullable,
        ..SchemaOptions::default()
    };
    let place = property(&options, "place");
    assert_eq!(
        place["properties"]["y"],
        json!({"type": ["number", "null"]})
    );
    let schema = every::entry(&options).definition.input_schema.0;
    assert!(
        !schema["required"]
            .as_array()
            .unwrap()
            .contains(&json!("colour"))
    );
}

#[tokio::test]
async fn nested_types_can_be_referred_to_instead_and_are_still_coerced() {
    let options = SchemaOptions {
        inline: Subschemas::Referenced,
        ..SchemaOptions::default()
    };
    assert_eq!(
        property(&options, "place"),
        json!({"$ref": "#/$defs/Place"})
    );
    let schema = every::entry(&options).definition.input_schema.0;
    assert_eq!(
        schema["$defs"]["Place"]["properties"]["y"],
        json!({"type": "number"})
    );

    let arguments = r#"{"place":{"x":"1.5"},"bytes":[],"pair":["1","yes"],"counts":{"a":"2"},"letter":"c","anything":1}"#;
    let result = Rig::default().call::<every>(arguments).await;
    assert_eq!(
        result.content[0].as_text(),
        Some(
            "The arguments of tool `every` do not fit:\n\
             - `pair[1]`: expected a boolean, got \"yes\""
        )
    );
}

#[tokio::test]
async fn the_positions_of_a_tuple_are_coerced() {
    let arguments =
        r#"{"place":{"x":1},"bytes":[],"pair":["1","true"],"counts":{},"letter":"c","anything":1}"#;
    let result = Rig::default().call::<every>(arguments).await;
    assert_eq!(result.structured_content, Some(json!(1)));
}
