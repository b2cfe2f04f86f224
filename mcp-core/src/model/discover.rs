//! `server/discover`: what a modern server says about itself.

use serde::{Deserialize, Serialize};

use super::integer;
use super::{CacheScope, Implementation, JsonObject, Meta, ResultType, ServerCapabilities};
use crate::ProtocolVersion;

/// What `server/discover` answers (DISC-M-01). The server's name and version stand in `_meta`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscoverResult {
    /// The versions the server speaks.
    pub supported_versions: Vec<ProtocolVersion>,
    /// What it offers.
    pub capabilities: ServerCapabilities,
    /// How to use it, for the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Milliseconds this stays fresh (CCH-M-01). Modern only.
    #[serde(
        default,
        deserialize_with = "integer::duration",
        skip_serializing_if = "Option::is_none"
    )]
    pub ttl_ms: Option<i64>,
    /// Who may share a cached copy (CCH-M-01). Modern only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_scope: Option<CacheScope>,
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

impl DiscoverResult {
    /// Who the server says it is (META-M-07), without icons that no client may load. Drafts had it
    /// beside the versions and not in `_meta`; that is read as well.
    pub fn server_info(&self) -> Option<Implementation> {
        let beside = || serde_json::from_value(self.extra.get("serverInfo")?.clone()).ok();
        let told = self.meta.as_ref().and_then(Meta::server_info);
        told.or_else(beside).map(Implementation::with_safe_icons)
    }
}
