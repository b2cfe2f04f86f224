//! Our types of the model against the published schemas, and against the types of rust-mcp-schema that
//! are made from them: whatever a schema allows, or their type takes, is read by ours, and what was
//! read is written as the schema allows and says the same to their type.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mcp_core::Revision;
use mcp_core::model::{
    CallToolParams, CallToolResult, CancelledParams, ClientCapabilities, CompleteParams,
    CompleteResult, ContentBlock, DiscoverResult, ElicitParams, ElicitResult, GetPromptParams,
    GetPromptResult, InputRequired, InputResponses, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, Lower, ProgressParams, ReadResourceResult, Resource,
    ServerCapabilities, SubscriptionsListenParams, Tool,
};
use rust_mcp_schema as peer;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, from_value, to_value};
use toolwright_fuzz::oracle::Oracle;
use toolwright_fuzz::{mutate_json, steering};

mutate_json!();

/// Reads a text as some type, and writes it again.
type Again = fn(&str) -> serde_json::Result<Value>;

fn again<T: DeserializeOwned + Serialize>(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str::<T>(text).map(|value| serde_json::to_value(value).expect("JSON"))
}

/// The same, which is lowered to every revision on the way.
fn lowered<T: DeserializeOwned + Serialize + Lower + Clone>(
    text: &str,
) -> serde_json::Result<Value> {
    let value: T = serde_json::from_str(text)?;
    for revision in Revision::ALL {
        let mut lowered = value.clone();
        lowered.lower(revision);
        serde_json::to_value(&lowered).expect("JSON");
    }
    Ok(serde_json::to_value(value).expect("JSON"))
}

/// What a type of the peer's takes from a value, as it writes it.
type Peer = fn(&Value) -> Option<Value>;

fn peer<T: DeserializeOwned + Serialize>(value: &Value) -> Option<Value> {
    let taken: T = from_value(value.clone()).ok()?;
    Some(to_value(taken).expect("JSON"))
}

/// The definitions of the schema, the types that are theirs, and those of the peer.
const TYPES: &[(&str, Again, Peer)] = &[
    (
        "CallToolRequestParams",
        again::<CallToolParams>,
        peer::<peer::CallToolRequestParams>,
    ),
    (
        "CallToolResult",
        lowered::<CallToolResult>,
        peer::<peer::CallToolResult>,
    ),
    (
        "CancelledNotificationParams",
        again::<CancelledParams>,
        peer::<peer::CancelledNotificationParams>,
    ),
    (
        "ClientCapabilities",
        again::<ClientCapabilities>,
        peer::<peer::ClientCapabilities>,
    ),
    (
        "CompleteRequestParams",
        again::<CompleteParams>,
        peer::<peer::CompleteRequestParams>,
    ),
    (
        "CompleteResult",
        again::<CompleteResult>,
        peer::<peer::CompleteResult>,
    ),
    (
        "ContentBlock",
        again::<ContentBlock>,
        peer::<peer::ContentBlock>,
    ),
    (
        "DiscoverResult",
        again::<DiscoverResult>,
        peer::<peer::DiscoverResult>,
    ),
    (
        "ElicitRequestParams",
        again::<ElicitParams>,
        peer::<peer::ElicitRequestParams>,
    ),
    (
        "ElicitResult",
        again::<ElicitResult>,
        peer::<peer::ElicitResult>,
    ),
    (
        "GetPromptRequestParams",
        again::<GetPromptParams>,
        peer::<peer::GetPromptRequestParams>,
    ),
    (
        "GetPromptResult",
        lowered::<GetPromptResult>,
        peer::<peer::GetPromptResult>,
    ),
    (
        "InputRequiredResult",
        again::<InputRequired>,
        peer::<peer::InputRequiredResult>,
    ),
    (
        "InputResponses",
        again::<InputResponses>,
        peer::<peer::InputResponses>,
    ),
    (
        "ListPromptsResult",
        lowered::<ListPromptsResult>,
        peer::<peer::ListPromptsResult>,
    ),
    (
        "ListResourceTemplatesResult",
        lowered::<ListResourceTemplatesResult>,
        peer::<peer::ListResourceTemplatesResult>,
    ),
    (
        "ListResourcesResult",
        lowered::<ListResourcesResult>,
        peer::<peer::ListResourcesResult>,
    ),
    (
        "ListToolsResult",
        lowered::<ListToolsResult>,
        peer::<peer::ListToolsResult>,
    ),
    (
        "ProgressNotificationParams",
        again::<ProgressParams>,
        peer::<peer::ProgressNotificationParams>,
    ),
    (
        "ReadResourceResult",
        lowered::<ReadResourceResult>,
        peer::<peer::ReadResourceResult>,
    ),
    ("Resource", again::<Resource>, peer::<peer::Resource>),
    (
        "ServerCapabilities",
        again::<ServerCapabilities>,
        peer::<peer::ServerCapabilities>,
    ),
    (
        "SubscriptionsListenRequestParams",
        again::<SubscriptionsListenParams>,
        peer::<peer::SubscriptionsListenRequestParams>,
    ),
    ("Tool", again::<Tool>, peer::<peer::Tool>),
];

/// Whether something is named by a number that is an integer to the schema, and no id to us: one that
/// is written with a fraction, or takes more than 64 bits. No request of ours has such an id.
fn has_odd_id(value: &Value) -> bool {
    ["requestId", "progressToken"]
        .iter()
        .any(|name| value[*name].is_f64())
}

/// Whether no array was taken for an object, which serde lets a derived type do and no schema.
fn is_shaped_as(meant: &Value, value: &Value) -> bool {
    match (meant, value) {
        (Value::Object(meant), Value::Object(members)) => meant.iter().all(|(name, meant)| {
            let value = members.get(name);
            value.is_none_or(|value| is_shaped_as(meant, value))
        }),
        (Value::Array(meant), Value::Array(items)) => {
            let mut pairs = meant.iter().zip(items);
            pairs.all(|(meant, value)| is_shaped_as(meant, value))
        }
        (Value::Object(_), Value::Array(_)) => false,
        _ => true,
    }
}

/// Holds our type against the peer's, which takes `meant` from `value`.
fn same_to_peer(name: &str, value: &Value, again: Again, peer: Peer, meant: &Value) {
    let written = match again(&value.to_string()) {
        Ok(written) => written,
        Err(error) => panic!("{name} is not read: {error}\n{value}"),
    };
    let heard = peer(&written);
    assert_eq!(
        heard.as_ref(),
        Some(meant),
        "{name} is written as {written}\n{value}"
    );
}

/// The judge of all of them.
fn oracle() -> Option<&'static Oracle> {
    let names: Vec<&'static str> = TYPES.iter().map(|(name, ..)| *name).collect();
    Oracle::of(&names)
}

fn hold(data: &[u8]) {
    let ([which], text) = steering(data);
    let (name, again, peer) = TYPES[usize::from(which.wrapping_sub(b'A')) % TYPES.len()];
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let _ = again(text);
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return;
    };
    if let Some(meant) = peer(&value).filter(|meant| is_shaped_as(meant, &value)) {
        same_to_peer(name, &value, again, peer, &meant);
    }
    let Some(oracle) = oracle() else {
        return;
    };
    if has_odd_id(&value) || !oracle.allows(name, &value) {
        return;
    }
    // A member that stands there twice is refused by us, and none of the schema's business.
    match again(&value.to_string()) {
        // A question of one mode may have members of the other, which the schema does not look at then.
        Err(_) if ["ElicitRequestParams", "InputRequiredResult"].contains(&name) => {}
        Err(error) => panic!("{name} is not read: {error}\n{text}"),
        Ok(written) => {
            let objection = oracle.objection(name, &written);
            assert_eq!(objection, None, "{name} is written as {written}\n{text}");
        }
    }
}

fuzz_target!(
    init: {
        // It takes longer to make than an input may take.
        oracle();
    },
    |data: &[u8]| hold(data)
);
