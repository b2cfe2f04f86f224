//! The tools of the example `everything` that ask, as a program, in both eras.

mod examples_common;

use examples_common::{Running, text};
use serde_json::{Value, json};
use toolwright::Revision;
use toolwright::client::{Answers, ClientConfig};
use toolwright::jsonrpc::ErrorObject;
use toolwright::model::legacy::{CreateMessageParams, CreateMessageResult, Root};
use toolwright::model::{ElicitParams, ElicitResult, GetPromptResult};

const ERAS: [Revision; 2] = [Revision::V2025_11_25, Revision::V2026_07_28];

/// Fills in every form with everything that any form of the example asks for.
struct Obliging;

impl Answers for Obliging {
    async fn elicit(&self, _: ElicitParams) -> Result<ElicitResult, ErrorObject> {
        let content = json!({
            "name": "Ada", "ok": true, "context": "a test", "color": "blue", "other": 1,
            "untitledSingle": "option1", "titledSingle": "value2", "legacyEnum": "opt3",
            "untitledMulti": ["option1", "option2"], "titledMulti": ["value3"],
        });
        Ok(ElicitResult::accept(content.as_object().cloned()))
    }

    async fn sample(
        &self,
        params: CreateMessageParams,
    ) -> Result<CreateMessageResult, ErrorObject> {
        assert_eq!(params.max_tokens, 100);
        let content = json!({ "type": "text", "text": "Paris" });
        let result = json!({ "role": "assistant", "model": "m", "content": content });
        Ok(serde_json::from_value(result).expect("a message"))
    }

    async fn roots(&self) -> Result<Vec<Root>, ErrorObject> {
        Ok(vec![Root::new("file:///work")])
    }
}

async fn start(revision: Revision, capabilities: Value) -> Running {
    let mut config = ClientConfig::new("examples-test", "1.0.0");
    config.pinned = Some(revision);
    config.capabilities = serde_json::from_value(capabilities).expect("capabilities");
    Running::start_answering("everything", config, Obliging).await
}

#[tokio::test]
async fn every_tool_that_asks_gets_its_answer() {
    for revision in ERAS {
        let everything = json!({ "roots": {}, "sampling": {}, "elicitation": {} });
        let server = start(revision, everything).await;
        for (tool, arguments, expected) in [
            (
                "test_sampling",
                json!({ "prompt": "?" }),
                "LLM response: Paris",
            ),
            (
                "test_elicitation",
                json!({ "message": "?" }),
                "User response: action=accept, content={",
            ),
            (
                "test_elicitation_sep1034_defaults",
                json!({}),
                "Accepted(Defaults { name: \"Ada\", age: 30, score: 95.5, status: Active, verified: true })",
            ),
            (
                "test_elicitation_sep1330_enums",
                json!({}),
                "untitled_multi: [Option1, Option2], titled_multi: [Value3]",
            ),
            ("test_streaming_elicitation", json!({}), "Hello, Ada!"),
            (
                "test_input_required_result_elicitation",
                json!({}),
                "Hello, Ada!",
            ),
            (
                "test_input_required_result_sampling",
                json!({}),
                "The model says: Paris",
            ),
            (
                "test_input_required_result_list_roots",
                json!({}),
                "Roots: file:///work",
            ),
            (
                "test_input_required_result_request_state",
                json!({}),
                "state-ok",
            ),
            (
                "test_input_required_result_tampered_state",
                json!({}),
                "state-ok",
            ),
            (
                "test_input_required_result_multiple_inputs",
                json!({}),
                "Paris, Ada! 1 roots",
            ),
            (
                "test_input_required_result_multi_round",
                json!({}),
                "Ada likes blue.",
            ),
            (
                "test_input_required_result_capabilities",
                json!({}),
                "Hello, Ada!",
            ),
        ] {
            let result = server.client.call(tool, arguments).await.expect(tool);
            let text = text(&result);
            assert!(text.contains(expected), "{revision} {tool}: {text}");
            assert_ne!(result.is_error, Some(true), "{revision} {tool}: {text}");
        }
        let prompt = server
            .client
            .prompt("test_input_required_result_prompt", json!({}));
        let prompt: GetPromptResult = prompt.await.expect("a prompt");
        assert_eq!(
            prompt.messages[0].content.as_text(),
            Some("Keep in mind: a test")
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn whoever_can_be_asked_is_asked() {
    for revision in ERAS {
        let server = start(revision, json!({ "sampling": {} })).await;
        let asked = server
            .client
            .call("test_input_required_result_capabilities", json!({}));
        assert_eq!(
            text(&asked.await.expect("a result")),
            "The model says: Paris"
        );
        server.stop().await;
    }
}
