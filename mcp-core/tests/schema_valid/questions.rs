//! What a server asks, as each revision says it.

use mcp_core::Revision;
use mcp_core::model::legacy::{CreateMessageParams, SamplingBlock};
use mcp_core::model::{ElicitParams, InputRequired, Lower};
use serde_json::{Value, json};

use crate::oracle::{each, has, since};
use crate::rich::{self, annotations, tool};
use crate::{JUNE, MARCH, MODERN, NOVEMBER, object_schema, request};

#[test]
fn a_form_says_what_each_revision_knows() {
    each::<ElicitParams>(
        "ElicitRequestFormParams",
        rich::form(),
        |revision, written| {
            since(NOVEMBER, revision, written, &["mode", "oneOf", "$schema"]);
            assert_eq!(has(written, "enumNames"), revision < NOVEMBER);
            let fields = &written["requestedSchema"]["properties"];
            for name in ["name", "age", "size", "colour"] {
                since(NOVEMBER, revision, &fields[name], &["default"]);
            }
            assert_eq!(
                fields["member"]["default"], false,
                "ELI-A-02 for {revision}"
            );
        },
    );
}

/// Adds to `question` what one revision has and the others have not.
fn with_task(question: Value) -> Value {
    let mut question = request(question);
    question["task"] = json!({ "ttl": 1 });
    question
}

/// TASK-L-02, META-M-09.
fn only_november_has_tasks(revision: Revision, written: &Value) {
    assert_eq!(has(written, "task"), revision == NOVEMBER, "{revision}");
    since(
        MODERN,
        revision,
        written,
        &["io.modelcontextprotocol/logLevel"],
    );
    assert_eq!(written["_meta"]["progressToken"], 7);
}

#[test]
fn a_form_can_be_a_task_in_2025_11_25_alone() {
    let form = with_task(rich::form());
    each::<ElicitParams>("ElicitRequestFormParams", form, only_november_has_tasks);
}

/// ELI-L-06.
#[test]
fn a_url_has_a_name_and_can_be_a_task_in_2025_11_25_alone() {
    let url = with_task(url());
    each::<ElicitParams>("ElicitRequestURLParams", url, |revision, written| {
        only_november_has_tasks(revision, written);
        assert_eq!(
            has(written, "elicitationId"),
            revision == NOVEMBER,
            "{revision}"
        );
    });
}

fn url() -> Value {
    json!({ "mode": "url", "message": "Look", "url": "https://example.com",
        "elicitationId": "e" })
}

#[test]
fn a_result_that_asks_says_what_its_revision_knows() {
    let model = json!({ "messages": [], "maxTokens": 1, "task": { "ttl": 1 } });
    let asks = json!({
        "resultType": "input_required", "requestState": "s",
        "inputRequests": {
            "form": { "method": "elicitation/create", "params": rich::form() },
            "url": { "method": "elicitation/create", "params": url() },
            "model": { "method": "sampling/createMessage", "params": model },
            "roots": { "method": "roots/list" },
        },
    });
    each::<InputRequired>("InputRequiredResult", asks, |revision, written| {
        for name in ["elicitationId", "task"] {
            assert_eq!(
                has(written, name),
                revision == NOVEMBER,
                "{name} for {revision}"
            );
        }
        let requests = written["inputRequests"]
            .as_object()
            .map(|asked| asked.len());
        assert_eq!(requests, Some(4));
    });
}

#[test]
fn a_question_to_the_model_says_what_each_revision_knows() {
    let media = |tag: &str, mime: &str| json!({ "type": tag, "data": "aGk=", "mimeType": mime });
    let params = json!({
        "messages": [
            { "role": "user", "content": { "type": "text", "text": "one" }, "_meta": { "k": 1 } },
            { "role": "assistant",
                "content": [media("image", "image/png"), media("audio", "audio/wav")] },
        ],
        "modelPreferences": { "hints": [{ "name": "m" }], "costPriority": 0.5,
            "speedPriority": 0.5, "intelligencePriority": 0.5 },
        "systemPrompt": "s", "includeContext": "none", "temperature": 0.5, "maxTokens": 9,
        "stopSequences": ["."], "metadata": { "k": 1 }, "tools": [tool(&object_schema())],
        "toolChoice": { "mode": "auto" }, "task": { "ttl": 1 },
    });
    each::<CreateMessageParams>("CreateMessageRequestParams", params, |revision, written| {
        since(JUNE, revision, &written["messages"], &["_meta"]);
        since(NOVEMBER, revision, written, &["tools", "toolChoice"]);
        assert_eq!(has(written, "task"), revision == NOVEMBER);
        let messages = written["messages"].as_array().map(Vec::len);
        assert_eq!(messages, Some(if revision < NOVEMBER { 3 } else { 2 }));
    });
}

#[test]
fn a_recording_in_a_conversation_is_described_where_there_are_none() {
    let audio = json!({ "type": "audio", "data": "aGk=", "mimeType": "audio/wav",
        "annotations": annotations(), "_meta": { "k": 1 } });
    for revision in Revision::ALL {
        let mut block: SamplingBlock = serde_json::from_value(audio.clone()).unwrap();
        block.lower(revision);
        let written = serde_json::to_value(&block).unwrap();
        since(MARCH, revision, &written, &["data"]);
        since(JUNE, revision, &written, &["lastModified", "_meta"]);
        assert_eq!(written["annotations"]["priority"], 0.5, "{revision}");
        if revision < MARCH {
            assert_eq!(written["text"], "[Audio of type audio/wav was left out]");
        }
    }
}

/// What [`Lower`] promises: nothing is allocated when there is nothing to take away.
#[test]
fn messages_of_one_block_stay_where_they_are() {
    let message = json!({ "role": "user", "content": { "type": "text", "text": "t" } });
    let params = json!({ "messages": [message, message], "maxTokens": 1 });
    for revision in Revision::ALL {
        let mut params: CreateMessageParams = serde_json::from_value(params.clone()).unwrap();
        let before = params.messages.as_ptr();
        params.lower(revision);
        assert_eq!(params.messages.as_ptr(), before, "{revision}");
    }
}
