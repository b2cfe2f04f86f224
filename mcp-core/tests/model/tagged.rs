//! Objects told apart by a member: each is read as the type that its tag names, and written again
//! as it came (RPC-A-13).

use std::fmt::Debug;

use mcp_core::model::legacy::SamplingBlock;
use mcp_core::model::{
    CompletionReference, ContentBlock, ElicitMode, ElicitParams, FieldSchema, FormSchema,
    InputRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Reads `written` as a `T`, of which `is` has to hold, and writes it again.
#[track_caller]
fn reads<T: DeserializeOwned + Serialize + Debug>(written: Value, is: fn(&T) -> bool) {
    let read: T = serde_json::from_value(written.clone()).expect("a value of its type");
    assert!(is(&read), "{read:?}");
    assert_eq!(
        serde_json::to_value(&read).expect("a model value serialises"),
        written
    );
}

/// What is wrong with `written` as a `T`.
#[track_caller]
fn refused<T: DeserializeOwned + Debug>(written: Value) -> String {
    serde_json::from_value::<T>(written)
        .expect_err("a wrong value")
        .to_string()
}

/// TOOL-A-05.
#[test]
fn a_content_block_is_what_its_type_says() {
    let media = |tag: &str| json!({ "type": tag, "data": "aGk=", "mimeType": "a/b" });
    reads(json!({ "type": "text", "text": "t" }), |block| {
        matches!(block, ContentBlock::Text(_))
    });
    reads(media("image"), |block| {
        matches!(block, ContentBlock::Image(_))
    });
    reads(media("audio"), |block| {
        matches!(block, ContentBlock::Audio(_))
    });
    reads(
        json!({ "type": "resource_link", "uri": "a:b", "name": "n" }),
        |block| matches!(block, ContentBlock::ResourceLink(_)),
    );
    reads(
        json!({ "type": "resource", "resource": { "uri": "a:b", "text": "t" } }),
        |block| matches!(block, ContentBlock::Resource(_)),
    );
    reads(media("Image"), |block| {
        matches!(block, ContentBlock::Other(_))
    });
}

/// SMP-A-03.
#[test]
fn a_block_of_a_conversation_is_what_its_type_says() {
    let media = |tag: &str| json!({ "type": tag, "data": "aGk=", "mimeType": "a/b" });
    reads(json!({ "type": "text", "text": "t" }), |block| {
        matches!(block, SamplingBlock::Text(_))
    });
    reads(media("image"), |block| {
        matches!(block, SamplingBlock::Image(_))
    });
    reads(media("audio"), |block| {
        matches!(block, SamplingBlock::Audio(_))
    });
    reads(
        json!({ "type": "tool_use", "id": "1", "name": "t", "input": { "a": 1 } }),
        |block| matches!(block, SamplingBlock::ToolUse(_)),
    );
    reads(
        json!({ "type": "tool_result", "toolUseId": "1", "content": [],
            "structuredContent": null }),
        |block| matches!(block, SamplingBlock::ToolResult(_)),
    );
    reads(json!({ "type": "dance" }), |block| {
        matches!(block, SamplingBlock::Other(_))
    });
}

/// CMP-A-01.
#[test]
fn a_reference_to_what_is_completed_is_what_its_type_says() {
    reads(json!({ "type": "ref/prompt", "name": "p" }), |reference| {
        matches!(reference, CompletionReference::Prompt(_))
    });
    reads(
        json!({ "type": "ref/resource", "uri": "a:b" }),
        |reference| matches!(reference, CompletionReference::Resource(_)),
    );
    reads(json!({ "type": "ref/tool", "name": "t" }), |reference| {
        matches!(reference, CompletionReference::Other(_))
    });
}

/// ELI-A-02: a string that lists its values, in either way, is a selection.
#[test]
fn a_field_is_what_its_type_and_its_list_of_values_say() {
    for (field, is) in [
        (json!({ "type": "string" }), "Text"),
        (json!({ "type": "string", "enum": ["a"] }), "Select"),
        (
            json!({ "type": "string", "oneOf": [{ "const": "a", "title": "A" }] }),
            "Select",
        ),
        (json!({ "type": "number" }), "Number"),
        (json!({ "type": "number", "enum": [1] }), "Number"),
        (json!({ "type": "integer" }), "Integer"),
        (json!({ "type": "boolean" }), "Boolean"),
        (
            json!({ "type": "array", "items": { "enum": ["a"] } }),
            "MultiSelect",
        ),
        (json!({ "type": "polygon" }), "Other"),
        (json!({ "type": "string", "oneOf": 7 }), "Other"),
        (json!({ "type": "string", "minLength": "x" }), "Other"),
        (json!({ "type": "array", "items": [] }), "Other"),
    ] {
        let read: FieldSchema = serde_json::from_value(field.clone()).unwrap();
        let found = match read {
            FieldSchema::Text(_) => "Text",
            FieldSchema::Number(_) => "Number",
            FieldSchema::Integer(_) => "Integer",
            FieldSchema::Boolean(_) => "Boolean",
            FieldSchema::Select(_) => "Select",
            FieldSchema::MultiSelect(_) => "MultiSelect",
            FieldSchema::Other(_) => "Other",
        };
        assert_eq!(found, is, "{field}");
        assert_eq!(serde_json::to_value(&read).unwrap(), field);
    }
    let error = refused::<FormSchema>(json!({ "type": "object", "properties": [] }));
    assert!(
        error.contains("expected an object of field schemas"),
        "{error}"
    );
}

/// ELI-A-02, ELI-M-05: a question that names no mode is a form.
#[test]
fn a_question_to_the_user_is_what_its_mode_says() {
    let schema = json!({ "type": "object", "properties": {} });
    reads(
        json!({ "message": "m", "requestedSchema": schema }),
        |params| matches!(params, ElicitParams::Form(form) if form.mode.is_none()),
    );
    reads(
        json!({ "mode": "form", "message": "m", "requestedSchema": schema }),
        |params| matches!(params, ElicitParams::Form(form) if form.mode == Some(ElicitMode::FORM)),
    );
    reads(
        json!({ "mode": "url", "message": "m", "url": "a:b", "elicitationId": "e" }),
        |params| matches!(params, ElicitParams::Url(_)),
    );
    for (wrong, names) in [
        (json!({ "message": "m" }), "requestedSchema"),
        (
            json!({ "mode": "form", "message": "m", "url": "a:b" }),
            "requestedSchema",
        ),
        (
            json!({ "mode": "url", "message": "m", "requestedSchema": schema }),
            "`url`",
        ),
    ] {
        let error = refused::<ElicitParams>(wrong);
        assert!(error.contains(names), "{error}");
    }
}

/// MRTR-M-03.
#[test]
fn an_input_request_is_what_its_method_says() {
    reads(
        json!({ "method": "elicitation/create",
            "params": { "mode": "url", "message": "m", "url": "a:b" } }),
        |request| matches!(request, InputRequest::Elicit(_)),
    );
    reads(
        json!({ "method": "sampling/createMessage",
            "params": { "messages": [], "maxTokens": 1 } }),
        |request| matches!(request, InputRequest::CreateMessage(_)),
    );
    reads(json!({ "method": "roots/list" }), |request| {
        matches!(request, InputRequest::ListRoots(None))
    });
    reads(
        json!({ "method": "roots/list", "params": { "_meta": { "a/b": 1 } } }),
        |request| matches!(request, InputRequest::ListRoots(Some(_))),
    );
    reads(json!({ "method": "dance/start" }), |request| {
        matches!(request, InputRequest::Other { params: None, .. })
    });
    for method in ["elicitation/create", "sampling/createMessage"] {
        let error = refused::<InputRequest>(json!({ "method": method }));
        assert!(error.contains("params"), "{error}");
    }
}
