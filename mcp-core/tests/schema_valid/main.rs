//! What is written for a revision is valid by that revision's schema, and says nothing the
//! revision does not know.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/oracle.rs"]
mod oracle;
mod questions;
#[path = "../common/rich.rs"]
mod rich;

use mcp_core::model::{
    CallToolParams, CallToolResult, ClientCapabilities, CompleteParams, CompleteResult,
    DiscoverResult, EmptyResult, GetPromptParams, GetPromptResult, Implementation,
    InitializeParams, InitializeResult, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, ProgressParams, Prompt, ReadResourceParams,
    ReadResourceResult, Resource, ResourceTemplate, ServerCapabilities, Tool,
};
use mcp_core::{Era, Revision};
use oracle::{Schema, each, has, since};
use rich::{blocks, cacheable, complete, contents, page, prompt, resource, template, tool};
use serde_json::{Value, json};

const MARCH: Revision = Revision::V2025_03_26;
const JUNE: Revision = Revision::V2025_06_18;
const NOVEMBER: Revision = Revision::V2025_11_25;
const MODERN: Revision = Revision::V2026_07_28;

#[test]
fn every_schema_refuses_a_tool_without_name() {
    let Some(spec) = common::spec_dir() else {
        common::left_out("the validation against 5 schemas of what 16 tests write");
        return;
    };
    for revision in Revision::ALL {
        let nameless = json!({ "inputSchema": { "type": "object" } });
        let errors = Schema::read(&spec, revision).errors("Tool", &nameless);
        assert_eq!(errors.map(|errors| errors.len()), Some(1));
    }
}

fn object_schema() -> Value {
    json!({ "type": "object", "properties": { "sum": { "type": "integer" }, "any": true } })
}

#[test]
fn a_tool_says_what_each_revision_knows() {
    each::<Tool>("Tool", tool(&object_schema()), |revision, written| {
        since(MARCH, revision, written, &["annotations", "readOnlyHint"]);
        since(JUNE, revision, written, &["outputSchema", "_meta"]);
        since(NOVEMBER, revision, written, &["icons"]);
        assert_eq!(has(written, "execution"), revision == NOVEMBER);
        assert_eq!(written.get("title").is_some(), revision >= JUNE);
        let schema = &written["inputSchema"];
        assert_eq!(schema["properties"]["a"]["x-kept"], json!([1]));
        let (any, none) = match revision.era() {
            Era::Modern => (json!(true), json!(false)),
            Era::Legacy => (json!({}), json!({ "not": {} })),
        };
        assert_eq!(schema["properties"]["any"], any, "{revision}");
        assert_eq!(schema["properties"]["none"], none, "{revision}");
    });
}

#[test]
fn an_output_schema_of_another_type_is_for_the_modern_era_alone() {
    each::<Tool>(
        "Tool",
        tool(&json!({ "type": "array" })),
        |revision, written| {
            since(MODERN, revision, written, &["outputSchema"]);
        },
    );
}

#[test]
fn a_title_becomes_an_annotation_where_tools_have_no_title() {
    let untitled = json!({ "name": "add", "title": "Add", "inputSchema": { "type": "object" } });
    each::<Tool>("Tool", untitled, |revision, written| {
        let annotated = written.pointer("/annotations/title");
        assert_eq!(annotated == Some(&json!("Add")), revision == MARCH);
    });
}

#[test]
fn a_tool_result_says_what_each_revision_knows() {
    let result = complete(json!({ "content": blocks(), "isError": true,
        "structuredContent": { "sum": 3 } }));
    each::<CallToolResult>("CallToolResult", result, |revision, written| {
        since(
            JUNE,
            revision,
            written,
            &["structuredContent", "lastModified"],
        );
        since(NOVEMBER, revision, written, &["icons"]);
        since(MODERN, revision, written, &["resultType"]);
        assert_eq!(written["content"].as_array().map(Vec::len), Some(6));
        let types = |tag: &str| written["content"].to_string().contains(tag);
        assert_eq!(types("\"audio\""), revision >= MARCH);
        assert_eq!(types("\"resource_link\""), revision >= JUNE);
        assert_eq!(has(&written["content"], "_meta"), revision >= JUNE);
        assert_eq!(written["_meta"]["com.example/k"], 1);
        let server = "io.modelcontextprotocol/serverInfo";
        since(MODERN, revision, written, &[server]);
    });
}

#[test]
fn what_cannot_be_data_is_text() {
    for (data, first) in [
        (json!({ "a": 1 }), JUNE),
        (json!([1]), MODERN),
        (json!(null), MODERN),
    ] {
        let result = complete(json!({ "content": [], "structuredContent": data }));
        each::<CallToolResult>("CallToolResult", result, |revision, written| {
            since(first, revision, written, &["structuredContent"]);
            if revision < first {
                let text = json!([{ "type": "text", "text": data.to_string() }]);
                assert_eq!(written["content"], text);
            }
        });
    }
}

#[test]
fn a_block_without_a_type_in_the_revision_is_described() {
    each::<CallToolResult>(
        "CallToolResult",
        complete(json!({ "content": blocks() })),
        |revision, written| {
            if revision == Revision::V2024_11_05 {
                let text = |index: usize| written["content"][index]["text"].clone();
                assert_eq!(text(2), "[Audio of type audio/wav was left out]");
                assert_eq!(text(3), "[Resource A: file:///a] The first");
            }
            for block in written["content"].as_array().into_iter().flatten().take(4) {
                assert_eq!(block["annotations"]["priority"], 0.5, "{revision}: {block}");
            }
        },
    );
}

#[test]
fn prompts_say_what_each_revision_knows() {
    let also = |revision, written: &Value| {
        since(JUNE, revision, written, &["title"]);
        since(NOVEMBER, revision, written, &["icons"]);
    };
    each::<Prompt>("Prompt", prompt(), also);
    each::<ListPromptsResult>(
        "ListPromptsResult",
        page(json!({ "prompts": [prompt()] })),
        also,
    );
    for block in blocks().as_array().expect("a list").clone() {
        let result = json!({ "description": "d",
            "messages": [{ "role": "user", "content": block }] });
        each::<GetPromptResult>("GetPromptResult", complete(result), |revision, written| {
            since(MODERN, revision, written, &["resultType"]);
        });
    }
}

#[test]
fn resources_say_what_each_revision_knows() {
    let also = |revision, written: &Value| {
        since(JUNE, revision, written, &["title", "lastModified"]);
        since(NOVEMBER, revision, written, &["icons"]);
    };
    each::<Resource>("Resource", resource(), also);
    each::<ResourceTemplate>("ResourceTemplate", template(), also);
    let list = page(json!({ "resources": [resource()] }));
    each::<ListResourcesResult>("ListResourcesResult", list, also);
    let list = page(json!({ "resourceTemplates": [template()] }));
    each::<ListResourceTemplatesResult>("ListResourceTemplatesResult", list, also);
    let result = cacheable(json!({ "contents": contents() }));
    each::<ReadResourceResult>("ReadResourceResult", result, |revision, written| {
        since(
            MODERN,
            revision,
            written,
            &["resultType", "ttlMs", "cacheScope"],
        );
        assert_eq!(has(&written["contents"], "_meta"), revision >= JUNE);
    });
}

#[test]
fn a_list_of_tools_carries_cache_hints_in_the_modern_era_alone() {
    let list = page(json!({ "tools": [tool(&object_schema())] }));
    each::<ListToolsResult>("ListToolsResult", list, |revision, written| {
        since(
            MODERN,
            revision,
            written,
            &["resultType", "ttlMs", "cacheScope"],
        );
        assert_eq!(written["nextCursor"], "next");
        assert_eq!(written["_meta"]["com.example/k"], 1);
    });
}

#[test]
fn completion_says_what_each_revision_knows() {
    let result =
        complete(json!({ "completion": { "values": ["a"], "total": 3, "hasMore": true } }));
    each::<CompleteResult>("CompleteResult", result, |revision, written| {
        since(MODERN, revision, written, &["resultType"]);
    });
    let params = request(
        json!({ "ref": { "type": "ref/prompt", "name": "p", "title": "P" },
        "argument": { "name": "a", "value": "v" }, "context": { "arguments": { "b": "c" } } }),
    );
    each::<CompleteParams>("CompleteRequestParams", params, |revision, written| {
        since(JUNE, revision, written, &["context", "title"]);
    });
}

/// The `_meta` of a modern request, added to `params`.
fn request(mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": { "name": "c", "version": "1" },
        "io.modelcontextprotocol/logLevel": "debug",
        "progressToken": 7,
    });
    params
}

#[test]
fn a_result_that_says_nothing_says_so_as_each_revision_does() {
    each::<EmptyResult>("EmptyResult", complete(json!({})), |revision, written| {
        let server = "io.modelcontextprotocol/serverInfo";
        since(MODERN, revision, written, &["resultType", server]);
        assert_eq!(written["_meta"]["com.example/k"], 1);
    });
}

#[test]
fn requests_say_what_each_revision_knows() {
    let also = |revision: Revision, written: &Value| {
        since(
            MODERN,
            revision,
            written,
            &["requestState", "inputResponses"],
        );
        since(
            MODERN,
            revision,
            written,
            &["io.modelcontextprotocol/protocolVersion"],
        );
        assert_eq!(
            has(written, "task"),
            revision == NOVEMBER && written["uri"].is_null()
        );
        assert_eq!(written["_meta"]["progressToken"], 7);
    };
    let retry = json!({ "q": { "action": "decline" } });
    let call = json!({ "name": "t", "arguments": { "a": 1 }, "task": { "ttl": 1000 },
        "inputResponses": retry, "requestState": "s" });
    each::<CallToolParams>("CallToolRequestParams", request(call), also);
    let read = json!({ "uri": "file:///a", "inputResponses": retry, "requestState": "s" });
    each::<ReadResourceParams>("ReadResourceRequestParams", request(read), also);
    let get = json!({ "name": "p", "arguments": { "a": "b" }, "inputResponses": retry,
        "requestState": "s" });
    each::<GetPromptParams>(
        "GetPromptRequestParams",
        request(get),
        |revision, written| {
            since(
                MODERN,
                revision,
                written,
                &["requestState", "inputResponses"],
            );
        },
    );
}

#[test]
fn a_handshake_says_what_each_revision_knows() {
    let result = json!({ "protocolVersion": "2025-11-25",
        "capabilities": rich::server_capabilities(), "serverInfo": rich::implementation(),
        "instructions": "Use it", "_meta": { "com.example/k": 1 } });
    each::<InitializeResult>("InitializeResult", result, |revision, written| {
        since(MARCH, revision, written, &["completions"]);
        since(JUNE, revision, written, &["title"]);
        since(
            NOVEMBER,
            revision,
            written,
            &["icons", "websiteUrl", "description"],
        );
        assert!(has(written, "extensions"), "EXT-A-01 for {revision}");
    });
    let params = json!({ "protocolVersion": "2025-11-25",
        "capabilities": rich::client_capabilities(), "clientInfo": rich::implementation() });
    each::<InitializeParams>("InitializeRequestParams", params, |revision, written| {
        since(JUNE, revision, written, &["elicitation"]);
        since(
            NOVEMBER,
            revision,
            written,
            &["form", "url", "context", "tools"],
        );
        assert_eq!(has(written, "listChanged"), revision.era() == Era::Legacy);
    });
    each::<Implementation>(
        "Implementation",
        rich::implementation(),
        |revision, written| {
            since(JUNE, revision, written, &["title"]);
        },
    );
}

#[test]
fn discovery_and_capabilities_are_valid() {
    let result = cacheable(json!({ "supportedVersions": ["2026-07-28"],
        "capabilities": rich::server_capabilities(), "instructions": "Use it" }));
    each::<DiscoverResult>("DiscoverResult", result, |_, _| {});
    each::<ServerCapabilities>("ServerCapabilities", rich::server_capabilities(), |_, _| {});
    each::<ClientCapabilities>("ClientCapabilities", rich::client_capabilities(), |_, _| {});
}

#[test]
fn progress_has_a_message_since_2025_03_26() {
    let params = json!({ "progressToken": "t", "progress": 0.5, "total": 1, "message": "half",
        "_meta": { "com.example/k": 1 } });
    each::<ProgressParams>("ProgressNotificationParams", params, |revision, written| {
        since(MARCH, revision, written, &["message"]);
    });
}
