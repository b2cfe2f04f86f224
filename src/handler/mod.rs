//! From a function to a handler: parameters, results and schemas.
//!
//! `#[tool]`, `#[prompt]` and `#[resource]` leave a function as it is and put a handle of its name
//! beside it, which a server registers; `#[tools]` does the same for the methods of a shared value.
//!
//! ```
//! use toolwright::prelude::*;
//!
//! #[data]
//! struct Hit {
//!     path: String,
//!     line: u32,
//! }
//!
//! /// Finds a word in the notes.
//! #[tool(read_only)]
//! async fn search(
//!     /// The word.
//!     word: &str,
//!     #[arg(default = 10)] limit: usize,
//!     progress: Progress,
//! ) -> Result<Json<Vec<Hit>>, ToolError> {
//!     if word.is_empty() {
//!         return Err(ToolError::new("give me a word"));
//!     }
//!     progress.report(1.0, Some(1.0), None);
//!     let hit = Hit { path: format!("{word}.md"), line: 1 };
//!     Ok(Json([hit].into_iter().take(limit).collect()))
//! }
//!
//! /// Asks for a summary.
//! #[prompt]
//! fn summarise(#[arg(complete = topics)] topic: String, words: Option<u32>) -> String {
//!     format!("Summarise {topic} in {} words.", words.unwrap_or(100))
//! }
//!
//! fn topics(prefix: &str) -> Vec<&'static str> {
//!     ["rust", "ruby"].into_iter().filter(|topic| topic.starts_with(prefix)).collect()
//! }
//!
//! #[resource("notes://{id}", mime = "text/markdown")]
//! fn note(id: u32) -> Option<String> {
//!     (id == 1).then(|| "# The only note".to_owned())
//! }
//! ```
//!
//! - **Parameters.** An argument is any type that implements serde's `Deserialize` and schemars'
//!   `JsonSchema` ([`data`](crate::data) derives both); an extractor implements [`FromCall`]. The
//!   type decides, so an alias or a renamed import changes nothing. `&str`, `&[T]` and `&T` are
//!   filled from their owned forms. `Option<T>` may be left out.
//! - **Arguments that do not fit** are a result with `isError` that names each of them, the place
//!   inside it, what was expected and what came (TOOL-A-07); see [`ArgumentOptions`].
//! - **Results** of tools are anything that [`IntoToolResult`] knows, those of prompts
//!   [`IntoPrompt`], those of resources [`IntoResource`]; each takes `Result<_, E>` for every `E`
//!   that displays.
//! - **Names.** The handle lives in the type namespace. A function named like a crate or module that
//!   its own module uses would hide it: give the handle another name, `#[tool(handle = UuidTool)]`.
//!   A generic function says its tool's name, because each `name::<T>` is a tool of its own.

mod argument;
mod blocking;
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
mod turns;
#[cfg(feature = "validation")]
pub(crate) mod validation;

pub use completion::{CompleteFn, Completer, Completers, CompletionContext, IntoCompletion};
pub use content::IntoContent;
pub use dispatch::{BoxFuture, Dispatch};
pub use error::ToolError;
pub use extract::{
    Cancelled, Claims, Principal, Progress, RequestMeta, ResourceUri, Scopes, State,
};
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
pub use tool::{ArgumentCheck, ToolEntry, ToolFn, ToolHandler, ToolList};
