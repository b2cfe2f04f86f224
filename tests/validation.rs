//! Every keyword of an input schema is enforced (feature `validation`).

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use toolwright::client::{Client, ClientConfig};
use toolwright::handler::UnknownArguments;
use toolwright::prelude::*;

/// A user's name.
#[derive(Deserialize, JsonSchema)]
struct Name(#[schemars(length(min = 3), regex(pattern = "^[a-z]+$"))] String);

/// Greet a user.
#[tool]
fn greet(name: Name, times: Option<u8>) -> String {
    format!("Hello, {}!", name.0).repeat(times.unwrap_or(1).into())
}

fn pick() -> RuntimeTool {
    let schema = json!({
        "type": "object",
        "properties": { "n": { "type": "integer", "minimum": 1, "maximum": 6 } },
        "required": ["n"],
    });
    RuntimeTool::new("pick", schema, |_cx, arguments| async move {
        arguments.get("n").map(Value::to_string).unwrap_or_default()
    })
}

async fn call(server: Server, name: &str, arguments: Value) -> (bool, String) {
    let server = server.build().expect("the server is sound");
    let client = Client::connect(&server, ClientConfig::new("test", "1"))
        .await
        .expect("the client connects");
    let result = client.call(name, arguments).await.expect("an answer");
    let text = result.content[0].as_text().unwrap_or_default().to_owned();
    (result.is_error == Some(true), text)
}

fn server() -> Server {
    Server::new("test", "1")
        .tool::<greet>()
        .runtime_tool(pick())
}

#[tokio::test]
async fn a_keyword_that_no_type_knows_is_enforced() {
    let (failed, text) = call(server(), "greet", json!({ "name": "Al" })).await;
    assert!(failed, "{text}");
    assert!(text.contains("`name`") && text.contains("3"), "{text}");
}

#[tokio::test]
async fn what_the_schema_allows_reaches_the_function() {
    let (failed, text) = call(server(), "greet", json!({ "name": "ada", "times": "2" })).await;
    assert!(!failed, "{text}");
    assert_eq!(text, "Hello, ada!Hello, ada!");
}

#[tokio::test]
async fn what_the_types_refuse_is_explained_by_the_types() {
    let (failed, text) = call(server(), "greet", json!({ "nam": "ada" })).await;
    assert!(failed);
    assert!(text.contains("did you mean `name`?"), "{text}");
}

#[tokio::test]
async fn a_runtime_tool_sees_only_what_its_schema_allows() {
    for refused in [json!({ "n": 7 }), json!({ "n": "x" }), json!({})] {
        let (failed, text) = call(server(), "pick", refused.clone()).await;
        assert!(failed, "{refused}: {text}");
    }
    let (failed, text) = call(server(), "pick", json!({ "n": "3" })).await;
    assert_eq!((failed, text.as_str()), (false, "3"));
}

#[tokio::test]
async fn ignored_arguments_are_not_refused_by_the_schema() {
    let server = server().unknown_arguments(UnknownArguments::Ignore);
    let (failed, text) = call(server, "greet", json!({ "name": "ada", "dummy": 1 })).await;
    assert!(!failed, "{text}");
}

#[test]
fn a_schema_that_refers_outside_itself_is_refused_at_start_and_never_fetched() {
    let schema = json!({ "type": "object", "$ref": "https://example.com/schema.json" });
    let tool = RuntimeTool::new("remote", schema, |_cx, _arguments| async {});
    let error = Server::new("test", "1").runtime_tool(tool).build();
    let error = error.expect_err("the schema is out of reach").to_string();
    assert!(error.contains("`remote`"), "{error}");
}

fn of_dialect(dialect: &str) -> RuntimeTool {
    let schema = json!({
        "$schema": dialect,
        "type": "object",
        "properties": { "pair": { "items": [{ "type": "string" }, { "type": "integer" }] } },
    });
    RuntimeTool::new("pair", schema, |_cx, _arguments| async { "fits" })
}

#[tokio::test]
async fn a_schema_is_enforced_in_the_dialect_that_it_names() {
    // In 2020-12 `items` is one schema and no array: this would be no schema at all (SCH-A-01).
    let dialect = "http://json-schema.org/draft-07/schema#";
    for (second, fits) in [(json!(2), true), (json!("two"), false)] {
        let server = Server::new("test", "1").runtime_tool(of_dialect(dialect));
        let (failed, text) = call(server, "pair", json!({ "pair": ["one", second] })).await;
        assert_eq!(!failed, fits, "{text}");
    }
}

#[test]
fn a_schema_of_a_dialect_that_nobody_knows_is_refused_at_start() {
    let server = Server::new("test", "1").runtime_tool(of_dialect("https://example.com/dialect"));
    let error = server.build().expect_err("SCH-A-01").to_string();
    assert!(error.contains("https://example.com/dialect"), "{error}");
}

/// A term, as a program that takes formulas would have it.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Term {
    Number { value: f64 },
    Minus { of: Box<Term> },
    Root { of: Box<Term> },
    Sum { of: Box<Term>, and: Box<Term> },
}

impl Term {
    fn value(&self) -> f64 {
        match self {
            Self::Number { value } => *value,
            Self::Minus { of } => -of.value(),
            Self::Root { of } => of.value().sqrt(),
            Self::Sum { of, and } => of.value() + and.value(),
        }
    }
}

/// Compute a term.
#[tool]
fn compute(term: Term) -> String {
    term.value().to_string()
}

/// A number under so many signs.
fn term(signs: usize, value: Value) -> Value {
    let number = json!({ "kind": "number", "value": value });
    (0..signs).fold(number, |of, _| json!({ "kind": "minus", "of": of }))
}

/// Whoever looks for what is wrong asks each kind of term about each level, for each kind on the level
/// above: forty levels would take longer than anybody waits.
#[tokio::test]
async fn fault_97_a_mistake_deep_inside_of_arguments_is_refused_in_time() {
    let server = || Server::new("test", "1").tool::<compute>();
    let passed = call(server(), "compute", json!({ "term": term(40, json!(2.5)) })).await;
    assert_eq!(passed, (false, "2.5".to_owned()));
    let (failed, text) = call(server(), "compute", json!({ "term": term(2, json!("x")) })).await;
    assert!(failed && text.contains("`term"), "{text}");
    let (failed, text) = call(server(), "compute", json!({ "term": term(40, json!("x")) })).await;
    assert!(failed, "{text}");
    assert!(text.contains("do not fit its schema"), "{text}");
}

#[tokio::test]
async fn fault_97_arguments_that_are_too_much_for_their_schema_are_refused() {
    let again = json!({ "$ref": "#/$defs/a0" });
    let mut definitions: serde_json::Map<_, _> = (0..30)
        .map(|at| {
            let next = json!({ "$ref": format!("#/$defs/a{}", at + 1) });
            (format!("a{at}"), json!({ "allOf": [next] }))
        })
        .collect();
    definitions.insert("a30".to_owned(), json!({ "items": again }));
    let schema = json!({ "type": "object", "properties": { "x": again }, "$defs": definitions });
    let tool = RuntimeTool::new("deep", schema, |_cx, _arguments| async { "done" });
    let arguments = (0..100).fold(json!([]), |inner, _| json!([inner]));
    let server = Server::new("test", "1").runtime_tool(tool);
    let (failed, text) = call(server, "deep", json!({ "x": arguments })).await;
    assert!(failed);
    let expected =
        "The arguments of tool `deep` are nested too deeply to be held against its schema.";
    assert_eq!(text, expected);
}

#[test]
fn fault_96_a_tool_whose_schema_would_cost_too_much_is_refused_at_start() {
    let pattern = json!({ "type": "string", "pattern": r"\w".repeat(4000) });
    let choices: Vec<_> = (0..20_000).collect();
    for (property, why) in [
        (pattern, "its patterns are too long"),
        (json!({ "enum": choices }), "more than 10000 values"),
    ] {
        let schema = json!({ "type": "object", "properties": { "x": property } });
        let tool = RuntimeTool::new("slow", schema, |_cx, _arguments| async { "done" });
        let refused = Server::new("test", "1").runtime_tool(tool).build();
        let why_not = refused.expect_err("it is anybody's").to_string();
        assert!(
            why_not.contains("slow") && why_not.contains(why),
            "{why_not}"
        );
    }
}

#[test]
fn fault_97_a_tool_whose_schema_leads_back_to_itself_by_a_name_is_refused_at_start() {
    // Every way through it was tried for the same data: a kilobyte of this took two seconds.
    let again = json!({ "$ref": "#n" });
    let schema = json!({
        "type": "object",
        "$dynamicAnchor": "n",
        "allOf": [again, { "$dynamicAnchor": "n", "allOf": [again, { "$ref": "#" }] }],
        "unevaluatedProperties": false,
    });
    let tool = RuntimeTool::new("endless", schema, |_cx, _arguments| async { "done" });
    let refused = Server::new("test", "1").runtime_tool(tool).build();
    let why = refused.expect_err("it is anybody's").to_string();
    assert!(why.contains("`endless`"), "{why}");
}
