//! Tools: what `tools/list` shows and `tools/call` carries.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::legacy::TaskParams;
use super::object::present;
use super::open::open_string;
use super::{ContentBlock, Icon, InputResponses, JsonObject, JsonSchema, Meta, ResultType};
use crate::jsonrpc::encode;

/// A function a model can call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// Its unique name (TOOL-A-02).
    pub name: String,
    /// The name a person reads (TOOL-A-03). 2025-06-18 and later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it does, for the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its arguments: a schema of the root type `object` (SCH-A-04).
    pub input_schema: JsonSchema,
    /// Its structured result (TOOL-A-06). 2025-06-18 and later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<JsonSchema>,
    /// Hints about its behaviour. 2025-03-26 and later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<ToolAnnotations>,
    /// How it runs (TOOL-L-09). 2025-11-25 only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<ToolExecution>,
    /// Pictures for it. 2025-11-25 and later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icons: Option<Vec<Icon>>,
    /// What travels beside it. 2025-06-18 and later.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

impl Tool {
    /// A tool of this name that takes arguments of this schema.
    pub fn new(name: impl Into<String>, input_schema: impl Into<JsonSchema>) -> Self {
        Self {
            name: name.into(),
            input_schema: input_schema.into(),
            ..Self::default()
        }
    }

    /// What to show a person: `title`, else the title among the annotations, else the name
    /// (TOOL-A-03).
    pub fn display_name(&self) -> &str {
        let annotated = || self.annotations.as_ref()?.title.as_deref();
        self.title
            .as_deref()
            .or_else(annotated)
            .unwrap_or(&self.name)
    }
}

/// Hints about a tool, not to be trusted from an untrusted server (TOOL-A-04).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolAnnotations {
    /// The name a person reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// It changes nothing. Absent means false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only_hint: Option<bool>,
    /// Its changes may destroy. Absent means true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destructive_hint: Option<bool>,
    /// A second equal call changes nothing more. Absent means false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotent_hint: Option<bool>,
    /// It reaches the world outside. Absent means true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_world_hint: Option<bool>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

/// How a tool runs. 2025-11-25 only (TOOL-L-09).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolExecution {
    /// Whether it can be called as a task. Absent means forbidden (TASK-L-01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_support: Option<TaskSupport>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

open_string! {
    /// Whether a tool can be called as a task (TASK-L-01).
    TaskSupport {
        /// Never as a task.
        FORBIDDEN = "forbidden";
        /// Either way.
        OPTIONAL = "optional";
        /// Only as a task.
        REQUIRED = "required";
    }
}

/// The parameters of `tools/call`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallToolParams {
    /// The tool's name.
    pub name: String,
    /// Its arguments. Absent means none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<JsonObject>,
    /// Answers to what the server asked before (MRTR-M-05). Modern only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_responses: Option<InputResponses>,
    /// The server's state, returned unread (MRTR-M-06). Modern only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_state: Option<String>,
    /// Asks for a task (TASK-L-02). 2025-11-25 only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskParams>,
    /// What travels beside the parameters.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

impl CallToolParams {
    /// A call of this tool without arguments.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}

/// What a tool answers (TOOL-A-05). A failure the model should read is a result with `isError`
/// (TOOL-A-07).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallToolResult {
    /// The answer as content.
    #[serde(default)]
    pub content: Vec<ContentBlock>,
    /// The answer as data (TOOL-A-06): any JSON value, `null` included; an object in the legacy
    /// revisions that have it.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub structured_content: Option<Value>,
    /// Whether the tool failed. Absent means it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_error: Option<bool>,
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

impl CallToolResult {
    /// These blocks.
    pub fn new(content: Vec<ContentBlock>) -> Self {
        Self {
            content,
            ..Self::default()
        }
    }

    /// One block of text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(vec![ContentBlock::text(text)])
    }

    /// A failure that the model reads (TOOL-A-07).
    pub fn error(text: impl Into<String>) -> Self {
        Self {
            is_error: Some(true),
            ..Self::text(text)
        }
    }

    /// Data, and its JSON as text for who reads only that (TOOL-A-06).
    pub fn structured(value: Value) -> Self {
        Self {
            content: vec![ContentBlock::text(encode::text(&value))],
            structured_content: Some(value),
            ..Self::default()
        }
    }
}
