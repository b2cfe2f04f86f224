//! Log messages to the client. Deprecated in 2026-07-28, and functional in every revision.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{JsonObject, Meta};

/// How severe a log message is: the levels of RFC 5424, least severe first (LOG-A-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoggingLevel {
    /// For who looks for a fault.
    Debug,
    /// What happens in good order.
    Info,
    /// What happens in good order and matters.
    Notice,
    /// What may lead to a fault.
    Warning,
    /// A fault.
    Error,
    /// A fault of a part that others need.
    Critical,
    /// Somebody has to act at once.
    Alert,
    /// Nothing works.
    Emergency,
}

/// The parameters of `logging/setLevel` (LOG-L-03). Legacy revisions only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetLevelParams {
    /// The least severe level to send.
    pub level: LoggingLevel,
    /// What travels beside the parameters.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

/// The parameters of `notifications/message` (LOG-A-01).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoggingMessageParams {
    /// How severe it is.
    pub level: LoggingLevel,
    /// Which part of the server speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logger: Option<String>,
    /// The message: text or data.
    pub data: Value,
    /// What travels beside the parameters.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

impl LoggingMessageParams {
    /// A message of this level.
    pub fn new(level: LoggingLevel, data: impl Into<Value>) -> Self {
        Self {
            level,
            logger: None,
            data: data.into(),
            meta: None,
            extra: JsonObject::new(),
        }
    }
}
