//! Tasks of 2025-11-25, as far as a tool's description and its call mention them (TASK-L-01).

use serde::{Deserialize, Serialize};

use crate::model::JsonObject;
use crate::model::integer;

/// Asks to run a request as a task (TASK-L-02).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskParams {
    /// How long the task should be kept, in milliseconds.
    #[serde(
        default,
        deserialize_with = "integer::count",
        skip_serializing_if = "Option::is_none"
    )]
    pub ttl: Option<u64>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}
