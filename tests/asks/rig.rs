//! Clients that answer by script, and a modern client in plain JSON.

use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use toolwright::Revision;
use toolwright::client::{Answers, Client, ClientConfig};
use toolwright::jsonrpc::ErrorObject;
use toolwright::model::legacy::{CreateMessageParams, CreateMessageResult, Root};
use toolwright::model::{CallToolResult, ElicitParams, ElicitResult};
use toolwright::server::ServerHandle;

use crate::support::{INITIALIZED, Peer, request};

/// The revisions whose clients can be asked everything.
pub(crate) const BOTH: [Revision; 2] = [Revision::V2025_11_25, Revision::V2026_07_28];

/// Everything that was asked, in order: the method and what identifies the question.
pub(crate) type Asked = Arc<Mutex<Vec<String>>>;

/// Answers every form with the same fields, by `action`.
pub(crate) struct Scripted {
    pub(crate) asked: Asked,
    pub(crate) action: &'static str,
    pub(crate) content: Value,
}

impl Scripted {
    pub(crate) fn accepting(content: Value) -> Self {
        Self {
            asked: Asked::default(),
            action: "accept",
            content,
        }
    }

    pub(crate) fn refusing(action: &'static str) -> Self {
        Self {
            asked: Asked::default(),
            action,
            content: Value::Null,
        }
    }

    fn note(&self, text: impl Into<String>) {
        self.asked.lock().unwrap().push(text.into());
    }
}

impl Answers for Scripted {
    async fn elicit(&self, params: ElicitParams) -> Result<ElicitResult, ErrorObject> {
        self.note(match &params {
            ElicitParams::Form(form) => form.message.clone(),
            ElicitParams::Url(url) => url.url.clone(),
        });
        let mut result = json!({ "action": self.action });
        if !self.content.is_null() {
            result["content"] = self.content.clone();
        }
        Ok(serde_json::from_value(result).unwrap())
    }

    async fn sample(
        &self,
        params: CreateMessageParams,
    ) -> Result<CreateMessageResult, ErrorObject> {
        self.note(format!("sample {}", params.max_tokens));
        let content = json!({ "type": "text", "text": "Paris" });
        let result = json!({ "role": "assistant", "model": "m", "content": content });
        Ok(serde_json::from_value(result).unwrap())
    }

    async fn roots(&self) -> Result<Vec<Root>, ErrorObject> {
        self.note("roots");
        Ok(vec![Root::new("file:///work")])
    }
}

/// A configuration that declares everything a client can be asked.
pub(crate) fn config(revision: Revision) -> ClientConfig {
    let mut config = ClientConfig::new("asked", "1.0.0");
    config.pinned = Some(revision);
    config.capabilities = serde_json::from_value(capabilities()).unwrap();
    config
}

fn capabilities() -> Value {
    json!({ "roots": {}, "sampling": {}, "elicitation": { "form": {}, "url": {} } })
}

pub(crate) async fn client(server: &ServerHandle, revision: Revision, answers: Scripted) -> Client {
    let builder = Client::builder(config(revision)).answers(answers);
    builder.connect(server).await.unwrap()
}

/// A client of a handshake that can be asked everything, in plain JSON.
pub(crate) async fn legacy(server: &ServerHandle, revision: Revision) -> Peer {
    let mut peer = Peer::connect(server);
    let params = json!({
        "protocolVersion": revision.as_str(),
        "capabilities": capabilities(),
        "clientInfo": { "name": "tests", "version": "1" },
    });
    let answer = peer.ask(request("handshake", "initialize", params)).await;
    assert_eq!(answer["result"]["protocolVersion"], revision.as_str());
    peer.send_text(INITIALIZED).await;
    peer
}

/// What a result says, and whether it is an error.
pub(crate) fn said(result: &CallToolResult) -> (&str, bool) {
    let text = result.content[0].as_text().unwrap();
    (text, result.is_error == Some(true))
}

/// A modern client in plain JSON.
pub(crate) struct Modern {
    peer: Peer,
    id: u64,
}

impl Modern {
    pub(crate) fn connect(server: &ServerHandle) -> Self {
        Self {
            peer: Peer::connect(server),
            id: 0,
        }
    }

    /// Sends a request with these parameters and returns the whole answer.
    pub(crate) async fn send(&mut self, method: &str, params: Value) -> Value {
        self.send_with(method, params, capabilities()).await
    }

    /// The same for a client that declares these capabilities.
    pub(crate) async fn send_with(
        &mut self,
        method: &str,
        mut params: Value,
        capabilities: Value,
    ) -> Value {
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2026-07-28");
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = capabilities;
        self.id += 1;
        let answer = self.peer.ask(request(self.id, method, params)).await;
        assert_eq!(answer["id"], self.id);
        answer
    }

    pub(crate) async fn call(&mut self, tool: &str, params: Value) -> Value {
        let mut whole = json!({ "name": tool });
        let members = params.as_object().cloned().unwrap_or_default();
        whole.as_object_mut().unwrap().extend(members);
        self.send("tools/call", whole).await
    }
}

/// What a modern server asks, by key, and the state.
#[track_caller]
pub(crate) fn required(answer: &Value) -> (Map<String, Value>, String) {
    let result = &answer["result"];
    assert_eq!(result["resultType"], "input_required", "{answer}");
    let asked = result["inputRequests"].as_object().unwrap().clone();
    let state = result["requestState"].as_str().unwrap().to_owned();
    (asked, state)
}

/// Answers to forms: each key with its content.
pub(crate) fn accepted(answers: Value, state: &str) -> Value {
    let answers = answers.as_object().unwrap().iter();
    let responses: Map<String, Value> = answers
        .map(|(key, content)| {
            let answer = json!({ "action": "accept", "content": content });
            (key.clone(), answer)
        })
        .collect();
    json!({ "inputResponses": responses, "requestState": state })
}

/// The text of a complete result.
#[track_caller]
pub(crate) fn complete(answer: &Value) -> &str {
    assert_eq!(answer["result"]["resultType"], "complete", "{answer}");
    assert_ne!(answer["result"]["isError"], true, "{answer}");
    answer["result"]["content"][0]["text"].as_str().unwrap()
}
