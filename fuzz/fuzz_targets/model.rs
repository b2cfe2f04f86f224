//! Our types of the model against the published schemas: whatever a schema allows is read, and what
//! was read is written as the schema allows.
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
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
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

/// The definitions of the schema, and the types that are theirs.
const TYPES: &[(&str, Again)] = &[
    ("CallToolRequestParams", again::<CallToolParams>),
    ("CallToolResult", lowered::<CallToolResult>),
    ("CancelledNotificationParams", again::<CancelledParams>),
    ("ClientCapabilities", again::<ClientCapabilities>),
    ("CompleteRequestParams", again::<CompleteParams>),
    ("CompleteResult", again::<CompleteResult>),
    ("ContentBlock", again::<ContentBlock>),
    ("DiscoverResult", again::<DiscoverResult>),
    ("ElicitRequestParams", again::<ElicitParams>),
    ("ElicitResult", again::<ElicitResult>),
    ("GetPromptRequestParams", again::<GetPromptParams>),
    ("GetPromptResult", lowered::<GetPromptResult>),
    ("InputRequiredResult", again::<InputRequired>),
    ("InputResponses", again::<InputResponses>),
    ("ListPromptsResult", lowered::<ListPromptsResult>),
    (
        "ListResourceTemplatesResult",
        lowered::<ListResourceTemplatesResult>,
    ),
    ("ListResourcesResult", lowered::<ListResourcesResult>),
    ("ListToolsResult", lowered::<ListToolsResult>),
    ("ProgressNotificationParams", again::<ProgressParams>),
    ("ReadResourceResult", lowered::<ReadResourceResult>),
    ("Resource", again::<Resource>),
    ("ServerCapabilities", again::<ServerCapabilities>),
    (
        "SubscriptionsListenRequestParams",
        again::<SubscriptionsListenParams>,
    ),
    ("Tool", again::<Tool>),
];

/// Whether something is named by a number that is an integer to the schema, and no id to us: one that
/// is written with a fraction, or takes more than 64 bits. No request of ours has such an id.
fn has_odd_id(value: &Value) -> bool {
    ["requestId", "progressToken"]
        .iter()
        .any(|name| value[*name].is_f64())
}

fuzz_target!(|data: &[u8]| {
    let ([which], text) = steering(data);
    let (name, again) = TYPES[usize::from(which.wrapping_sub(b'A')) % TYPES.len()];
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let _ = again(text);
    let names: Vec<&'static str> = TYPES.iter().map(|(name, _)| *name).collect();
    let (Some(oracle), Ok(value)) = (Oracle::of(&names), serde_json::from_str::<Value>(text))
    else {
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
});
