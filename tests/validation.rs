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
