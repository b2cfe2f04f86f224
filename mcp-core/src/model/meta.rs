//! `_meta`: what travels beside the members of a message, and the members every result has.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::open::open_string;
use super::{Implementation, JsonObject, ProgressToken, SubscriptionId};

/// The `_meta` of a message or a type: an open object (META-A-01).
///
/// Keys of your own need a prefix of your own: those whose second label is `modelcontextprotocol` or
/// `mcp`, such as the ones below, are the protocol's (META-A-02).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Meta(JsonObject);

impl Meta {
    /// Protocol version of a modern request (META-M-04).
    pub const PROTOCOL_VERSION: &'static str = "io.modelcontextprotocol/protocolVersion";
    /// The client's capabilities, on each modern request (META-M-04).
    pub const CLIENT_CAPABILITIES: &'static str = "io.modelcontextprotocol/clientCapabilities";
    /// The client's name and version, on a modern request (META-M-04).
    pub const CLIENT_INFO: &'static str = "io.modelcontextprotocol/clientInfo";
    /// The least severe level of log message a modern request asks for (LOG-M-02).
    pub const LOG_LEVEL: &'static str = "io.modelcontextprotocol/logLevel";
    /// The server's name and version, on a modern result (META-M-07).
    pub const SERVER_INFO: &'static str = "io.modelcontextprotocol/serverInfo";
    /// The subscription a modern notification belongs to (SUB-M-03).
    pub const SUBSCRIPTION_ID: &'static str = "io.modelcontextprotocol/subscriptionId";
    /// The task a message belongs to, 2025-11-25 only (TASK-L-03).
    pub const RELATED_TASK: &'static str = "io.modelcontextprotocol/related-task";
    /// Asks for progress notifications that carry this token (PROG-A-01).
    pub const PROGRESS_TOKEN: &'static str = "progressToken";
    /// W3C trace context (META-A-03).
    pub const TRACEPARENT: &'static str = "traceparent";
    /// W3C trace state (META-A-03).
    pub const TRACESTATE: &'static str = "tracestate";
    /// W3C baggage (META-A-03).
    pub const BAGGAGE: &'static str = "baggage";

    /// An empty `_meta`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Sets `key`, and returns what it held before.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        self.0.insert(key.into(), value.into())
    }

    /// Removes `key`, and returns what it held.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All keys and values.
    pub fn as_object(&self) -> &JsonObject {
        &self.0
    }

    /// The progress token, when there is a well-formed one (PROG-A-01).
    pub fn progress_token(&self) -> Option<ProgressToken> {
        self.read(Self::PROGRESS_TOKEN)
    }

    /// The subscription this message belongs to (SUB-M-03).
    pub fn subscription_id(&self) -> Option<SubscriptionId> {
        self.read(Self::SUBSCRIPTION_ID)
    }

    /// The server's name and version as a modern result carries them (META-M-07).
    pub fn server_info(&self) -> Option<Implementation> {
        self.read(Self::SERVER_INFO)
    }

    fn read<T: for<'de> Deserialize<'de>>(&self, key: &str) -> Option<T> {
        T::deserialize(self.0.get(key)?).ok()
    }
}

impl From<JsonObject> for Meta {
    fn from(object: JsonObject) -> Self {
        Self(object)
    }
}

open_string! {
    /// What a modern result is (RPC-M-07). Absent means complete (RPC-M-08).
    ResultType {
        /// The request is answered.
        COMPLETE = "complete";
        /// The server needs input before it can answer (MRTR-M-02).
        INPUT_REQUIRED = "input_required";
    }
}

/// Parameters that are nothing but `_meta`: those of `server/discover`, `ping`, `roots/list`, and
/// of every `list_changed` notification.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MetaParams {
    /// What travels beside the parameters.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

/// A result that says nothing but "done".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EmptyResult {
    /// What travels beside the result.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Modern only; absent in what a handler returns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_type: Option<ResultType>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}
