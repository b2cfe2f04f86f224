//! Layers: what they see, what they may change, and in which order.
#![cfg(feature = "macros")]
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use support::{
    Gates, Peer, call, error_of, modern, new_server, request, text_of, text_result, with_tools,
};
use toolwright::Server;
use toolwright::jsonrpc::{ErrorCode, ErrorObject};
use toolwright::model::{CallToolResult, ContentBlock};
use toolwright::server::{Layer, Next, Operation, Outcome, Reply};

/// What layers noted, in order.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn note(&self, note: impl Into<String>) {
        self.0.lock().unwrap().push(note.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn with_echo() -> Server {
    with_tools(new_server(), &Gates::new())
}

async fn connect(server: Server) -> Peer {
    Peer::legacy(&server.build().unwrap(), "2025-11-25").await
}

fn echo(id: i64, text: &str) -> Value {
    call(id, "echo", json!({ "text": text }))
}

/// Notes what comes in and what goes out.
struct Noting(&'static str, Notes);

impl Layer for Noting {
    async fn call(&self, operation: Operation, next: Next<'_>) -> Outcome {
        let Self(name, notes) = self;
        notes.note(format!("{name} > {operation}"));
        let outcome = next.run(operation).await;
        notes.note(format!(
            "{name} < {}",
            if outcome.is_ok() { "ok" } else { "error" }
        ));
        outcome
    }
}

#[tokio::test]
async fn the_first_layer_is_the_outermost() {
    let notes = Notes::default();
    let server = with_echo()
        .layer(Noting("a", notes.clone()))
        .layer(Noting("b", notes.clone()));
    let mut peer = connect(server).await;
    assert_eq!(peer.ask(echo(1, "hi")).await, text_result(1, "hi"));
    let call = "tools/call echo";
    let expected = [
        format!("a > {call}"),
        format!("b > {call}"),
        "b < ok".into(),
        "a < ok".into(),
    ];
    assert_eq!(notes.take(), expected);
    peer.ask(request(2, "tools/list", json!({}))).await;
    assert_eq!(notes.take()[0], "a > tools/list");
    let unknown = peer.ask(call_unknown(3)).await;
    assert_eq!(error_of(&unknown), (json!(3), -32602));
    assert_eq!(notes.take()[2..], ["b < error", "a < error"]);
    // What the engine answers by itself is no operation.
    peer.ask(request(4, "ping", json!({}))).await;
    assert_eq!(notes.take(), Vec::<String>::new());
    peer.still_serves().await;
}

fn call_unknown(id: i64) -> Value {
    call(id, "no such tool", json!({}))
}

#[tokio::test]
async fn a_layer_of_one_tool_sees_only_its_calls() {
    let notes = Notes::default();
    let server = with_echo()
        .tool_layer("echo", Noting("echo", notes.clone()))
        .layer(Noting("all", notes.clone()));
    let mut peer = connect(server).await;
    peer.ask(call(1, "later", json!({ "text": "x" }))).await;
    assert_eq!(notes.take(), ["all > tools/call later", "all < ok"]);
    peer.ask(echo(2, "x")).await;
    let expected = [
        "echo > tools/call echo",
        "all > tools/call echo",
        "all < ok",
        "echo < ok",
    ];
    assert_eq!(notes.take(), expected);
    peer.ask(request(3, "tools/list", json!({}))).await;
    assert_eq!(notes.take(), ["all > tools/list", "all < ok"]);
}

struct Answering(Outcome);

impl Layer for Answering {
    async fn call(&self, operation: Operation, next: Next<'_>) -> Outcome {
        if operation.target() == Some("count") {
            return self.0.clone();
        }
        next.run(operation).await
    }
}

#[tokio::test]
async fn a_layer_may_answer_by_itself() {
    let content = vec![ContentBlock::text("from the cache")];
    let cached = Answering(Ok(Reply::CallTool(CallToolResult::new(content))));
    let mut peer = connect(with_echo().layer(cached)).await;
    let answer = peer.ask(call(1, "count", json!({}))).await;
    assert_eq!(answer, text_result(1, "from the cache"));
    peer.still_serves().await;

    let denied = ErrorObject::new(ErrorCode(-31_000), "not for you").with_data(json!({ "why": 1 }));
    let mut peer = connect(with_echo().layer(Answering(Err(denied)))).await;
    let answer = peer.ask(call(1, "count", json!({}))).await;
    let error = json!({ "code": -31_000, "message": "not for you", "data": { "why": 1 } });
    assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": 1, "error": error }));
    peer.still_serves().await;
}

/// Says everything in capitals: the arguments on the way in, the result on the way out.
struct Loud;

impl Layer for Loud {
    async fn call(&self, mut operation: Operation, next: Next<'_>) -> Outcome {
        let Value::Object(mut arguments) = operation.arguments()? else {
            return next.run(operation).await;
        };
        if let Some(text) = arguments.get_mut("text") {
            *text = json!(text.as_str().unwrap().to_uppercase());
        }
        operation.set_arguments(&arguments)?;
        let mut outcome = next.run(operation).await;
        if let Ok(Reply::CallTool(result)) = &mut outcome {
            result.content.push(ContentBlock::text("!"));
        }
        outcome
    }
}

#[tokio::test]
async fn a_layer_may_change_arguments_and_results() {
    let mut peer = connect(with_echo().tool_layer("later", Loud)).await;
    let answer = peer.ask(call(1, "later", json!({ "text": "hi" }))).await;
    let content = json!([{ "type": "text", "text": "HI" }, { "type": "text", "text": "!" }]);
    assert_eq!(answer["result"]["content"], content);
    peer.still_serves().await;
}

/// Notes the JSON of the arguments.
struct Raw(Notes);

impl Layer for Raw {
    async fn call(&self, operation: Operation, next: Next<'_>) -> Outcome {
        self.0.note(operation.arguments_json().unwrap_or("none"));
        next.run(operation).await
    }
}

#[tokio::test]
async fn a_layer_sees_the_arguments_as_they_arrived() {
    let notes = Notes::default();
    let mut peer = connect(with_echo().layer(Raw(notes.clone()))).await;
    let oddly_written = r#"{ "text" :"\u0068i", "text2": 1e999 }"#;
    let head =
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":"#;
    peer.send_text(&format!("{head}{oddly_written}}}}}")).await;
    let answer = peer.recv().await;
    assert!(text_of(&answer).1, "{answer}");
    assert_eq!(notes.take(), [oddly_written]);
    peer.ask(request(2, "tools/call", json!({ "name": "count" })))
        .await;
    assert_eq!(notes.take(), ["none"]);
    peer.still_serves().await;
}

/// Shows `add` to the client called `accountant` alone.
struct PerCaller;

impl Layer for PerCaller {
    async fn call(&self, operation: Operation, next: Next<'_>) -> Outcome {
        let caller = operation.context().client_info();
        let allowed = caller.is_some_and(|info| info.name == "accountant");
        let mut outcome = next.run(operation).await;
        if let Ok(Reply::ListTools(list)) = &mut outcome {
            list.tools.retain(|tool| allowed || tool.name != "add");
        }
        outcome
    }
}

#[tokio::test]
async fn a_filtered_list_is_for_its_caller_alone() {
    let server = with_echo().layer(PerCaller).build().unwrap();
    let mut peer = Peer::connect(&server);
    for (name, sees) in [("accountant", true), ("guest", false), ("accountant", true)] {
        let mut list = modern(1, "tools/list", json!({}));
        let info = json!({ "name": name, "version": "1" });
        list["params"]["_meta"]["io.modelcontextprotocol/clientInfo"] = info;
        let answer = peer.ask(list).await;
        let tools = answer["result"]["tools"].as_array().unwrap();
        assert_eq!(
            tools.iter().any(|tool| tool["name"] == "add"),
            sees,
            "{name}"
        );
        assert!(tools.iter().any(|tool| tool["name"] == "echo"), "{name}");
        assert_eq!(answer["result"]["cacheScope"], "private", "CCH-M-03");
    }
}

#[tokio::test]
async fn without_layers_everybody_may_share_a_list() {
    let server = with_echo().build().unwrap();
    let mut peer = Peer::connect(&server);
    let answer = peer.ask(modern(1, "tools/list", json!({}))).await;
    assert_eq!(answer["result"]["cacheScope"], "public", "CCH-M-01");
    assert_eq!(answer["result"]["ttlMs"], 0);
}

struct Broken;

impl Layer for Broken {
    async fn call(&self, _: Operation, _: Next<'_>) -> Outcome {
        panic!("the secret of a layer");
    }
}

#[tokio::test]
async fn fault_52_a_layer_that_panics_is_an_internal_error() {
    let mut peer = connect(with_echo().tool_layer("later", Broken)).await;
    let answer = peer.ask(call(1, "later", json!({ "text": "x" }))).await;
    assert_eq!(error_of(&answer), (json!(1), -32603));
    assert!(!answer.to_string().contains("secret"), "{answer}");
    peer.still_serves().await;
}

#[tokio::test]
async fn handlers_behind_layers_panic_and_are_cancelled_like_any_other() {
    let gates = Gates::new();
    let notes = Notes::default();
    let server = with_tools(new_server(), &gates).layer(Noting("a", notes));
    let mut peer = connect(server).await;
    for tool in ["panic_sync", "panic_late", "panic_drop"] {
        let answer = peer.ask(call(1, tool, json!({}))).await;
        let message = format!("Internal error: the handler of `{tool}` panicked");
        let error = json!({ "code": -32603, "message": message });
        assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": 1, "error": error }));
    }
    peer.send(call(2, "hang", json!({}))).await;
    peer.send(support::cancel(2)).await;
    peer.still_serves().await;
    peer.hang_up().await;
    assert_eq!(gates.events(), ["start hang", "drop hang"]);
}
