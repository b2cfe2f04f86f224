//! What most programs need: `use toolwright::prelude::*;`.

pub use crate::ask::{AskError, Elicited};
pub use crate::context::Context;
pub use crate::handler::{
    Audio, Cancelled, CompletionContext, Image, Json, Principal, Progress, RequestMeta,
    ResourceError, ResourceLink, ResourceUri, RuntimeTool, State, ToolError, ToolResult,
};
pub use crate::server::{Server, ServerHandle};
#[cfg(feature = "macros")]
pub use crate::{data, form, prompt, resource, tool, tools};
