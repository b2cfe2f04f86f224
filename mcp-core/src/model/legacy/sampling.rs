//! Sampling: a server asks the client's model. Deprecated in 2026-07-28.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::model::integer;
use crate::model::object::{present, rest, take_tag};
use crate::model::open::open_string;
use crate::model::{ContentBlock, JsonObject, MediaContent, Meta, Role, TextContent, Tool};

use super::TaskParams;

/// The parameters of `sampling/createMessage` (SMP-A-02).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateMessageParams {
    /// The conversation so far.
    pub messages: Vec<SamplingMessage>,
    /// Which model would suit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_preferences: Option<ModelPreferences>,
    /// The system prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
    /// What of the client's context to add (SMP-A-01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_context: Option<IncludeContext>,
    /// The model's temperature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// The most tokens to make; to be respected (SMP-A-02).
    #[serde(deserialize_with = "integer::most")]
    pub max_tokens: u64,
    /// Texts that end the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_sequences: Option<Vec<String>>,
    /// Settings of the model's provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<JsonObject>,
    /// Tools the model may call (SMP-A-01). 2025-11-25 and later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<Tool>>,
    /// Whether it has to. 2025-11-25 and later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
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

impl CreateMessageParams {
    /// Asks for at most `max_tokens` tokens that continue `messages`.
    pub fn new(messages: Vec<SamplingMessage>, max_tokens: u64) -> Self {
        Self {
            messages,
            max_tokens,
            ..Self::default()
        }
    }
}

open_string! {
    /// What of the client's context to add to the conversation.
    IncludeContext {
        /// Nothing.
        NONE = "none";
        /// What the asking server gave.
        THIS_SERVER = "thisServer";
        /// What all servers gave.
        ALL_SERVERS = "allServers";
    }
}

/// Which model would suit: advice only. Priorities go from 0 to 1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelPreferences {
    /// Names, the most wanted first (SMP-A-02).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hints: Option<Vec<ModelHint>>,
    /// How much cost matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_priority: Option<f64>,
    /// How much speed matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_priority: Option<f64>,
    /// How much intelligence matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intelligence_priority: Option<f64>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

/// The name of a model, or a part of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelHint {
    /// The name, or a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

/// Whether the model has to call a tool.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolChoice {
    /// Absent means the model decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<ToolChoiceMode>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

open_string! {
    /// Whether the model has to call a tool.
    ToolChoiceMode {
        /// It decides.
        AUTO = "auto";
        /// It has to.
        REQUIRED = "required";
        /// It must not.
        NONE = "none";
    }
}

/// A message of a conversation with a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SamplingMessage {
    /// Who says it.
    pub role: Role,
    /// What is said (SMP-A-03).
    pub content: SamplingContent,
    /// What travels beside it. 2025-06-18 and later.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

impl SamplingMessage {
    /// This text, said by `role`.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            content: SamplingContent::One(SamplingBlock::text(text)),
            meta: None,
            extra: JsonObject::new(),
        }
    }
}

/// What the client's model answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateMessageResult {
    /// Who says it: the model.
    pub role: Role,
    /// What is said.
    pub content: SamplingContent,
    /// The model's name.
    pub model: String,
    /// Why it stopped, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_reason: Option<StopReason>,
    /// What travels beside the result.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

impl CreateMessageResult {
    /// The model of this name said `text`.
    pub fn text(model: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            role: Role::Assistant,
            content: SamplingContent::One(SamplingBlock::text(text)),
            model: model.into(),
            stop_reason: None,
            meta: None,
            extra: JsonObject::new(),
        }
    }
}

open_string! {
    /// Why a model stopped.
    StopReason {
        /// It was done.
        END_TURN = "endTurn";
        /// It came to a text that ends the answer.
        STOP_SEQUENCE = "stopSequence";
        /// It used up its tokens.
        MAX_TOKENS = "maxTokens";
        /// It calls a tool.
        TOOL_USE = "toolUse";
    }
}

/// One block, or a list of them; which of the two is kept. Lists exist since 2025-11-25.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum SamplingContent {
    /// One block.
    One(SamplingBlock),
    /// A list of blocks.
    Many(Vec<SamplingBlock>),
}

impl SamplingContent {
    /// The blocks, however they were written.
    pub fn blocks(&self) -> &[SamplingBlock] {
        match self {
            Self::One(block) => std::slice::from_ref(block),
            Self::Many(blocks) => blocks,
        }
    }
}

impl<'de> Deserialize<'de> for SamplingContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let read = if value.is_array() {
            Vec::deserialize(value).map(Self::Many)
        } else {
            SamplingBlock::deserialize(value).map(Self::One)
        };
        read.map_err(serde::de::Error::custom)
    }
}

/// One piece of a conversation with a model, told apart by its `type`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SamplingBlock {
    /// Text.
    Text(TextContent),
    /// A picture.
    Image(MediaContent),
    /// A recording. 2025-03-26 and later.
    Audio(MediaContent),
    /// The model calls a tool. 2025-11-25 and later.
    ToolUse(ToolUse),
    /// What that tool answered. 2025-11-25 and later.
    ToolResult(ToolUseResult),
    /// A block of a type this crate does not know, `type` included.
    #[serde(untagged)]
    Other(JsonObject),
}

impl SamplingBlock {
    /// A block of text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(TextContent::new(text))
    }
}

impl<'de> Deserialize<'de> for SamplingBlock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut object = JsonObject::deserialize(deserializer)?;
        let tag = take_tag(&mut object, "type")?;
        Ok(match tag.as_str() {
            "text" => Self::Text(rest(object)?),
            "image" => Self::Image(rest(object)?),
            "audio" => Self::Audio(rest(object)?),
            "tool_use" => Self::ToolUse(rest(object)?),
            "tool_result" => Self::ToolResult(rest(object)?),
            _ => {
                object.insert("type".to_owned(), Value::String(tag));
                Self::Other(object)
            }
        })
    }
}

/// A model's call of a tool.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolUse {
    /// Ties the answer to the call.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// Its arguments.
    pub input: JsonObject,
    /// What travels beside it. 2025-06-18 and later.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

/// A tool's answer to a model's call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolUseResult {
    /// The call's id.
    pub tool_use_id: String,
    /// The answer as content.
    pub content: Vec<ContentBlock>,
    /// The answer as data.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub structured_content: Option<Value>,
    /// Whether the tool failed. Absent means it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_error: Option<bool>,
    /// What travels beside it. 2025-06-18 and later.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}
