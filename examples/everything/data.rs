//! Tools whose arguments and results have a form.

use serde_json::{Value, json};
use toolwright::prelude::*;

/// Returns what it was given.
#[tool(read_only)]
pub(crate) fn echo(
    /// What to return.
    message: String,
) -> String {
    message
}

/// A place on the map.
#[data]
pub(crate) struct Place {
    name: String,
    /// Degrees, north is positive.
    latitude: f64,
    /// Degrees, east is positive.
    longitude: f64,
}

/// How to travel.
#[data]
#[serde(rename_all = "snake_case")]
#[derive(Clone, Copy)]
pub(crate) enum Vehicle {
    Bicycle,
    Train,
}

/// A way that was planned.
#[data]
pub(crate) struct Trip {
    stops: Vec<String>,
    by: Vehicle,
    kilometres: f64,
    hours: f64,
}

/// Plans a trip as the crow flies.
#[tool(read_only, title = "Plan a trip")]
pub(crate) fn plan_trip(
    /// Where it starts.
    from: Place,
    /// Where to stop on the way, in order.
    #[arg(default)]
    via: Vec<Place>,
    /// Where it ends.
    to: Place,
    /// The train, unless said otherwise.
    #[arg(default = Vehicle::Train)]
    by: Vehicle,
) -> Json<Trip> {
    let places: Vec<Place> = std::iter::once(from).chain(via).chain([to]).collect();
    let legs = places.iter().zip(places.iter().skip(1));
    let kilometres = legs.map(|(a, b)| distance(a, b)).sum();
    let speed = match by {
        Vehicle::Bicycle => 15.0,
        Vehicle::Train => 120.0,
    };
    Json(Trip {
        stops: places.into_iter().map(|place| place.name).collect(),
        by,
        kilometres,
        hours: kilometres / speed,
    })
}

/// The length of the great circle between two places, in kilometres.
fn distance(a: &Place, b: &Place) -> f64 {
    const EARTH_RADIUS: f64 = 6371.0;
    let half_chord = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let across = a.latitude.to_radians().cos() * b.latitude.to_radians().cos();
    let h = half_chord(a.latitude, b.latitude) + across * half_chord(a.longitude, b.longitude);
    2.0 * EARTH_RADIUS * h.sqrt().min(1.0).asin()
}

/// Returns a value that HTTP clients also send as the header `Mcp-Param-Value`.
#[tool(read_only)]
pub(crate) fn test_custom_header(
    /// What to return.
    #[arg(header = "Value")]
    value: String,
) -> String {
    value
}

/// A tool whose schema was written by hand: clients must see it word for word, with every keyword
/// of JSON Schema 2020-12.
pub(crate) fn json_schema_2020_12_tool() -> RuntimeTool {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": {
                    "street": { "type": "string" },
                    "city": { "type": "string" }
                }
            }
        },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" }
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": {
            "properties": { "contactMethod": { "const": "phone" } },
            "required": ["contactMethod"]
        },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false
    });
    RuntimeTool::new(
        "json_schema_2020_12_tool",
        schema,
        |_, arguments| async move { format!("Called with {}", Value::from(arguments)) },
    )
    .description("Returns its arguments; its schema uses what JSON Schema 2020-12 has.")
}
