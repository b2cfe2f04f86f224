//! What the model does beyond its shapes.

mod made;
mod numbers;
mod tagged;

use mcp_core::jsonrpc::ErrorCode;
use mcp_core::model::legacy::LoggingLevel;
use mcp_core::model::{
    CacheScope, CallToolResult, ClientCapabilities, ContentBlock, DiscoverResult, ElicitFormParams,
    ElicitParams, FieldSchema, InputRequest, InputRequired, InputResponses, ListToolsResult, Lower,
    Meta, ProgressToken, ResultType, ServerCapabilities, Tool, resource_not_found,
};
use mcp_core::{Era, Revision};
use serde_json::{Value, json};

#[test]
fn a_text_result_is_the_same_in_every_revision() {
    for revision in Revision::ALL {
        let mut result = CallToolResult::text("hello");
        result.lower(revision);
        assert_eq!(result, CallToolResult::text("hello"));
    }
    let written = serde_json::to_string(&CallToolResult::text("hello")).unwrap();
    assert_eq!(written, r#"{"content":[{"type":"text","text":"hello"}]}"#);
}

#[test]
fn a_content_block_of_an_unknown_type_survives() {
    let hologram = json!({ "type": "hologram", "depth": 3 });
    let block: ContentBlock = serde_json::from_value(hologram.clone()).unwrap();
    assert!(matches!(block, ContentBlock::Other(_)));
    assert_eq!(serde_json::to_value(&block).unwrap(), hologram);
}

#[test]
fn a_content_block_needs_a_type_and_the_members_of_that_type() {
    for (wrong, names) in [
        (json!({ "text": "x" }), "type"),
        (json!({ "type": 3 }), "type"),
        (json!({ "type": "text" }), "text"),
        (json!({ "type": "image", "data": "" }), "mimeType"),
        (
            json!({ "type": "resource", "resource": { "uri": "a:b" } }),
            "blob",
        ),
        (json!("text"), "map"),
    ] {
        let error = serde_json::from_value::<ContentBlock>(wrong).unwrap_err();
        assert!(error.to_string().contains(names), "{error}");
    }
}

#[test]
fn unknown_members_survive_wherever_objects_are_open() {
    let tool = json!({ "name": "t", "inputSchema": { "type": "object", "x-mine": [true] },
        "annotations": { "x": 1 }, "x": 1, "_meta": { "a/b": null } });
    let list = json!({ "tools": [tool], "x": 1 });
    let read: ListToolsResult = serde_json::from_value(list.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), list);
    let capabilities = json!({ "tools": { "x": 1 }, "x": {} });
    let read: ServerCapabilities = serde_json::from_value(capabilities.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), capabilities);
}

#[test]
fn structured_content_may_be_null_and_mean_it() {
    let read: CallToolResult =
        serde_json::from_str(r#"{"content":[],"structuredContent":null}"#).unwrap();
    assert_eq!(read.structured_content, Some(Value::Null));
    let read: CallToolResult = serde_json::from_str(r#"{"content":[]}"#).unwrap();
    assert_eq!(read.structured_content, None);
}

#[test]
fn text_that_stands_beside_data_is_not_repeated() {
    let mut result = CallToolResult::structured(json!([1, 2]));
    result.lower(Revision::V2025_11_25);
    assert_eq!(result, CallToolResult::text("[1,2]"));
}

#[test]
fn odd_cache_hints_are_no_reason_to_refuse_a_result() {
    let text = r#"{"tools":[],"ttlMs":-1,"cacheScope":"galactic"}"#;
    let read: ListToolsResult = serde_json::from_str(text).unwrap();
    assert_eq!(read.ttl_ms, Some(-1));
    assert_eq!(read.cache_scope, Some(CacheScope::Private));
}

#[test]
fn a_tool_is_shown_by_title_then_annotated_title_then_name() {
    let mut tool = Tool::new("name", json!({}).as_object().cloned().unwrap());
    assert_eq!(tool.display_name(), "name");
    tool.annotations.get_or_insert_default().title = Some("annotated".into());
    assert_eq!(tool.display_name(), "annotated");
    tool.title = Some("title".into());
    assert_eq!(tool.display_name(), "title");
}

#[test]
fn an_empty_elicitation_capability_means_forms() {
    let client = |text: &str| serde_json::from_str::<ClientCapabilities>(text).unwrap();
    for (text, forms, urls) in [
        (r#"{}"#, false, false),
        (r#"{"elicitation":{}}"#, true, false),
        (r#"{"elicitation":{"form":{}}}"#, true, false),
        (r#"{"elicitation":{"url":{}}}"#, false, true),
        (r#"{"elicitation":{"form":{},"url":{}}}"#, true, true),
    ] {
        let client = client(text);
        assert_eq!(
            (client.elicits_forms(), client.elicits_urls()),
            (forms, urls)
        );
    }
}

#[test]
fn a_client_that_opens_urls_alone_promises_no_forms_to_an_older_revision() {
    let mut client: ClientCapabilities =
        serde_json::from_str(r#"{"elicitation":{"url":{}}}"#).unwrap();
    client.lower(Revision::V2025_06_18);
    assert_eq!(client.elicitation, None);
}

#[test]
fn the_tasks_capability_is_advertised_in_2025_11_25_alone() {
    for revision in Revision::ALL {
        let mut server: ServerCapabilities = serde_json::from_str(r#"{"tasks":{}}"#).unwrap();
        server.lower(revision);
        let kept = server.extra.contains_key("tasks");
        assert_eq!(kept, revision == Revision::V2025_11_25);
        let mut discovered: DiscoverResult =
            serde_json::from_str(r#"{"supportedVersions":[],"capabilities":{"tasks":{}}}"#)
                .unwrap();
        discovered.lower(revision);
        assert_eq!(discovered.capabilities, server, "TASK-D-08 for {revision}");
    }
}

#[test]
fn the_fields_of_a_form_keep_their_order() {
    let text = r#"{"q":{"method":"elicitation/create","params":{"mode":"form","message":"m","requestedSchema":{"type":"object","properties":{"z":{"type":"string"},"a":{"type":"integer"},"m":{"type":"boolean"}}}}}}"#;
    let result = format!(r#"{{"inputRequests":{text},"resultType":"input_required"}}"#);
    let read: InputRequired = serde_json::from_str(&result).unwrap();
    assert_eq!(read.result_type, Some(ResultType::INPUT_REQUIRED));
    assert_eq!(serde_json::to_string(&read).unwrap(), result);
}

#[test]
fn an_elicitation_of_an_unknown_mode_is_refused_by_name() {
    let text = r#"{"mode":"telepathy","message":"m"}"#;
    let error = serde_json::from_str::<ElicitParams>(text).unwrap_err();
    assert!(error.to_string().contains("telepathy"), "{error}");
}

#[test]
fn a_selection_of_several_values_is_named_where_it_is_unknown() {
    let form: ElicitFormParams = serde_json::from_value(json!({ "message": "m",
        "requestedSchema": { "type": "object", "properties": {
            "one": { "type": "string", "enum": ["a"] },
            "many": { "type": "array", "items": { "type": "string", "enum": ["a"] } },
        } } }))
    .unwrap();
    let schema = form.requested_schema;
    assert!(matches!(
        &schema.properties.0[0].1,
        FieldSchema::MultiSelect(_)
    ));
    assert_eq!(schema.unknown_field(Revision::V2025_06_18), Some("many"));
    assert_eq!(schema.unknown_field(Revision::V2025_11_25), None);
}

#[test]
fn an_input_request_of_an_unknown_method_survives() {
    let odd = json!({ "method": "dance/start", "params": { "steps": 3 } });
    let read: InputRequest = serde_json::from_value(odd.clone()).unwrap();
    assert_eq!(read.method(), "dance/start");
    assert_eq!(serde_json::to_value(&read).unwrap(), odd);
}

#[test]
fn an_answer_is_read_as_what_was_asked_for() {
    let answers: InputResponses =
        serde_json::from_value(json!({ "level": "error", "odd": 3 })).unwrap();
    let level = answers.read::<LoggingLevel>("level").unwrap().unwrap();
    assert_eq!(level, LoggingLevel::Error);
    assert!(answers.read::<LoggingLevel>("odd").unwrap().is_err());
    assert!(answers.read::<LoggingLevel>("missing").is_none());
}

#[test]
fn a_progress_token_keeps_its_type() {
    let mut meta = Meta::new();
    assert_eq!(meta.progress_token(), None);
    meta.insert(Meta::PROGRESS_TOKEN, 1);
    assert_eq!(meta.progress_token(), Some(ProgressToken::from(1)));
    meta.insert(Meta::PROGRESS_TOKEN, "1");
    assert_eq!(meta.progress_token(), Some(ProgressToken::from("1")));
    meta.insert(Meta::PROGRESS_TOKEN, json!({}));
    assert_eq!(meta.progress_token(), None);
}

#[test]
fn a_missing_resource_has_the_code_of_its_era() {
    for revision in Revision::ALL {
        let error = resource_not_found("file:///a", revision);
        let code = match revision.era() {
            Era::Modern => ErrorCode::INVALID_PARAMS,
            Era::Legacy => ErrorCode::RESOURCE_NOT_FOUND,
        };
        assert_eq!(error.code, code);
        assert_eq!(error.data, Some(json!({ "uri": "file:///a" })));
    }
}

#[test]
fn logging_levels_are_ordered_by_severity() {
    assert!(LoggingLevel::Debug < LoggingLevel::Info);
    assert!(LoggingLevel::Error < LoggingLevel::Emergency);
}
