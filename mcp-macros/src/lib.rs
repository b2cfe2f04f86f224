//! The attribute macros of toolwright.
//!
//! Users reach them through the facade (`toolwright::tool`, …), whose documentation shows them at
//! work; the generated code names the facade as `::toolwright` unless `crate = path` says otherwise.
//!
//! Stages, one file each: `attr` reads an annotation's entries, `options` and `param` say what
//! they mean, `function` joins them into one model of the annotated function, `entry` renders
//! that model, and `free`, `set`, `data` and `form` put the result where it belongs. `client` stands by itself. Every stage collects
//! its complaints in `errors`, so that all mistakes are reported at once.

mod attr;
mod client;
mod data;
mod entry;
mod errors;
mod facade;
mod form;
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

/// Makes a function a tool.
///
/// The doc comment is the tool's description, a parameter's doc comment the parameter's. The
/// function stays as it is; a handle of its name joins it in the type namespace.
///
/// | Key | |
/// |---|---|
/// | `name`, `title`, `description` | texts; the name is the function's otherwise |
/// | `read_only`, `destructive`, `idempotent`, `open_world` | hints for hosts, also `= false`; those not given are not sent |
/// | `blocking` | run on a thread of its own |
/// | `scopes = ["orders:write"]` | what a caller over a network must have been granted, all of them |
/// | `icon("https://…", mime = "…", sizes = "48x48")` | repeatable |
/// | `meta(key = json, "example.com/key" = json)` | entries of `_meta` |
/// | `handle = Name` | the handle's name, where the function's would hide something |
/// | `crate = path` | where the facade is, if not at `::toolwright` |
///
/// | Key of `#[arg(…)]` | |
/// |---|---|
/// | `name`, `description` | texts; the name is the parameter's otherwise |
/// | `default`, `default = expression` | the value of an absent argument |
/// | `header = "Region"` | repeat the argument as the HTTP header `Mcp-Param-Region` |
#[proc_macro_attribute]
pub fn tool(arguments: TokenStream, item: TokenStream) -> TokenStream {
    free::expand(Kind::Tool, arguments.into(), &item.into()).into()
}

/// Makes a function a prompt.
///
/// Arguments arrive as texts and are read as the parameters' types. Keys: `name`, `title`,
/// `description`, `blocking`, `scopes`, `icon(…)`, `meta(…)`, `handle`, `crate`, as for `#[tool]`.
/// Keys of `#[arg(…)]`: `name`, `description`, `default`, and `complete = path`, a function that
/// proposes values: `fn(&str) -> Vec<String>`, also `async`, also with `&CompletionContext` as its
/// second parameter.
#[proc_macro_attribute]
pub fn prompt(arguments: TokenStream, item: TokenStream) -> TokenStream {
    free::expand(Kind::Prompt, arguments.into(), &item.into()).into()
}

/// Makes a function a resource (a fixed URI) or a family of them (an RFC 6570 template).
///
/// The URI comes first: `#[resource("config://app", mime = "text/plain")]`. The variables of a
/// template are the function's arguments, read as the parameters' types; text that is no value of
/// its type means that there is no such resource. Keys: `name`, `title`, `description`, `mime`,
/// `size`, `blocking`, `scopes`, `icon(…)`, `meta(…)`, `handle`, `crate`. Keys of `#[arg(…)]`:
/// `name`, `description`, `complete`.
#[proc_macro_attribute]
pub fn resource(arguments: TokenStream, item: TokenStream) -> TokenStream {
    free::expand(Kind::Resource, arguments.into(), &item.into()).into()
}

/// Makes the annotated methods of an `impl` block tools, prompts and resources of one shared value.
///
/// The methods carry `#[tool]`, `#[prompt]` or `#[resource]` and take `&self`, `self: Arc<Self>`,
/// `self: &Arc<Self>` or nothing. The one key is `crate = path`.
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

/// Makes a trait a typed client: its `async` methods are tools of a server, and a struct of the
/// trait's name and `Client` calls them.
///
/// Keys: `handle = Name` for the struct, `crate = path`. A method's `#[tool(name = "…")]` names the
/// tool, a parameter's `#[arg(name = "…")]` the argument, where their own names are others.
#[proc_macro_attribute]
pub fn client(arguments: TokenStream, item: TokenStream) -> TokenStream {
    client::expand(arguments.into(), &item.into()).into()
}

/// Makes a struct a form that a user fills in, and an enum or a newtype one of its fields. It
/// derives what `#[data]` derives, and checks that forms carry every field.
///
/// The one key is `crate = path`.
#[proc_macro_attribute]
pub fn form(arguments: TokenStream, item: TokenStream) -> TokenStream {
    form::expand(arguments.into(), &item.into()).into()
}
