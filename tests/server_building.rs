//! What a builder refuses, and what can be added to a server that runs.

use serde_json::json;
use toolwright::client::{Client, ClientConfig};
use toolwright::prelude::*;

/// Add two numbers.
#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Wait for nothing in particular.
#[tool]
fn watch(cancelled: Cancelled) -> bool {
    cancelled.is_cancelled()
}

#[tokio::test]
async fn annotated_functions_can_be_added_to_a_server_that_runs() {
    let server = Server::new("late", "1").offer_tools().build();
    let server = server.expect("a server without tools is one");
    let client = Client::connect(&server, ClientConfig::new("test", "1"));
    let client = client.await.expect("the client connects");
    server.add_tools::<(add, watch)>().expect("both are new");

    let result = client.call("add", json!({ "a": 2, "b": 40 })).await;
    let result = result.expect("an answer");
    assert_eq!(result.content[0].as_text(), Some("42"));

    let again = server.add_tools::<add>().expect_err("it is there");
    assert!(again.to_string().contains("`add`"), "{again}");
}

#[test]
fn a_tool_whose_schema_is_not_of_an_object_is_refused() {
    for schema in [json!("nothing"), json!({ "type": "string" }), json!({})] {
        let tool = RuntimeTool::new("odd", schema.clone(), |_cx, _arguments| async {});
        let refused = Server::new("test", "1").runtime_tool(tool).build();
        let refused = refused.expect_err("SCH-A-04").to_string();
        assert!(refused.contains("`odd`"), "{schema}: {refused}");
    }
}

#[test]
fn what_is_made_of_a_context_can_be_made_in_a_unit_test() {
    assert!(!watch(Context::detached().into()));
}

#[tokio::test]
async fn a_blocking_function_reaches_the_runtime_and_its_panic_ends_only_its_request() {
    /// Says whether it runs inside a runtime.
    #[tool(blocking)]
    fn inside() -> bool {
        tokio::runtime::Handle::try_current().is_ok()
    }

    /// Panics.
    #[tool(blocking)]
    fn burst() {
        panic!("secret");
    }

    let server = Server::new("test", "1").tool::<(inside, burst)>().build();
    let server = server.expect("the server is sound");
    let client = Client::connect(&server, ClientConfig::new("test", "1"));
    let client = client.await.expect("the client connects");
    let error = client.call("burst", json!({})).await.expect_err("-32603");
    assert!(!error.to_string().contains("secret"), "{error}");
    let result = client.call("inside", json!({})).await.expect("an answer");
    assert_eq!(result.content[0].as_text(), Some("true"));
}
