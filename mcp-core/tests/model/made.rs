//! What is made by hand says what it was given, and what is asked of a value is what it says.

use mcp_core::model::legacy::{
    CreateMessageResult, LoggingLevel, LoggingMessageParams, Root, SamplingBlock, SamplingContent,
    SamplingMessage,
};
use mcp_core::model::{
    CallToolResult, CancelledParams, CompleteResult, CompletionReference, ContentBlock,
    DiscoverResult, ElicitCompleteParams, ElicitFormParams, ElicitResult, ElicitUrlParams,
    FormSchema, Icon, Implementation, JsonSchema, Meta, PromptMessage, ReadResourceResult,
    Resource, ResourceContents, SubscriptionId,
};
use serde::Serialize;
use serde_json::{Value, json};

fn says(value: impl Serialize, expected: Value) {
    let said = serde_json::to_value(value).expect("a model value serialises");
    assert_eq!(said, expected);
}

#[test]
fn a_content_block_says_its_type_and_what_it_was_made_of() {
    let text = json!({ "type": "text", "text": "t" });
    says(ContentBlock::text("t"), text.clone());
    says(ContentBlock::from("t"), text.clone());
    says(ContentBlock::from("t".to_owned()), text.clone());
    says(
        ContentBlock::image("aGk=", "image/png"),
        json!({ "type": "image", "data": "aGk=", "mimeType": "image/png" }),
    );
    says(
        ContentBlock::audio("aGk=", "audio/wav"),
        json!({ "type": "audio", "data": "aGk=", "mimeType": "audio/wav" }),
    );
    says(
        ContentBlock::resource_link(Resource::new("a:b", "n")),
        json!({ "type": "resource_link", "uri": "a:b", "name": "n" }),
    );
    says(
        ContentBlock::resource(ResourceContents::text("a:b", "t")),
        json!({ "type": "resource", "resource": { "uri": "a:b", "text": "t" } }),
    );
    says(
        PromptMessage::user("t"),
        json!({ "role": "user", "content": text }),
    );
    says(
        PromptMessage::assistant("t"),
        json!({ "role": "assistant", "content": text }),
    );
}

#[test]
fn only_a_block_of_text_has_a_text() {
    assert_eq!(ContentBlock::text("t").as_text(), Some("t"));
    assert_eq!(ContentBlock::text("").as_text(), Some(""));
    assert_eq!(ContentBlock::image("aGk=", "image/png").as_text(), None);
}

/// TOOL-A-06: data travels as text, too, for those who read only that.
#[test]
fn a_tool_result_says_what_it_was_made_of() {
    says(
        CallToolResult::error("e"),
        json!({ "content": [{ "type": "text", "text": "e" }], "isError": true }),
    );
    says(
        CallToolResult::structured(json!({ "a": 1 })),
        json!({ "content": [{ "type": "text", "text": "{\"a\":1}" }],
            "structuredContent": { "a": 1 } }),
    );
}

#[test]
fn the_contents_of_a_resource_say_what_they_were_made_of() {
    let text = ResourceContents::text("a:b", "t").with_mime_type("text/plain");
    assert_eq!(text.uri(), "a:b");
    let blob = ResourceContents::blob("c:d", "aGk=").with_mime_type("image/png");
    assert_eq!(blob.uri(), "c:d");
    says(
        ReadResourceResult::new(vec![text, blob]),
        json!({ "contents": [
            { "uri": "a:b", "mimeType": "text/plain", "text": "t" },
            { "uri": "c:d", "mimeType": "image/png", "blob": "aGk=" },
        ] }),
    );
}

#[test]
fn a_question_and_its_answer_say_what_they_were_made_of() {
    says(
        ElicitFormParams::new("Who?", FormSchema::default()),
        json!({ "mode": "form", "message": "Who?",
            "requestedSchema": { "type": "object", "properties": {} } }),
    );
    says(
        ElicitUrlParams::new("Look", "https://example.com"),
        json!({ "mode": "url", "message": "Look", "url": "https://example.com" }),
    );
    says(
        ElicitCompleteParams::new("e"),
        json!({ "elicitationId": "e" }),
    );
    let content = json!({ "a": 1 }).as_object().cloned();
    says(
        ElicitResult::accept(content),
        json!({ "action": "accept", "content": { "a": 1 } }),
    );
    says(ElicitResult::accept(None), json!({ "action": "accept" }));
    says(ElicitResult::decline(), json!({ "action": "decline" }));
    says(ElicitResult::cancel(), json!({ "action": "cancel" }));
}

#[test]
fn what_passes_between_a_server_and_a_model_says_what_it_was_made_of() {
    let text = json!({ "type": "text", "text": "t" });
    let message = SamplingMessage::text(mcp_core::model::Role::User, "t");
    says(&message, json!({ "role": "user", "content": text }));
    assert_eq!(message.content.blocks(), [SamplingBlock::text("t")]);
    let many = SamplingContent::Many(vec![SamplingBlock::text("t"), SamplingBlock::text("u")]);
    assert_eq!(many.blocks().len(), 2);
    assert_eq!(many.blocks().last(), Some(&SamplingBlock::text("u")));
    says(
        CreateMessageResult::text("m", "t"),
        json!({ "role": "assistant", "content": text, "model": "m" }),
    );
    says(Root::new("file:///a"), json!({ "uri": "file:///a" }));
    says(
        LoggingMessageParams::new(LoggingLevel::Alert, "d"),
        json!({ "level": "alert", "data": "d" }),
    );
}

#[test]
fn a_reference_to_what_is_completed_says_what_it_was_made_of() {
    says(
        CompletionReference::prompt("p"),
        json!({ "type": "ref/prompt", "name": "p" }),
    );
    says(
        CompletionReference::resource("a:{b}"),
        json!({ "type": "ref/resource", "uri": "a:{b}" }),
    );
    says(
        CompleteResult::new(vec!["v".to_owned()]),
        json!({ "completion": { "values": ["v"] } }),
    );
    says(
        CancelledParams::new(7_i64.into()),
        json!({ "requestId": 7 }),
    );
}

/// SCH-A-04.
#[test]
fn a_schema_describes_an_object_if_its_root_says_so() {
    let none = JsonSchema::no_arguments();
    assert!(none.describes_object());
    says(
        none,
        json!({ "type": "object", "additionalProperties": false }),
    );
    for (schema, describes) in [
        (json!({ "type": "object" }), true),
        (json!({}), false),
        (json!({ "type": "array" }), false),
        (json!({ "type": ["object"] }), false),
    ] {
        let object = schema.as_object().cloned().expect("an object");
        let read = JsonSchema::from(object);
        assert_eq!(read.describes_object(), describes, "{schema}");
        says(read, schema);
    }
}

#[test]
fn meta_gives_back_what_was_put_into_it() {
    let mut meta = Meta::new();
    assert!(meta.is_empty());
    assert_eq!(meta.insert("a", 1), None);
    assert_eq!(meta.insert("a", 2), Some(json!(1)));
    assert!(!meta.is_empty());
    assert_eq!((meta.get("a"), meta.get("b")), (Some(&json!(2)), None));
    assert_eq!(Value::from(meta.as_object().clone()), json!({ "a": 2 }));
    assert_eq!(Meta::from(meta.as_object().clone()), meta);
    assert_eq!(meta.remove("b"), None);
    assert_eq!(meta.remove("a"), Some(json!(2)));
    assert!(meta.is_empty());
}

/// SUB-M-03: by type and by value.
#[test]
fn a_message_names_its_subscription_as_the_listen_request_did() {
    for id in [json!(7), json!("7")] {
        let mut meta = Meta::new();
        assert_eq!(meta.subscription_id(), None);
        meta.insert(Meta::SUBSCRIPTION_ID, id.clone());
        says(meta.subscription_id(), id);
    }
    assert_eq!(
        SubscriptionId::from(mcp_core::jsonrpc::RequestId::from("s")).0,
        "s".into()
    );
}

fn with_icons(icons: Value) -> Value {
    json!({ "name": "s", "version": "1", "icons": icons })
}

/// META-M-07, ICON-A-02: who the server is stands in `_meta`, or beside the rest as in drafts.
#[test]
fn a_discovered_server_names_itself_without_icons_that_no_client_may_load() {
    let safe = json!([{ "src": "https://example.com/i.png" }]);
    let both = json!([{ "src": "javascript:1" }, { "src": "https://example.com/i.png" }]);
    let expected: Implementation = serde_json::from_value(with_icons(safe)).unwrap();
    let discovered = |more: Value| {
        let mut result = json!({ "supportedVersions": [], "capabilities": {} });
        let members = result.as_object_mut().expect("an object");
        members.extend(more.as_object().cloned().expect("an object"));
        serde_json::from_value::<DiscoverResult>(result).expect("a result")
    };
    let told = json!({ "_meta": { Meta::SERVER_INFO: with_icons(both.clone()) } });
    assert_eq!(discovered(told).server_info(), Some(expected.clone()));
    let beside = json!({ "serverInfo": with_icons(both) });
    assert_eq!(discovered(beside).server_info(), Some(expected));
    assert_eq!(discovered(json!({})).server_info(), None);
}

/// ICON-A-02, fault 100.
#[test]
fn an_icon_is_loaded_over_https_or_from_its_own_text_alone() {
    for (src, is_safe) in [
        ("https://example.com/i.png", true),
        ("HTTPS://example.com/i.png", true),
        ("data:image/png;base64,aGk=", true),
        ("Data:,", true),
        ("http://example.com/i.png", false),
        ("file:///etc/passwd", false),
        ("javascript:alert(1)", false),
        ("https", false),
        ("", false),
    ] {
        assert_eq!(Icon::new(src).is_safe(), is_safe, "{src}");
    }
    let (good, bad) = (Icon::new("data:,"), Icon::new("file:///a"));
    let keep = |icons: &[&Icon]| {
        let mut icons = Some(icons.iter().copied().cloned().collect());
        let taken = Icon::keep_safe(&mut icons);
        (icons, taken)
    };
    assert_eq!(keep(&[&good]), (Some(vec![good.clone()]), vec![]));
    assert_eq!(
        keep(&[&bad, &good]),
        (Some(vec![good.clone()]), vec![bad.clone()])
    );
    assert_eq!(keep(&[&bad]), (None, vec![bad.clone()]));
    assert_eq!(Icon::keep_safe(&mut None), []);
}
