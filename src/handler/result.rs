//! What becomes the result of a tool.

use std::fmt::Display;

use mcp_core::jsonrpc::encode;
use mcp_core::model::{CallToolResult, ContentBlock, JsonSchema as SchemaObject, Meta};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::error::text_for_model;
use super::run::Answering;
use super::{IntoContent, SchemaOptions, schema};

/// What a tool may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a tool",
    label = "this says nothing that a model could read",
    note = "return text, a number, a `ContentBlock`, an `Image`, several of them, `ToolResult`, or `Result<_, E>` where `E: Display`",
    note = "return data of your own as `Json<T>`"
)]
pub trait IntoToolResult {
    /// Whether it may ask in place of answering.
    #[doc(hidden)]
    const TAKES_TURNS: bool = false;

    /// Makes the result.
    fn into_tool_result(self, at: &Answering<'_>) -> CallToolResult;

    /// The schema of the result's structured content, if it has any (TOOL-A-06).
    fn output_schema(_: &SchemaOptions) -> Option<SchemaObject> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoContent> IntoToolResult for T {
    fn into_tool_result(self, _: &Answering<'_>) -> CallToolResult {
        let mut content = Vec::with_capacity(1);
        self.into_content(&mut content);
        CallToolResult::new(content)
    }
}

impl IntoToolResult for CallToolResult {
    fn into_tool_result(self, _: &Answering<'_>) -> CallToolResult {
        self
    }
}

impl IntoToolResult for ToolResult {
    fn into_tool_result(self, _: &Answering<'_>) -> CallToolResult {
        self.0
    }
}

/// An error is a result that the model reads, never an error of the protocol (TOOL-A-07).
#[diagnostic::do_not_recommend]
impl<T: IntoToolResult, E: Display + 'static> IntoToolResult for Result<T, E> {
    const TAKES_TURNS: bool = T::TAKES_TURNS;

    fn into_tool_result(self, at: &Answering<'_>) -> CallToolResult {
        match self {
            Ok(value) => value.into_tool_result(at),
            Err(error) => CallToolResult::error(text_for_model(&error, at)),
        }
    }

    fn output_schema(options: &SchemaOptions) -> Option<SchemaObject> {
        T::output_schema(options)
    }
}

/// Data as the result of a tool: structured content, the same as text, and an output schema made
/// from the type (TOOL-A-06).
///
/// As the contents of a resource it is the JSON text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Json<T>(
    /// The data.
    pub T,
);

impl<T: Serialize + JsonSchema> IntoToolResult for Json<T> {
    fn into_tool_result(self, at: &Answering<'_>) -> CallToolResult {
        match serde_json::to_value(&self.0) {
            Ok(value) => CallToolResult::structured(value),
            Err(error) => CallToolResult::error(text_for_model(&error, at)),
        }
    }

    fn output_schema(options: &SchemaOptions) -> Option<SchemaObject> {
        schema::output::<T>(options)
    }
}

/// A result put together by hand.
///
/// ```
/// use toolwright::handler::{Image, ToolResult};
///
/// let result = ToolResult::new().with("A red dot:").with(Image::png([0x89, 0x50]));
/// # let result: toolwright::model::CallToolResult = result.into();
/// # assert_eq!(result.content.len(), 2);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolResult(CallToolResult);

impl ToolResult {
    /// A result that says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A failure that the model reads.
    pub fn error(text: impl Into<String>) -> Self {
        Self(CallToolResult::error(text))
    }

    /// The same result with more content.
    #[must_use]
    pub fn with(mut self, content: impl IntoContent) -> Self {
        content.into_content(&mut self.0.content);
        self
    }

    /// The same result with structured content; its text is added if there is no content yet.
    #[must_use]
    pub fn with_structured(mut self, value: Value) -> Self {
        if self.0.content.is_empty() {
            let text = encode::text(&value);
            self.0.content.push(ContentBlock::text(text));
        }
        self.0.structured_content = Some(value);
        self
    }

    /// The same result with an entry in its `_meta`.
    #[must_use]
    pub fn with_meta(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.meta.get_or_insert_with(Meta::new).insert(key, value);
        self
    }
}

impl From<ToolResult> for CallToolResult {
    fn from(result: ToolResult) -> Self {
        result.0
    }
}
