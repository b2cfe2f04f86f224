//! What most programs need: `use toolwright::prelude::*;`.

pub use crate::context::Context;
pub use crate::handler::{
    Audio, Cancelled, Image, Json, Progress, RequestMeta, ResourceLink, RuntimeTool, State,
    ToolError, ToolResult,
};
pub use crate::server::{Server, ServerHandle};
#[cfg(feature = "macros")]
pub use mcp_macros::{data, tool};
