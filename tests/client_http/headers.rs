//! Headers that repeat the body (HTTP-M-10 to HTTP-M-25).

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use toolwright::client::{CallError, Client};
use toolwright::model::{CallToolResult, Tool};

use crate::wire::{Wire, modern};
use crate::{config, done};

fn listing(client: &Client) -> JoinHandle<Result<Vec<Tool>, CallError>> {
    let client = client.clone();
    tokio::spawn(async move { client.tools().await })
}

fn calling(
    client: &Client,
    name: &'static str,
    arguments: Value,
) -> JoinHandle<Result<CallToolResult, CallError>> {
    let client = client.clone();
    tokio::spawn(async move { client.call(name, arguments).await })
}

fn tool(name: &str, properties: Value) -> Value {
    json!({ "name": name, "inputSchema": { "type": "object", "properties": properties } })
}

fn mirrored(kind: &str, header: Value) -> Value {
    json!({ "type": kind, "x-mcp-header": header })
}

/// Lets the client list these tools.
async fn list(wire: &mut Wire, client: &Client, tools: Value) -> Vec<String> {
    let listing = listing(client);
    let list = wire.call("tools/list").await;
    assert_eq!(list.header("mcp-method"), Some("tools/list"));
    assert_eq!(list.header("mcp-name"), None);
    list.result(json!({ "resultType": "complete", "tools": tools }));
    let tools = listing.await.unwrap().unwrap();
    tools.into_iter().map(|tool| tool.name).collect()
}

#[tokio::test(start_paused = true)]
async fn requests_are_named_in_their_headers() {
    let (mut wire, client) = modern(config()).await;
    let call = calling(&client, "überall", json!({}));
    let exchange = wire.call("tools/call").await;
    assert_eq!(exchange.header("mcp-protocol-version"), Some("2026-07-28"));
    assert_eq!(exchange.header("mcp-method"), Some("tools/call"));
    assert_eq!(exchange.header("mcp-name"), Some("=?base64?w7xiZXJhbGw=?="));
    assert_eq!(exchange.header("mcp-session-id"), None);
    exchange.result(done());
    call.await.unwrap().unwrap();
    let read = tokio::spawn(async move { client.read("file:///a%20b").await });
    let exchange = wire.call("resources/read").await;
    assert_eq!(exchange.header("mcp-name"), Some("file:///a%20b"));
    exchange.result(json!({ "resultType": "complete", "contents": [] }));
    read.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn annotated_arguments_travel_in_headers() {
    let (mut wire, client) = modern(config()).await;
    let properties = json!({
        "region": mirrored("string", json!("Region")),
        "count": mirrored("integer", json!("Count")),
        "dry": mirrored("boolean", json!("Dry-Run")),
        "deep": { "type": "object", "properties": { "zone": mirrored("string", json!("Zone")) } },
        "plain": { "type": "string" },
    });
    list(&mut wire, &client, json!([tool("work", properties)])).await;
    for (arguments, expected) in [
        (
            json!({ "region": "eu", "count": 42, "dry": false, "deep": { "zone": "a b" }, "plain": "x" }),
            [Some("eu"), Some("42"), Some("false"), Some("a b")],
        ),
        (
            json!({ "region": null, "count": 42.0, "deep": {} }),
            [None, Some("42"), None, None],
        ),
        (
            json!({ "region": "", "deep": { "zone": " x" } }),
            [Some(""), None, None, Some("=?base64?IHg=?=")],
        ),
    ] {
        let call = calling(&client, "work", arguments);
        let exchange = wire.call("tools/call").await;
        let names = ["region", "count", "dry-run", "zone"];
        let sent = names.map(|name| exchange.header(&format!("mcp-param-{name}")));
        assert_eq!(sent, expected);
        assert_eq!(exchange.header("mcp-param-plain"), None);
        exchange.result(done());
        call.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn fault_98_a_value_that_would_break_a_header_is_encoded() {
    let (mut wire, client) = modern(config()).await;
    let properties = json!({ "a": mirrored("string", json!("A")) });
    list(&mut wire, &client, json!([tool("work", properties)])).await;
    for (value, sent) in [
        ("a\r\nX-Evil: 1", "=?base64?YQ0KWC1FdmlsOiAx?="),
        ("Zürich", "=?base64?WsO8cmljaA==?="),
        ("=?base64?eA==?=", "=?base64?PT9iYXNlNjQ/ZUE9PT89?="),
    ] {
        let call = calling(&client, "work", json!({ "a": value }));
        let exchange = wire.call("tools/call").await;
        assert_eq!(exchange.header("mcp-param-a"), Some(sent));
        assert_eq!(exchange.header("x-evil"), None);
        exchange.result(done());
        call.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn fault_98_only_the_tool_with_the_invalid_annotation_is_left_out() {
    let (mut wire, client) = modern(config()).await;
    let valid = tool(
        "valid",
        json!({ "region": mirrored("string", json!("Region")) }),
    );
    let mut tools = vec![valid, tool("plain", json!({}))];
    for (index, header) in [json!(""), json!("a b"), json!("a:b"), json!("ä"), json!(7)]
        .into_iter()
        .enumerate()
    {
        let name = format!("invalid-{index}");
        tools.push(tool(&name, json!({ "a": mirrored("string", header) })));
    }
    for kind in ["number", "object", "array", "null"] {
        let name = format!("invalid-{kind}");
        tools.push(tool(&name, json!({ "a": mirrored(kind, json!("A")) })));
    }
    let twice = json!({ "a": mirrored("string", json!("A")), "b": mirrored("string", json!("a")) });
    tools.push(tool("invalid-twice", twice));
    let items = json!({ "a": { "type": "array", "items": mirrored("string", json!("A")) } });
    tools.push(tool("invalid-place", items));
    let kept = list(&mut wire, &client, json!(tools)).await;
    assert_eq!(kept, ["valid", "plain"], "HTTP-M-22");
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_headers_are_refused_is_made_again_once_the_tools_were_listed() {
    let (mut wire, client) = modern(config()).await;
    let call = calling(&client, "work", json!({ "a": "x" }));
    let exchange = wire.call("tools/call").await;
    assert_eq!(exchange.header("mcp-param-a"), None, "no schema is known");
    exchange.error(400, -32020, Value::Null);
    let properties = json!({ "a": mirrored("string", json!("A")) });
    let tools = json!([tool("work", properties)]);
    let list = wire.call("tools/list").await;
    list.result(json!({ "resultType": "complete", "tools": tools, "ttlMs": 60_000, "cacheScope": "public" }));
    let exchange = wire.call("tools/call").await;
    assert_eq!(exchange.header("mcp-param-a"), Some("x"));
    exchange.result(done());
    call.await.unwrap().unwrap();

    let call = calling(&client, "work", json!({ "a": "x" }));
    wire.call("tools/call")
        .await
        .error(400, -32020, Value::Null);
    let list = wire.call("tools/list").await;
    list.result(json!({ "resultType": "complete", "tools": [] }));
    wire.call("tools/call")
        .await
        .error(400, -32020, Value::Null);
    let error = call.await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::Server(error) if error.code.0 == -32020));
    assert!(wire.is_idle());
}

#[tokio::test(start_paused = true)]
async fn headers_of_the_callers_own_go_along_and_replace_none_of_the_protocols() {
    let (mut wire, builder) = crate::wire::builder(config());
    let builder = builder
        .header("X-Api-Key", "secret")
        .header("Mcp-Method", "other");
    assert!(!format!("{builder:?}").contains("secret"));
    let connecting = crate::wire::dial(builder);
    let probe = wire.next().await;
    assert_eq!(probe.header("x-api-key"), Some("secret"));
    assert_eq!(probe.header("mcp-method"), Some("server/discover"));
    probe.discovered();
    connecting.await.unwrap().unwrap();

    let (_wire, builder) = crate::wire::builder(config());
    let error = crate::wire::dial(builder.header("a b", "c")).await.unwrap();
    assert!(error.unwrap_err().to_string().contains("a b"));
}
