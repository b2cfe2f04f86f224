//! `#[tool]`: definition and call of annotated functions.

mod common;

use std::sync::Arc;

use common::{Rig, definition};
use serde_json::{Value, json};
use toolwright::handler::{Json, State, ToolError, ToolFn};
use toolwright::{data, tool};

/// Add two numbers.
///
/// The sum must fit.
#[tool]
fn add(
    /// The first addend.
    a: i64,
    /// The second addend.
    b: i64,
) -> i64 {
    a + b
}

#[tool(
    name = "files.search",
    title = "Search",
    description = "Finds files.",
    read_only,
    destructive = false,
    open_world = false,
    idempotent,
    icon("https://example.com/a.png", mime = "image/png", sizes = "48x48 96x96"),
    meta(risk = "low", "example.com/limits" = { "calls": [1, 2] })
)]
async fn search(
    #[arg(name = "q", description = "What to look for.")] query: &str,
    #[arg(default = 10)] limit: u32,
    #[arg(default = "/")] root: String,
    deep: Option<bool>,
) -> Result<String, ToolError> {
    tokio::task::yield_now().await;
    if query.is_empty() {
        return Err(ToolError::new("give me a word"));
    }
    Ok(format!("{query} {limit} {root} {deep:?}"))
}

#[data]
#[derive(Debug)]
enum Unit {
    Celsius,
    Fahrenheit,
}

#[data]
struct Weather {
    degrees: f64,
    unit: Unit,
    note: Option<String>,
}

/// The weather somewhere.
#[tool]
fn weather(unit: Unit, names: &[String]) -> Json<Weather> {
    Json(Weather {
        degrees: names.len() as f64,
        unit,
        note: None,
    })
}

struct Db(&'static str);

#[tool(blocking)]
fn stored(db: State<Db>, key: String) -> Vec<String> {
    vec![db.0.0.to_owned(), key]
}

#[tool(name = "first")]
fn first<T: serde::de::DeserializeOwned + schemars::JsonSchema + Send + ToString>(
    items: Vec<T>,
) -> Option<String> {
    items.first().map(ToString::to_string)
}

#[test]
fn the_function_stays_an_ordinary_function() {
    assert_eq!(add(2, 3), 5);
}

#[test]
fn a_definition_says_what_the_signature_and_the_comments_say() {
    assert_eq!(
        definition::<add>(),
        json!({
            "name": "add",
            "description": "Add two numbers.\n\nThe sum must fit.",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "a": {"type": "integer", "description": "The first addend."},
                    "b": {"type": "integer", "description": "The second addend."}
                },
                "required": ["a", "b"],
                "additionalProperties": false
            }
        })
    );
}

#[test]
fn every_key_of_the_annotation_reaches_the_definition() {
    assert_eq!(
        definition::<search>(),
        json!({
            "name": "files.search",
            "title": "Search",
            "description": "Finds files.",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "q": {"type": "string", "description": "What to look for."},
                    "limit": {"type": "integer", "minimum": 0, "default": 10},
                    "root": {"type": "string", "default": "/"},
                    "deep": {"type": "boolean"}
                },
                "required": ["q"],
                "additionalProperties": false
            },
            "annotations": {
                "readOnlyHint": true,
                "destructiveHint": false,
                "idempotentHint": true,
                "openWorldHint": false
            },
            "icons": [{"src": "https://example.com/a.png", "mimeType": "image/png", "sizes": ["48x48", "96x96"]}],
            "_meta": {"risk": "low", "example.com/limits": {"calls": [1, 2]}}
        })
    );
}

#[tokio::test]
async fn a_call_fills_the_parameters() {
    let rig = Rig::default();
    assert_eq!(rig.text::<add>(r#"{"a":2,"b":3}"#).await, "5");
    assert_eq!(rig.text::<search>(r#"{"q":"x"}"#).await, "x 10 / None");
    assert_eq!(
        rig.text::<search>(r#"{"deep":true,"root":"/a","limit":1,"q":"y"}"#)
            .await,
        "y 1 /a Some(true)"
    );
    assert_eq!(rig.text::<first<u8>>(r#"{"items":[7,8]}"#).await, "7");
}

#[tokio::test]
async fn a_tool_error_is_a_result_that_the_model_reads() {
    let result = Rig::default().call::<search>(r#"{"q":""}"#).await;
    assert_eq!(result.is_error, Some(true));
    assert_eq!(result.content[0].as_text(), Some("give me a word"));
}

#[tokio::test]
async fn structured_data_has_a_schema_and_a_text() {
    let result = Rig::default()
        .call::<weather>(r#"{"unit":"Celsius","names":["a","b"]}"#)
        .await;
    let value = json!({"degrees": 2.0, "unit": "Celsius", "note": null});
    assert_eq!(result.structured_content, Some(value.clone()));
    let text = result.content[0].as_text().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), value);
    assert_eq!(
        definition::<weather>()["outputSchema"],
        json!({
            "title": "Weather",
            "type": "object",
            "properties": {
                "degrees": {"type": "number"},
                "unit": {"type": "string", "enum": ["Celsius", "Fahrenheit"]},
                "note": {"type": ["string", "null"]}
            },
            "required": ["degrees", "unit", "note"]
        })
    );
}

#[tokio::test]
async fn a_blocking_tool_runs_on_the_pool_and_reads_shared_state() {
    let mut rig = Rig::default();
    rig.state.insert(Arc::new(Db("db")));
    let result = rig.call::<stored>(r#"{"key":"k"}"#).await;
    let texts: Vec<_> = result
        .content
        .iter()
        .filter_map(|block| block.as_text())
        .collect();
    assert_eq!(texts, ["db", "k"]);
    assert_eq!(
        <stored as ToolFn>::entry(&Default::default()).needs.len(),
        1
    );
}

/// Say who asks.
#[tool]
fn whoami(who: toolwright::handler::Principal) -> String {
    who.to_string()
}

#[tokio::test]
async fn the_peer_over_standard_input_is_the_local_principal() {
    assert_eq!(Rig::default().text::<whoami>("{}").await, "local");
}
