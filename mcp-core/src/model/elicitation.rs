//! Elicitation: a server asks the user.

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};

use super::legacy::TaskParams;
use super::open::open_string;
use super::{FormSchema, JsonObject, Meta};

/// The parameters of `elicitation/create`, told apart by their `mode`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ElicitParams {
    /// Asks by a form (ELI-A-02).
    Form(ElicitFormParams),
    /// Asks to open a URL (ELI-M-05). 2025-11-25 and later.
    Url(ElicitUrlParams),
}

open_string! {
    /// How a user is asked.
    ElicitMode {
        /// By a form.
        FORM = "form";
        /// By a URL to open.
        URL = "url";
    }
}

/// Asks by a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ElicitFormParams {
    /// [`ElicitMode::FORM`], or absent, which means the same. Named since 2025-11-25.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<ElicitMode>,
    /// The question.
    pub message: String,
    /// The fields of the form.
    pub requested_schema: FormSchema,
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

impl ElicitFormParams {
    /// Asks `message` by a form of these fields.
    pub fn new(message: impl Into<String>, requested_schema: FormSchema) -> Self {
        Self {
            mode: Some(ElicitMode::FORM),
            message: message.into(),
            requested_schema,
            task: None,
            meta: None,
            extra: JsonObject::new(),
        }
    }
}

/// Asks to open a URL.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ElicitUrlParams {
    /// [`ElicitMode::URL`].
    pub mode: ElicitMode,
    /// Why it should be opened.
    pub message: String,
    /// The URL, without secrets (ELI-A-07).
    pub url: String,
    /// Names this elicitation (ELI-L-06). 2025-11-25 only, and required there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elicitation_id: Option<String>,
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

impl ElicitUrlParams {
    /// Asks to open `url`.
    pub fn new(message: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            mode: ElicitMode::URL,
            message: message.into(),
            url: url.into(),
            elicitation_id: None,
            task: None,
            meta: None,
            extra: JsonObject::new(),
        }
    }
}

/// All members of both modes, so that a form's fields are read in their order, in one pass.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EitherMode {
    mode: Option<ElicitMode>,
    message: String,
    requested_schema: Option<FormSchema>,
    url: Option<String>,
    elicitation_id: Option<String>,
    task: Option<TaskParams>,
    #[serde(rename = "_meta")]
    meta: Option<Meta>,
    #[serde(flatten)]
    extra: JsonObject,
}

impl<'de> Deserialize<'de> for ElicitParams {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = EitherMode::deserialize(deserializer)?;
        match read.mode {
            None => read.into_form().map(Self::Form),
            Some(ref mode) if *mode == ElicitMode::FORM => read.into_form().map(Self::Form),
            Some(ref mode) if *mode == ElicitMode::URL => read.into_url().map(Self::Url),
            Some(mode) => Err(D::Error::invalid_value(
                Unexpected::Str(mode.as_str()),
                &"`form` or `url`",
            )),
        }
    }
}

impl EitherMode {
    fn into_form<E: Error>(self) -> Result<ElicitFormParams, E> {
        Ok(ElicitFormParams {
            mode: self.mode,
            message: self.message,
            requested_schema: self
                .requested_schema
                .ok_or_else(|| E::missing_field("requestedSchema"))?,
            task: self.task,
            meta: self.meta,
            extra: self.extra,
        })
    }

    fn into_url<E: Error>(self) -> Result<ElicitUrlParams, E> {
        Ok(ElicitUrlParams {
            mode: ElicitMode::URL,
            message: self.message,
            url: self.url.ok_or_else(|| E::missing_field("url"))?,
            elicitation_id: self.elicitation_id,
            task: self.task,
            meta: self.meta,
            extra: self.extra,
        })
    }
}

/// What the user did (ELI-A-03).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ElicitResult {
    /// Accepted, declined or dismissed.
    pub action: ElicitAction,
    /// The fields of an accepted form: strings, numbers, booleans, lists of strings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<JsonObject>,
    /// What travels beside the result.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

impl ElicitResult {
    /// The user accepted; `content` holds the fields of a form, `None` after a URL.
    pub fn accept(content: Option<JsonObject>) -> Self {
        Self {
            content,
            ..Self::without_content(ElicitAction::Accept)
        }
    }

    /// The user said no.
    pub fn decline() -> Self {
        Self::without_content(ElicitAction::Decline)
    }

    /// The user went away without an answer.
    pub fn cancel() -> Self {
        Self::without_content(ElicitAction::Cancel)
    }

    fn without_content(action: ElicitAction) -> Self {
        Self {
            action,
            content: None,
            meta: None,
            extra: JsonObject::new(),
        }
    }
}

/// What a user did with a question (ELI-A-03).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ElicitAction {
    /// Answered, or agreed to open the URL.
    Accept,
    /// Said no.
    Decline,
    /// Went away without an answer.
    Cancel,
}

/// The parameters of `notifications/elicitation/complete` (ELI-L-06). 2025-11-25 only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ElicitCompleteParams {
    /// The elicitation that is done.
    pub elicitation_id: String,
    /// What travels beside the parameters.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

impl ElicitCompleteParams {
    /// The name of the notification.
    pub const METHOD: &str = "notifications/elicitation/complete";

    /// The elicitation of this name is done.
    pub fn new(elicitation_id: impl Into<String>) -> Self {
        Self {
            elicitation_id: elicitation_id.into(),
            ..Self::default()
        }
    }
}

/// The `data` of the error -32042 (ELI-L-06): what the user has to open before the request can be
/// sent again. 2025-11-25 only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UrlElicitations {
    /// The URLs, each with its `elicitationId`.
    pub elicitations: Vec<ElicitUrlParams>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}
