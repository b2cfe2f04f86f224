//! Subscribing to single resources, as the legacy revisions do.

use serde::{Deserialize, Serialize};

use crate::model::{JsonObject, Meta};

/// The parameters of `resources/subscribe` and `resources/unsubscribe` (SUB-L-10).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscribeParams {
    /// The resource.
    pub uri: String,
    /// What travels beside the parameters.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}
