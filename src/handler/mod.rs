//! From a function to a handler: parameters, results and schemas.
//!
//! `#[tool]`, `#[prompt]` and `#[resource]` turn a function into an entry of a server's registry. A
//! parameter is an argument or an extractor ([`FromCall`]), which its type decides; a result is
//! anything that [`IntoToolResult`] knows.

mod builders;
mod call;
mod coerce;
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
mod result;
mod run;
mod runtime_tool;
mod schema;
mod scope;
mod text;
mod tool;

pub use content::IntoContent;
pub use dispatch::{BoxFuture, Dispatch};
pub use error::ToolError;
pub use extract::{Cancelled, Progress, RequestMeta, ResourceUri, State};
pub use media::{Audio, Image, ResourceLink};
pub use options::{
    ArgumentOptions, Coercion, ErrorMask, OptionalForm, SchemaOptions, Subschemas, UnknownArguments,
};
pub use param::{HeaderArgument, Param, ParamSpec, Slot, TextParam};
pub use result::{IntoToolResult, Json, ToolResult};
pub use run::Answering;
pub use runtime_tool::RuntimeTool;
pub use scope::{FromCall, Scope, StateMap, StateNeed};
pub use tool::{ToolEntry, ToolFn, ToolHandler, ToolList};
