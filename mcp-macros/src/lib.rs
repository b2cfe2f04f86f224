//! The attribute macros of toolwright.
//!
//! Users reach them through the facade (`toolwright::tool`, …), whose documentation shows them at
//! work; the generated code names the facade as `::toolwright` unless `crate = path` says otherwise.
//!
//! Stages, one file each: `attr` reads an annotation's entries, `options` and `param` say what
//! they mean, `function` joins them into one model of the annotated function, `entry` renders
//! that model, and `free`, `set` and `data` put the result where it belongs. Every stage collects
//! its complaints in `errors`, so that all mistakes are reported at once.

mod attr;
mod data;
mod entry;
mod errors;
mod facade;
mod free;
mod function;
mod item;
mod nearest;
mod options;
mod param;
mod param_attr;
mod set;
mod template;
mod text;

use proc_macro::TokenStream;

use crate::function::Kind;

/// Makes a function a tool; see the facade's documentation.
///
/// Keys: `name`, `title`, `description`, `read_only`, `destructive`, `idempotent`, `open_world`,
/// `blocking`, `icon("…", mime = "…", sizes = "…")`, `meta(key = json)`, `handle = Name`,
/// `crate = path`. Parameters take `#[arg(name, description, default, header)]`.
#[proc_macro_attribute]
pub fn tool(arguments: TokenStream, item: TokenStream) -> TokenStream {
    free::expand(Kind::Tool, arguments.into(), &item.into()).into()
}

/// Makes a function a prompt; see the facade's documentation.
///
/// Keys: `name`, `title`, `description`, `blocking`, `icon(…)`, `meta(…)`, `handle`, `crate`.
/// Parameters take `#[arg(name, description, default, complete = path)]`.
#[proc_macro_attribute]
pub fn prompt(arguments: TokenStream, item: TokenStream) -> TokenStream {
    free::expand(Kind::Prompt, arguments.into(), &item.into()).into()
}

/// Makes a function a resource (a fixed URI) or a family of them (an RFC 6570 template); see the
/// facade's documentation.
///
/// The URI comes first: `#[resource("config://app", mime = "text/plain")]`. Keys: `name`, `title`,
/// `description`, `mime`, `size`, `blocking`, `icon(…)`, `meta(…)`, `handle`, `crate`.
#[proc_macro_attribute]
pub fn resource(arguments: TokenStream, item: TokenStream) -> TokenStream {
    free::expand(Kind::Resource, arguments.into(), &item.into()).into()
}

/// Makes the annotated methods of an `impl` block tools, prompts and resources of one shared value;
/// see the facade's documentation.
///
/// The one key is `crate = path`; the methods carry `#[tool]`, `#[prompt]` and `#[resource]`.
#[proc_macro_attribute]
pub fn tools(arguments: TokenStream, item: TokenStream) -> TokenStream {
    set::expand(arguments.into(), &item.into()).into()
}

/// Makes a struct or an enum usable as an argument and as a structured result: it derives serde's
/// and schemars' traits through the facade.
///
/// The one key is `crate = path`. A trait that the item already derives is left out.
#[proc_macro_attribute]
pub fn data(arguments: TokenStream, item: TokenStream) -> TokenStream {
    data::expand(arguments.into(), &item.into()).into()
}
