//! Clients of both eras, who answer every question with its key.

use std::net::SocketAddr;

use serde_json::{Map, Value, json};

use crate::peer::{Answer, MODERN, Peer, post};

fn filled_in(key: &str) -> Value {
    json!({ "action": "accept", "content": { "text": key } })
}

/// A call in 2026-07-28, as it is sent next.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    tool: &'static str,
    /// What goes along: the answers and the state.
    round: Map<String, Value>,
    id: u64,
}

impl Call {
    pub(crate) fn of(tool: &'static str) -> Self {
        Self {
            tool,
            round: Map::new(),
            id: 1,
        }
    }

    /// The bytes of the request.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} },
        });
        let mut params = json!({ "name": self.tool, "_meta": meta });
        params.as_object_mut().unwrap().extend(self.round.clone());
        let body =
            json!({ "jsonrpc": "2.0", "id": self.id, "method": "tools/call", "params": params });
        let headers = [
            ("mcp-protocol-version", MODERN),
            ("mcp-method", "tools/call"),
            ("mcp-name", self.tool),
        ];
        post(&headers, &body)
    }

    /// Sends it to a process, and returns the answer.
    pub(crate) async fn send(&self, to: SocketAddr) -> Value {
        let answer = Peer::connect(to).await.ask(self.bytes()).await;
        message(&answer)
    }

    /// The call with the answers to what was asked.
    #[track_caller]
    pub(crate) fn answering(&self, answer: &Value) -> Self {
        let result = &answer["result"];
        assert_eq!(result["resultType"], "input_required", "{answer}");
        let asked = result["inputRequests"].as_object().unwrap();
        let answers = asked.keys().map(|key| (key.clone(), filled_in(key)));
        let mut round = Map::new();
        round.insert("inputResponses".to_owned(), answers.collect());
        round.insert("requestState".to_owned(), result["requestState"].clone());
        Self {
            tool: self.tool,
            round,
            id: self.id + 1,
        }
    }
}

/// The message of an answer, which may be a stream of one.
fn message(answer: &Answer) -> Value {
    match answer.head.header("content-type") {
        Some("text/event-stream") => answer.events().pop().expect("a message"),
        _ => answer.json(),
    }
}

/// What a call has come to.
#[track_caller]
pub(crate) fn text(answer: &Value) -> &str {
    let text = &answer["result"]["content"][0]["text"];
    text.as_str().unwrap_or_else(|| panic!("no text: {answer}"))
}

/// Calls `journey` in a session of 2025-11-25, and answers its questions there.
pub(crate) async fn call_in_session(server: SocketAddr) -> Value {
    let mut control = Peer::connect(server).await;
    let hello = json!({
        "protocolVersion": "2025-11-25", "capabilities": { "elicitation": {} },
        "clientInfo": { "name": "test", "version": "1" },
    });
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello });
    let begun = control.ask(post(&[], &hello)).await;
    let session = begun.head.header("mcp-session-id").expect("a session");
    let headers = [
        ("mcp-session-id", session),
        ("mcp-protocol-version", "2025-11-25"),
    ];
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(control.ask(post(&headers, &ready)).await.status(), 202);

    let mut stream = Peer::connect(server).await;
    let params = json!({ "name": "journey" });
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    stream.send(post(&headers, &call)).await;
    assert_eq!(stream.head().await.status, 200);
    let mut keys = ["from", "to", "sure"].into_iter();
    loop {
        let message = stream.event().await.expect("a message");
        if message["id"] == 1 && message.get("method").is_none() {
            return message;
        }
        let result = filled_in(keys.next().expect("three questions"));
        let answer = json!({ "jsonrpc": "2.0", "id": message["id"], "result": result });
        assert_eq!(control.ask(post(&headers, &answer)).await.status(), 202);
    }
}
