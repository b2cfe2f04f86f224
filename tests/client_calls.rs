//! What a client makes of answers: structured content, wrapped values, text, output schemas, and
//! typed clients.
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

mod client_support;

use client_support::{Script, config};
use serde_json::{Value, json};
use toolwright::client::{CallError, Client};
use toolwright::prelude::*;

/// What `call_as` makes of a result.
async fn read<T: serde::de::DeserializeOwned + Send + 'static>(
    result: Value,
) -> Result<T, CallError> {
    let (mut script, client) = Script::modern(config()).await;
    let calling = tokio::spawn(async move { client.call_as::<T>("work", json!({})).await });
    script.serve("tools/call", result).await;
    calling.await.unwrap()
}

fn text(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

#[tokio::test]
async fn a_connection_ends_with_its_client_and_the_last_request_whichever_goes_first() {
    for client_first in [true, false] {
        let (mut script, client) = Script::modern(config()).await;
        let asking = {
            let client = client.clone();
            tokio::spawn(async move { client.subscribe("memo://today").await })
        };
        let listen = script.next().await;
        let meta = json!({ "io.modelcontextprotocol/subscriptionId": listen["id"] });
        let agreed = json!({ "_meta": meta, "notifications": {} });
        script
            .notify("notifications/subscriptions/acknowledged", agreed)
            .await;
        let subscription = asking.await.unwrap().unwrap();
        if client_first {
            drop(client);
            // Its loop has seen that nobody can send any more.
            tokio::task::yield_now().await;
            drop(subscription);
        } else {
            drop(subscription);
            drop(client);
        }
        let cancelled = script.next().await;
        assert_eq!(cancelled["method"], "notifications/cancelled");
        assert!(script.hung_up().await);
    }
}

#[tokio::test]
async fn structured_content_comes_before_text_and_wrapped_values_are_unwrapped() {
    let mut both = text("7");
    both["structuredContent"] = json!({ "result": 8 });
    assert_eq!(read::<i64>(both.clone()).await, Ok(8));
    assert_eq!(read::<Value>(both).await, Ok(json!({ "result": 8 })));
    let null = json!({ "content": [], "structuredContent": null });
    assert_eq!(read::<Option<i64>>(null).await, Ok(None));
}

#[tokio::test]
async fn text_is_a_text_first_and_json_when_that_is_wanted() {
    assert_eq!(read::<i64>(text("42")).await, Ok(42));
    assert_eq!(read::<String>(text("42")).await, Ok("42".to_owned()));
    assert_eq!(read::<Vec<u8>>(text("[1, 2]")).await, Ok(vec![1, 2]));
    assert_eq!(read::<()>(json!({ "content": [] })).await, Ok(()));
    let error = read::<i64>(text("many")).await.unwrap_err();
    assert!(
        error.to_string().contains("the result of `work`"),
        "{error}"
    );
}

#[tokio::test]
async fn a_result_that_does_not_fit_its_output_schema_is_none() {
    let (mut script, client) = Script::modern(config()).await;
    let schema = json!({ "type": "object", "required": ["n"], "properties": {
        "n": { "type": "integer", "minimum": 3 }
    } });
    let remote = json!({ "$ref": "https://example.com/schema.json" });
    let tool = |name: &str, output: &Value| {
        json!({
            "name": name, "inputSchema": { "type": "object" }, "outputSchema": output
        })
    };
    let page = json!({ "tools": [tool("checked", &schema), tool("remote", &remote)] });
    let (listed, _) = tokio::join!(client.tools(), script.serve("tools/list", page));
    assert_eq!(listed.unwrap().len(), 2);
    for (name, structured, fits) in [
        ("checked", json!({ "n": 3 }), true),
        ("checked", json!({ "n": 2 }), false),
        ("checked", json!([]), false),
        ("remote", json!([]), true),
        ("unlisted", json!([]), true),
    ] {
        let result = json!({ "content": [], "structuredContent": structured });
        let calling = client.call(name, json!({}));
        let (called, _) = tokio::join!(calling, script.serve("tools/call", result));
        assert_eq!(called.is_ok(), fits, "{name} {called:?}");
    }
    let calling = client.call("checked", json!({}));
    let (called, _) = tokio::join!(calling, script.serve("tools/call", text("3")));
    let error = called.unwrap_err().to_string();
    assert!(error.ends_with("there is no structured content"), "{error}");
    let failed = json!({ "content": [], "isError": true });
    let calling = client.call("checked", json!({}));
    let (called, _) = tokio::join!(calling, script.serve("tools/call", failed));
    assert!(called.is_ok());
}

#[toolwright::client(handle = Shelf)]
trait Books {
    async fn find(
        &self,
        #[arg(name = "q")] words: &str,
        limit: Option<u32>,
    ) -> Result<Vec<String>, CallError>;
}

#[tool]
fn find(q: &str, #[arg(default = 2)] limit: u32) -> Json<Vec<String>> {
    Json(vec![q.to_owned(); limit as usize])
}

/// Anything that has books.
async fn found(books: &(impl Books + Sync)) -> usize {
    books.find("tea", None).await.unwrap().len()
}

struct Empty;

impl Books for Empty {
    async fn find(&self, _: &str, _: Option<u32>) -> Result<Vec<String>, CallError> {
        Ok(Vec::new())
    }
}

#[tokio::test]
async fn a_typed_client_names_arguments_as_told_and_leaves_out_what_is_none() {
    let server = Server::new("books", "1").tool::<find>().build().unwrap();
    let shelf = Shelf::new(Client::connect(&server, config()).await.unwrap());
    assert_eq!(shelf.find("tea", Some(1)).await.unwrap(), ["tea"]);
    assert_eq!(found(&shelf).await, 2);
    assert_eq!(found(&Empty).await, 0);
    assert!(!shelf.client().is_closed());
    let task = tokio::spawn(async move { shelf.find("cake", Some(3)).await });
    assert_eq!(task.await.unwrap().unwrap().len(), 3);
}
