//! Every example of the specification is read into the type it belongs to and written again.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use mcp_core::jsonrpc::{self, ErrorObject, Frame, Message, encode};
use mcp_core::model::legacy::{
    CreateMessageParams, CreateMessageResult, ListRootsResult, LoggingMessageParams,
    ModelPreferences, Root, SamplingBlock, SamplingMessage,
};
use mcp_core::model::{
    CallToolParams, CallToolResult, CancelledParams, ClientCapabilities, CompleteParams,
    CompleteResult, ContentBlock, DiscoverResult, ElicitParams, ElicitResult, EmptyResult,
    FieldSchema, GetPromptParams, GetPromptResult, InputRequest, InputRequests, InputRequired,
    InputResponses, ListParams, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, MetaParams, ProgressParams, ReadResourceParams,
    ReadResourceResult, Resource, ResourceContents, ResourceUpdatedParams, ServerCapabilities,
    SubscriptionsAcknowledgedParams, SubscriptionsListenParams, Tool,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

/// How the examples of a folder are read and written again.
type Again = fn(&str) -> String;

/// The example, read as `T` and written again.
fn value<T: DeserializeOwned + Serialize>(text: &str) -> String {
    let read: T = serde_json::from_str(text).expect("the example is of its type");
    serde_json::to_string(&read).expect("a model value serialises")
}

/// The example, a whole message with `T` in its `params` or `result`, read and written again.
fn message<T: DeserializeOwned + Serialize>(text: &str) -> String {
    let Ok(Frame::Single(message)) = jsonrpc::decode(text.as_bytes(), 1) else {
        panic!("the example is a message");
    };
    let again = |raw: Option<&RawValue>| -> Option<T> {
        raw.map(|raw| serde_json::from_str(raw.get()).expect("the contents are of their type"))
    };
    let mut bytes = Vec::new();
    match message {
        Message::Request(request) => {
            let params = again(request.params);
            encode::request(&mut bytes, &request.id, &request.method, params.as_ref());
        }
        Message::Notification(notification) => {
            let params = again(notification.params);
            encode::notification(&mut bytes, &notification.method, params.as_ref());
        }
        Message::Response(response) => match response.outcome {
            Ok(raw) => {
                let result = value::<T>(raw.get());
                encode::response_raw(&mut bytes, &response.id.expect("an id"), &result);
            }
            Err(error) => encode::error(&mut bytes, response.id.as_ref(), &error),
        },
    }
    String::from_utf8(bytes).expect("JSON is text")
}

/// The type that the examples of `folder` belong to.
fn again(folder: &str) -> Option<Again> {
    Some(match folder {
        "AudioContent" | "EmbeddedResource" | "ImageContent" | "ResourceLink" | "TextContent" => {
            value::<ContentBlock>
        }
        "BlobResourceContents" | "TextResourceContents" => value::<ResourceContents>,
        "BooleanSchema"
        | "NumberSchema"
        | "StringSchema"
        | "TitledMultiSelectEnumSchema"
        | "TitledSingleSelectEnumSchema"
        | "UntitledMultiSelectEnumSchema"
        | "UntitledSingleSelectEnumSchema" => value::<FieldSchema>,
        "CallToolRequestParams" => value::<CallToolParams>,
        "CallToolResult" => value::<CallToolResult>,
        "CancelledNotificationParams" => value::<CancelledParams>,
        "ClientCapabilities" => value::<ClientCapabilities>,
        "CompleteRequestParams" => value::<CompleteParams>,
        "CompleteResult" => value::<CompleteResult>,
        "CreateMessageRequest" | "ElicitRequest" | "ListRootsRequest" => value::<InputRequest>,
        "CreateMessageRequestParams" => value::<CreateMessageParams>,
        "CreateMessageResult" => value::<CreateMessageResult>,
        "DiscoverResult" => value::<DiscoverResult>,
        "ElicitRequestFormParams" | "ElicitRequestURLParams" => value::<ElicitParams>,
        "ElicitResult" => value::<ElicitResult>,
        "GetPromptRequestParams" => value::<GetPromptParams>,
        "GetPromptResult" => value::<GetPromptResult>,
        "InputRequests" => value::<InputRequests>,
        "InputRequiredResult" => value::<InputRequired>,
        "InputResponses" => value::<InputResponses>,
        "InternalError" | "InvalidParamsError" | "MethodNotFoundError" | "ParseError" => {
            value::<ErrorObject>
        }
        "ListPromptsResult" => value::<ListPromptsResult>,
        "ListResourceTemplatesResult" => value::<ListResourceTemplatesResult>,
        "ListResourcesResult" => value::<ListResourcesResult>,
        "ListRootsResult" => value::<ListRootsResult>,
        "ListToolsResult" => value::<ListToolsResult>,
        "LoggingMessageNotificationParams" => value::<LoggingMessageParams>,
        "ModelPreferences" => value::<ModelPreferences>,
        "PaginatedRequestParams" => value::<ListParams>,
        "ProgressNotificationParams" => value::<ProgressParams>,
        "ReadResourceResult" => value::<ReadResourceResult>,
        "Resource" => value::<Resource>,
        "ResourceUpdatedNotificationParams" => value::<ResourceUpdatedParams>,
        "Root" => value::<Root>,
        "SamplingMessage" => value::<SamplingMessage>,
        "ServerCapabilities" => value::<ServerCapabilities>,
        "SubscriptionsListenResult" => value::<EmptyResult>,
        "Tool" => value::<Tool>,
        "ToolResultContent" | "ToolUseContent" => value::<SamplingBlock>,
        _ => return message_again(folder),
    })
}

/// The contents of the whole messages in `folder`.
fn message_again(folder: &str) -> Option<Again> {
    Some(match folder {
        "CallToolRequest" => message::<CallToolParams>,
        "CallToolResultResponse" => message::<CallToolResult>,
        "CancelledNotification" => message::<CancelledParams>,
        "CompleteRequest" => message::<CompleteParams>,
        "CompleteResultResponse" => message::<CompleteResult>,
        "DiscoverRequest"
        | "PromptListChangedNotification"
        | "ResourceListChangedNotification"
        | "ToolListChangedNotification" => message::<MetaParams>,
        "DiscoverResultResponse" => message::<DiscoverResult>,
        "GetPromptRequest" => message::<GetPromptParams>,
        "GetPromptResultResponse" => message::<GetPromptResult>,
        "HeaderMismatchError"
        | "MissingRequiredClientCapabilityError"
        | "SubscriptionsListenResultResponse"
        | "UnsupportedProtocolVersionError" => message::<EmptyResult>,
        "ListPromptsRequest"
        | "ListResourceTemplatesRequest"
        | "ListResourcesRequest"
        | "ListToolsRequest" => message::<ListParams>,
        "ListPromptsResultResponse" => message::<ListPromptsResult>,
        "ListResourceTemplatesResultResponse" => message::<ListResourceTemplatesResult>,
        "ListResourcesResultResponse" => message::<ListResourcesResult>,
        "ListToolsResultResponse" => message::<ListToolsResult>,
        "LoggingMessageNotification" => message::<LoggingMessageParams>,
        "ProgressNotification" => message::<ProgressParams>,
        "ReadResourceRequest" => message::<ReadResourceParams>,
        "ReadResourceResultResponse" => message::<ReadResourceResult>,
        "ResourceUpdatedNotification" => message::<ResourceUpdatedParams>,
        "SubscriptionsAcknowledgedNotification" => message::<SubscriptionsAcknowledgedParams>,
        "SubscriptionsListenRequest" => message::<SubscriptionsListenParams>,
        _ => return None,
    })
}

/// How many examples the specification has.
const EXAMPLES: usize = 129;

#[test]
fn every_example_of_the_specification_is_written_as_it_was_read() {
    let Some(spec) = common::spec_dir() else {
        common::left_out(&format!("{EXAMPLES} examples of the specification"));
        return;
    };
    let mut seen = 0;
    for folder in entries(&spec.join("examples")) {
        let name = folder.file_name().expect("a folder has a name");
        let name = name.to_str().expect("type names are ASCII");
        let again = again(name).unwrap_or_else(|| panic!("no type is known for {name}"));
        for path in entries(&folder) {
            let mut example = common::read_json(&path);
            if name == "ListRootsRequest" {
                // The example has an id, which an input request does not have (MRTR-M-03).
                example.as_object_mut().expect("an object").remove("id");
            }
            let text = fs::read_to_string(&path).expect("an example can be read");
            let written: Value = serde_json::from_str(&again(&text)).expect("we write JSON");
            assert_eq!(written, example, "{}", path.display());
            seen += 1;
        }
    }
    assert_eq!(seen, EXAMPLES, "examples of the specification");
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<_> = read.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}
