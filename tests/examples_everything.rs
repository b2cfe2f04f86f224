//! The example `everything`, as a program, in both eras.

mod examples_common;

use examples_common::{Running, text};
use serde_json::{Value, json};
use toolwright::Revision;
use toolwright::client::CallError;
use toolwright::client::ServerEvent;
use toolwright::jsonrpc::ErrorCode;
use toolwright::model::CallToolResult;

const ERAS: [Revision; 2] = [Revision::V2025_11_25, Revision::V2026_07_28];

async fn start(revision: Revision) -> Running {
    Running::start("everything", &[], revision).await
}

#[tokio::test]
async fn the_first_tool_needs_no_arguments() {
    for revision in ERAS {
        let server = start(revision).await;
        let tools = server.client.tools().await.unwrap();
        assert_eq!(tools[0].name, "test_simple_text");
        let params = json!({ "name": "test_simple_text" });
        let result: CallToolResult = server.client.request("tools/call", params).await.unwrap();
        assert_eq!(text(&result), "This is a simple text response for testing.");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_schema_written_by_hand_is_listed_with_every_keyword() {
    let server = start(Revision::V2026_07_28).await;
    let tools = server.client.tools().await.unwrap();
    let tool = tools
        .iter()
        .find(|tool| tool.name == "json_schema_2020_12_tool");
    let schema = serde_json::to_value(&tool.unwrap().input_schema).unwrap();
    let keywords: Vec<_> = schema
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let written = [
        "$defs",
        "$schema",
        "additionalProperties",
        "allOf",
        "else",
        "if",
        "properties",
        "then",
        "type",
    ];
    assert_eq!(keywords, written);
    assert_eq!(schema["$defs"]["address"]["$anchor"], "addressDef");
    server.stop().await;
}

#[tokio::test]
async fn a_parameter_that_travels_as_a_header_says_so() {
    let server = start(Revision::V2026_07_28).await;
    let tools = server.client.tools().await.unwrap();
    let tool = tools.iter().find(|tool| tool.name == "test_custom_header");
    let schema = serde_json::to_value(&tool.unwrap().input_schema).unwrap();
    assert_eq!(schema["properties"]["value"]["x-mcp-header"], "Value");
    server.stop().await;
}

#[tokio::test]
async fn a_tool_refuses_a_client_without_the_capability_it_needs() {
    for revision in ERAS {
        let server = start(revision).await;
        let refused = server
            .client
            .call("test_missing_capability", json!({}))
            .await;
        let Err(CallError::Server(error)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(error.code, ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY);
        let needed = json!({ "requiredCapabilities": { "sampling": {} } });
        assert_eq!(error.data, Some(needed));
        server.stop().await;
    }
}

#[tokio::test]
async fn nested_data_goes_in_and_structured_data_comes_out() {
    let server = start(Revision::V2026_07_28).await;
    let place =
        |name: &str, latitude: f64| json!({ "name": name, "latitude": latitude, "longitude": 0.0 });
    let arguments = json!({ "from": place("A", 0.0), "to": place("B", 1.0), "by": "bicycle" });
    let result = server.client.call("plan_trip", arguments).await.unwrap();
    let trip = result.structured_content.unwrap();
    assert_eq!(
        (&trip["stops"], &trip["by"]),
        (&json!(["A", "B"]), &json!("bicycle"))
    );
    let kilometres = trip["kilometres"].as_f64().unwrap();
    assert!((111.0..112.0).contains(&kilometres), "{kilometres}");
    server.stop().await;
}

#[tokio::test]
async fn a_watcher_hears_of_a_change_and_reads_it() {
    let uri = "test://watched-resource";
    let mut server = start(Revision::V2025_11_25).await;
    let params = json!({ "uri": uri });
    let _: Value = server
        .client
        .request("resources/subscribe", params)
        .await
        .unwrap();
    server
        .client
        .call("update_watched_resource", json!({}))
        .await
        .unwrap();
    let updated = ServerEvent::ResourceUpdated(uri.to_owned());
    assert_eq!(server.events.next().await, Some(updated));
    let contents = server.client.read(uri).await.unwrap().contents;
    let contents = serde_json::to_value(&contents).unwrap();
    assert_eq!(contents[0]["text"], "Updated 1 times.");
    server.stop().await;
}

#[tokio::test]
async fn what_a_tool_announces_reaches_the_client() {
    let mut server = start(Revision::V2025_11_25).await;
    for (tool, announced) in [
        ("test_trigger_tool_change", ServerEvent::ToolsChanged),
        ("test_trigger_prompt_change", ServerEvent::PromptsChanged),
    ] {
        server.client.call(tool, json!({})).await.unwrap();
        assert_eq!(server.events.next().await, Some(announced));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_slow_call_ends_with_the_connection() {
    let server = start(Revision::V2026_07_28).await;
    let client = server.client.clone();
    let slow = tokio::spawn(async move { client.call("slow", json!({ "seconds": 60 })).await });
    server
        .client
        .call("echo", json!({ "message": "meanwhile" }))
        .await
        .unwrap();
    slow.abort();
    assert!(slow.await.unwrap_err().is_cancelled());
    server.stop().await;
}
