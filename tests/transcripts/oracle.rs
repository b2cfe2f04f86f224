//! The specification's schema of one revision, as the judge of what a server says.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};

/// The schema, and what was asked so far.
pub(crate) struct Oracle {
    schema: Option<Value>,
    asked: HashMap<String, String>,
}

impl Oracle {
    /// The judge of `revision`; without `MCP_SPEC_DIR` it lets everything pass.
    pub(crate) fn of(revision: &str) -> Self {
        let schema = std::env::var_os("MCP_SPEC_DIR").map(|dir| {
            let file = Path::new(&dir)
                .join("schema")
                .join(format!("{revision}.json"));
            let text = std::fs::read_to_string(&file)
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            serde_json::from_str(&text).expect("a schema is JSON")
        });
        if schema.is_none() {
            // Straight to standard error: the harness keeps back what passing tests print.
            let _ = writeln!(
                std::io::stderr(),
                "MCP_SPEC_DIR is not set: the validation of what is said in {revision} left out"
            );
        }
        Self {
            schema,
            asked: HashMap::new(),
        }
    }

    /// Notes a message of the client, to know what its answer has to be.
    pub(crate) fn asked(&mut self, message: &Value) {
        for message in each(message) {
            if let (Some(id), Some(method)) = (message.get("id"), message["method"].as_str()) {
                self.asked.insert(id.to_string(), method.to_owned());
            }
        }
    }

    /// What the schema has against a message of the server.
    pub(crate) fn problems(&self, message: &Value) -> Vec<String> {
        if self.schema.is_none() {
            return Vec::new();
        }
        let mut problems = Vec::new();
        if message.is_array() {
            problems.extend(self.errors(&["JSONRPCBatchResponse"], message));
        }
        for message in each(message) {
            if let Some(method) = message.get("method").and_then(Value::as_str) {
                problems.extend(self.errors(&["JSONRPCNotification"], message));
                problems.extend(self.errors(&[notification(method)], message));
            } else if message.get("error").is_some() {
                problems.extend(self.errors(&["JSONRPCErrorResponse", "JSONRPCError"], message));
            } else {
                let envelopes = ["JSONRPCResultResponse", "JSONRPCResponse"];
                problems.extend(self.errors(&envelopes, message));
                let id = message.get("id").map(Value::to_string).unwrap_or_default();
                let method = self.asked.get(&id).expect("an answer has a question");
                problems.extend(self.errors(&[result(method)], &message["result"]));
            }
        }
        problems
    }

    /// What the schema has against `value` as a `name`.
    #[allow(dead_code, reason = "each test program uses a part")]
    pub(crate) fn problems_of(&self, name: &str, value: &Value) -> Vec<String> {
        match self.schema {
            Some(_) => self.errors(&[name], value),
            None => Vec::new(),
        }
    }

    /// What keeps `value` from being the first of `names` that the schema defines.
    fn errors(&self, names: &[&str], value: &Value) -> Vec<String> {
        let mut schema = self.schema.clone().expect("checked by the caller");
        let roots = ["$defs", "definitions"];
        let pointer = names.iter().find_map(|name| {
            let mut pointers = roots.iter().map(|root| format!("/{root}/{name}"));
            pointers.find(|pointer| schema.pointer(pointer).is_some())
        });
        let Some(pointer) = pointer else {
            return vec![format!("the revision has no {names:?}")];
        };
        schema["$ref"] = json!(format!("#{pointer}"));
        let validator = jsonschema::validator_for(&schema).expect("the schema is one");
        let errors = validator.iter_errors(value);
        errors
            .map(|error| format!("{pointer} {}: {error}", error.instance_path()))
            .collect()
    }
}

/// The messages of a batch, or the one that is none.
fn each(message: &Value) -> impl Iterator<Item = &Value> {
    match message {
        Value::Array(messages) => messages.iter(),
        single => std::slice::from_ref(single).iter(),
    }
}

fn notification(method: &str) -> &'static str {
    match method {
        "notifications/progress" => "ProgressNotification",
        "notifications/message" => "LoggingMessageNotification",
        "notifications/cancelled" => "CancelledNotification",
        "notifications/resources/updated" => "ResourceUpdatedNotification",
        "notifications/subscriptions/acknowledged" => "SubscriptionsAcknowledgedNotification",
        other => panic!("no server says {other}"),
    }
}

fn result(method: &str) -> &'static str {
    match method {
        "initialize" => "InitializeResult",
        "server/discover" => "DiscoverResult",
        "tools/list" => "ListToolsResult",
        "tools/call" => "CallToolResult",
        "resources/list" => "ListResourcesResult",
        "resources/templates/list" => "ListResourceTemplatesResult",
        "resources/read" => "ReadResourceResult",
        "prompts/list" => "ListPromptsResult",
        "prompts/get" => "GetPromptResult",
        "completion/complete" => "CompleteResult",
        "subscriptions/listen" => "SubscriptionsListenResult",
        _ => "EmptyResult",
    }
}
