//! What generated code names. Not part of the public API: it changes with the macros.

pub use schemars;
pub use serde;
pub use serde_json::json;

/// Compiles for what a form has a field for.
pub fn form_field<T: crate::ask::FormField>() {}

pub use super::default::{DefaultAsJson, DefaultProbe, DefaultUnknown};

/// For `#[tool]`.
pub mod tool {
    pub use crate::handler::SchemaOptions;
    pub use crate::handler::param::{AsArgument, AsExtractor, ParamSpec, header};
    pub use crate::handler::tool::{
        Builder, ToolEntry as Entry, ToolFn as Handle, finish, finish_async, finish_blocking,
        output, param,
    };
}

/// For `#[prompt]`.
pub mod prompt {
    pub use crate::handler::SchemaOptions;
    pub use crate::handler::param::{AsArgument, AsExtractor, ParamSpec};
    pub use crate::handler::prompt::{
        Builder, PromptEntry as Entry, PromptFn as Handle, complete, finish, finish_async,
        finish_blocking, output, param,
    };
}

/// For `#[resource]`.
pub mod resource {
    pub use crate::handler::SchemaOptions;
    pub use crate::handler::param::{AsArgument, AsExtractor, ParamSpec};
    pub use crate::handler::resource::{
        Builder, ResourceEntry as Entry, ResourceFn as Handle, complete, finish, finish_async,
        finish_blocking, output, param,
    };
}

/// For `#[tools]`.
pub mod set {
    pub use crate::handler::{Handlers, SchemaOptions, ToolSet};
}

/// For `#[client]`.
#[cfg(all(feature = "client", feature = "macros"))]
pub mod client {
    pub use crate::client::Arguments;
}
