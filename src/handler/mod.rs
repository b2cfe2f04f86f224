//! From a function to a handler: parameters, results and schemas.
//!
//! `#[tool]`, `#[prompt]` and `#[resource]` turn a function into an entry of a server's registry. A
//! parameter is an argument or an extractor ([`FromCall`]), which its type decides; a result is
//! anything that [`IntoToolResult`] knows.

mod builders;
mod call;
mod coerce;
mod completion;
mod content;
mod default;
mod diagnose;
mod dispatch;
mod error;
mod extract;
mod issue;
mod media;
mod missing;
mod nearest;
mod options;
mod param;
#[doc(hidden)]
pub mod private;
mod prompt;
mod prompt_result;
mod resource;
mod resource_result;
mod result;
mod run;
mod runtime_tool;
mod schema;
mod scope;
mod set;
mod text;
mod tool;

pub use completion::{CompleteFn, Completer, Completers, CompletionContext, IntoCompletion};
pub use content::IntoContent;
pub use dispatch::{BoxFuture, Dispatch};
pub use error::ToolError;
pub use extract::{Cancelled, Progress, RequestMeta, ResourceUri, State};
pub use media::{Audio, Image, ResourceLink};
pub use options::{
    ArgumentOptions, Coercion, ErrorMask, OptionalForm, SchemaOptions, Subschemas, UnknownArguments,
};
pub use param::{HeaderArgument, Param, ParamSpec, Slot, TextParam};
pub use prompt::{PromptEntry, PromptFn, PromptHandler, PromptList, PromptOutcome};
pub use prompt_result::IntoPrompt;
pub use resource::{
    ResourceEntry, ResourceFn, ResourceHandler, ResourceList, ResourceOutcome, ResourceTarget,
};
pub use resource_result::{IntoResource, ResourceError};
pub use result::{IntoToolResult, Json, ToolResult};
pub use run::Answering;
pub use runtime_tool::RuntimeTool;
pub use scope::{FromCall, Scope, StateMap, StateNeed};
pub use set::{Handlers, ToolSet};
pub use tool::{ToolEntry, ToolFn, ToolHandler, ToolList};
