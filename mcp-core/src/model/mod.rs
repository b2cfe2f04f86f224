//! What the messages of the protocol carry: one model, a superset of 2026-07-28.
//!
//! A value is built once, in its newest and richest form; [`Lower`] takes away what an older
//! revision does not know before it is written. What this crate has no field for survives in
//! `extra` (RPC-A-13). What 2026-07-28 deprecates stands in [`legacy`].

mod cache;
mod capabilities;
mod completion;
mod content;
mod discover;
mod elicitation;
mod form;
mod form_values;
mod icon;
mod implementation;
mod initialize;
mod input;
mod integer;
pub mod legacy;
mod lower;
mod meta;
mod notification;
mod object;
mod open;
mod page;
mod prompt;
mod resource;
mod schema;
mod subscription;
mod tool;

pub use cache::CacheScope;
pub use capabilities::{
    ClientCapabilities, ElicitationCapability, PromptsCapability, ResourcesCapability,
    RootsCapability, SamplingCapability, ServerCapabilities, ToolsCapability,
};
pub use completion::{
    CompleteParams, CompleteResult, Completion, CompletionArgument, CompletionContext,
    CompletionReference, PromptReference, ResourceReference,
};
pub use content::{Annotations, ContentBlock, EmbeddedResource, MediaContent, Role, TextContent};
pub use discover::DiscoverResult;
pub use elicitation::{
    ElicitAction, ElicitCompleteParams, ElicitFormParams, ElicitMode, ElicitParams, ElicitResult,
    ElicitUrlParams, UrlElicitations,
};
pub use form::{
    BooleanField, FieldSchema, FormFields, FormKind, FormSchema, MultiSelectField,
    MultiSelectItems, NumberField, SelectField, TextField, TextFormat, TitledValue,
};
pub use form_values::FormMismatch;
pub use icon::{Icon, IconTheme};
pub use implementation::Implementation;
pub use initialize::{InitializeParams, InitializeResult};
pub use input::{InputRequest, InputRequests, InputRequired, InputResponses};
pub use lower::{Lower, resource_not_found};
pub use meta::{EmptyResult, Meta, MetaParams, ResultType};
pub use notification::{CancelledParams, ProgressParams, ProgressToken, ResourceUpdatedParams};
pub use object::JsonObject;
pub use page::{
    Cursor, ListParams, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult,
};
pub use prompt::{GetPromptParams, GetPromptResult, Prompt, PromptArgument, PromptMessage};
pub use resource::{
    BlobResourceContents, ReadResourceParams, ReadResourceResult, Resource, ResourceContents,
    ResourceTemplate, TextResourceContents,
};
pub use schema::JsonSchema;
pub use subscription::{
    ListenFilter, SubscriptionId, SubscriptionsAcknowledgedParams, SubscriptionsListenParams,
};
pub use tool::{CallToolParams, CallToolResult, TaskSupport, Tool, ToolAnnotations, ToolExecution};
