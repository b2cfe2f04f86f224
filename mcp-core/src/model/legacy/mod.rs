//! What 2026-07-28 deprecates or does without: logging, sampling, roots, subscriptions to single
//! resources, tasks in the core.

mod logging;
mod roots;
mod sampling;
mod subscribe;
mod task;

pub use logging::{LoggingLevel, LoggingMessageParams, SetLevelParams};
pub use roots::{ListRootsResult, Root};
pub use sampling::{
    CreateMessageParams, CreateMessageResult, IncludeContext, ModelHint, ModelPreferences,
    SamplingBlock, SamplingContent, SamplingMessage, StopReason, ToolChoice, ToolChoiceMode,
    ToolUse, ToolUseResult,
};
pub use subscribe::SubscribeParams;
pub use task::TaskParams;
