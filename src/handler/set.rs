//! The handlers of one shared value.

use std::sync::Arc;

use super::{PromptEntry, ResourceEntry, SchemaOptions, ToolEntry};

/// What `#[tools]` makes of an `impl` block.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no handlers",
    label = "no `impl` block of this type carries `#[tools]`",
    note = "put `#[tools]` on the `impl` block, and `#[tool]` on its methods"
)]
pub trait ToolSet: Send + Sync + 'static {
    /// The handlers, each holding the value.
    fn entries(self: Arc<Self>, options: &SchemaOptions) -> Handlers;
}

/// Tools, prompts and resources that belong together.
#[derive(Debug, Clone, Default)]
pub struct Handlers {
    /// The tools.
    pub tools: Vec<ToolEntry>,
    /// The prompts.
    pub prompts: Vec<PromptEntry>,
    /// The resources.
    pub resources: Vec<ResourceEntry>,
}
