//! What is done in each scenario.

use serde::Deserialize;
use serde_json::{Value, json};
use toolwright::client::Client;
use toolwright::model::{CallToolResult, Tool};

use crate::{Error, Task, auth};

/// Does what the task's scenario wants.
pub(crate) async fn run(task: &Task) -> Result<(), Error> {
    match task.scenario.as_str() {
        "initialize" | "request-metadata" | "json-schema-ref-no-deref" => list(task).await,
        "tools_call" => add(task).await,
        "elicitation-sep1034-client-defaults" => defaults(task).await,
        "sse-retry" => reconnect(task).await,
        "sep-2322-client-request-state" => request_state(task).await,
        "http-standard-headers" => standard_headers(task).await,
        "http-custom-headers" => custom_headers(task).await,
        "http-invalid-tool-headers" => invalid_tool_headers(task).await,
        "json-schema-2020-12-preservation" => preserved_schema(task).await,
        name if name.starts_with("auth/") => auth::run(task).await,
        other => Err(format!("there is nothing to do for {other}").into()),
    }
}

async fn list(task: &Task) -> Result<(), Error> {
    task.connect().await?.tools().await?;
    Ok(())
}

async fn add(task: &Task) -> Result<(), Error> {
    let client = task.connect().await?;
    client.tools().await?;
    called(&client, "add_numbers", json!({ "a": 5, "b": 3 })).await
}

async fn defaults(task: &Task) -> Result<(), Error> {
    let client = task.connect().await?;
    called(&client, "test_client_elicitation_defaults", json!({})).await
}

/// The server ends the stream of the call, and the answer comes on another one.
async fn reconnect(task: &Task) -> Result<(), Error> {
    called(&task.connect().await?, "test_reconnection", json!({})).await
}

/// The state of one call goes with that call and with no other, even when both are under way.
async fn request_state(task: &Task) -> Result<(), Error> {
    let client = task.connect().await?;
    client.tools().await?;
    let (asking, unrelated) = tokio::join!(
        called(&client, "test_mrtr_echo_state", json!({})),
        called(&client, "test_mrtr_unrelated", json!({})),
    );
    asking.and(unrelated)?;
    called(&client, "test_mrtr_no_state", json!({})).await?;
    called(&client, "test_mrtr_no_result_type", json!({})).await
}

/// Every method that names something in a header, with names of every kind.
async fn standard_headers(task: &Task) -> Result<(), Error> {
    let client = task.connect().await?;
    for tool in client.tools().await? {
        called(&client, &tool.name, json!({})).await?;
    }
    for resource in client.resources().await? {
        client.read(&resource.uri).await?;
    }
    for prompt in client.prompts().await? {
        client.prompt(&prompt.name, json!({})).await?;
    }
    Ok(())
}

/// The calls that the suite names, as it names them.
async fn custom_headers(task: &Task) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Call {
        name: String,
        arguments: Value,
    }

    let calls: Vec<Call> = serde_json::from_value(task.context["toolCalls"].clone())?;
    let client = task.connect().await?;
    client.tools().await?;
    for Call { name, arguments } in calls {
        called(&client, &name, arguments).await?;
    }
    Ok(())
}

/// Every tool that is left once those with impossible headers are gone.
async fn invalid_tool_headers(task: &Task) -> Result<(), Error> {
    let client = task.connect().await?;
    for tool in client.tools().await? {
        called(&client, &tool.name, arguments_for(&tool)).await?;
    }
    Ok(())
}

/// Shows the schema as it was received.
async fn preserved_schema(task: &Task) -> Result<(), Error> {
    let client = task.connect().await?;
    let tools = client.tools().await?;
    let tool = tools
        .iter()
        .find(|tool| tool.name == "json_schema_2020_12_tool");
    let schema = &tool.ok_or("the tool is missing")?.input_schema;
    called(&client, "json_schema_echo", json!({ "schema": schema })).await
}

/// Calls a tool, which must not fail.
pub(crate) async fn called(client: &Client, tool: &str, arguments: Value) -> Result<(), Error> {
    let result: CallToolResult = client.call(tool, arguments).await?;
    match result.is_error {
        Some(true) => Err(format!("`{tool}` failed: {:?}", result.content).into()),
        _ => Ok(()),
    }
}

/// Something for every argument of a tool.
fn arguments_for(tool: &Tool) -> Value {
    let properties = tool.input_schema.0.get("properties");
    let properties = properties.and_then(Value::as_object).into_iter().flatten();
    let argument = |(name, schema): (&String, &Value)| {
        let value = match schema["type"].as_str() {
            Some("integer" | "number") => json!(1),
            Some("boolean") => json!(true),
            _ => json!("x"),
        };
        (name.clone(), value)
    };
    properties.map(argument).collect()
}
