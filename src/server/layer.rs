//! Middleware: a layer wraps every operation of a server.

use std::future::Future;
use std::sync::Arc;

use mcp_core::Revision;
use mcp_core::engine::Outcome;
use mcp_core::json::JsonBuf;
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::lifecycle::{Method, Params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::to_raw_value;

use crate::context::Context;
use crate::handler::BoxFuture;

/// Wraps every operation: calls, reads, prompts, completions and lists.
///
/// Layers run in the order they were added, the first outermost. A layer sees the operation
/// before and the result model after, may change both, may answer by itself, and may call
/// [`Next::run`] once. A server without layers pays nothing for them.
///
/// A tool's own failure is an `Ok` outcome whose result has `isError`; an `Err` is an error of the
/// protocol. Lists that went through layers are marked as private to who asked (CCH-M-03).
///
/// ```
/// use toolwright::prelude::*;
/// use toolwright::server::{Layer, Next, Operation};
///
/// struct Audit;
///
/// impl Layer for Audit {
///     async fn call(&self, operation: Operation, next: Next<'_>) -> toolwright::server::Outcome {
///         let what = operation.to_string();
///         let outcome = next.run(operation).await;
///         eprintln!("{what}: {}", if outcome.is_ok() { "ok" } else { "error" });
///         outcome
///     }
/// }
///
/// let server = Server::new("audited", "1.0.0").layer(Audit);
/// # let _ = server;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    note = "implement `Layer` with `async fn call(&self, operation: Operation, next: Next<'_>) -> Outcome`"
)]
pub trait Layer: Send + Sync + 'static {
    /// Answers `operation`, usually by letting `next` do it.
    fn call(&self, operation: Operation, next: Next<'_>) -> impl Future<Output = Outcome> + Send;
}

/// [`Layer`] without its type.
trait DynLayer: Send + Sync {
    fn call_boxed<'a>(&'a self, operation: Operation, next: Next<'a>) -> LayerFuture<'a>;
}

type LayerFuture<'a> = std::pin::Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

impl<L: Layer> DynLayer for L {
    fn call_boxed<'a>(&'a self, operation: Operation, next: Next<'a>) -> LayerFuture<'a> {
        Box::pin(self.call(operation, next))
    }
}

/// The layers of a server, outermost first.
#[derive(Clone, Default)]
pub(super) struct LayerStack(Vec<Registered>);

#[derive(Clone)]
struct Registered {
    /// The tool it is for; `None` for every operation.
    tool: Option<Box<str>>,
    layer: Arc<dyn DynLayer>,
}

impl LayerStack {
    pub(super) fn push(&mut self, tool: Option<&str>, layer: impl Layer) {
        self.0.push(Registered {
            tool: tool.map(Into::into),
            layer: Arc::new(layer),
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Runs `operation` through the layers that are for it, and then through `inner`.
    pub(super) async fn run(&self, operation: Operation, inner: Inner) -> Outcome {
        let next = Next {
            rest: &self.0,
            inner,
        };
        next.run(operation).await
    }
}

impl std::fmt::Debug for LayerStack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LayerStack")
            .field("layers", &self.0.len())
            .finish()
    }
}

/// What runs behind the last layer.
pub(super) type Inner = Arc<dyn Fn(Operation) -> BoxFuture<Outcome> + Send + Sync>;

/// The rest of the way: the layers further in, and the handler.
pub struct Next<'a> {
    rest: &'a [Registered],
    inner: Inner,
}

impl Next<'_> {
    /// Lets the rest answer the operation.
    pub async fn run(self, operation: Operation) -> Outcome {
        let mut rest = self.rest;
        while let Some((first, others)) = rest.split_first() {
            rest = others;
            if first.tool.is_none() || first.tool.as_deref() == operation.tool() {
                let next = Next {
                    rest,
                    inner: self.inner,
                };
                return first.layer.call_boxed(operation, next).await;
            }
        }
        (self.inner)(operation).await
    }
}

impl std::fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Next")
            .field("layers", &self.rest.len())
            .finish_non_exhaustive()
    }
}

/// One request on its way to its handler.
#[derive(Debug)]
pub struct Operation {
    pub(super) method: Method,
    pub(super) revision: Revision,
    pub(super) target: Option<String>,
    pub(super) arguments: Option<JsonBuf>,
    /// The whole of `params`, for what has no member of its own here.
    pub(super) raw: Option<JsonBuf>,
    pub(super) context: Context,
}

impl Operation {
    /// What is asked for.
    pub fn method(&self) -> Method {
        self.method
    }

    /// What it is asked of: the name of a tool or prompt, or the URI of a resource. Lists and
    /// completions have none.
    pub fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    fn tool(&self) -> Option<&str> {
        self.target().filter(|_| self.method == Method::CallTool)
    }

    /// The JSON of the arguments as they arrived; nothing has looked into it.
    pub fn arguments_json(&self) -> Option<&str> {
        self.arguments.as_ref().map(|json| json.as_text().get())
    }

    /// The arguments as `T`.
    ///
    /// # Errors
    /// -32602 when they do not fit.
    pub fn arguments<T: DeserializeOwned>(&self) -> Result<T, ErrorObject> {
        let json = self.arguments_json().unwrap_or("{}");
        serde_json::from_str(json)
            .map_err(|error| ErrorObject::invalid_params(format!("Invalid arguments: {error}")))
    }

    /// Replaces the arguments that the handler will see.
    ///
    /// # Errors
    /// -32603 when `arguments` does not serialise.
    pub fn set_arguments(&mut self, arguments: &impl Serialize) -> Result<(), ErrorObject> {
        let json = to_raw_value(arguments).map_err(|error| {
            ErrorObject::internal(format!("The replaced arguments do not serialise: {error}"))
        })?;
        self.arguments = Some(json.into());
        Ok(())
    }

    /// The request's context.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The parameters as the handler will see them.
    pub(super) fn params(&self) -> Result<Params<'_>, ErrorObject> {
        let mut params = Params::read(self.raw.as_ref().map(JsonBuf::as_text))?;
        params.arguments = self.arguments.as_ref().map(JsonBuf::as_text);
        Ok(params)
    }
}

/// The method and its target: `tools/call add`.
impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.method.as_str())?;
        match &self.target {
            Some(target) => write!(f, " {target}"),
            None => Ok(()),
        }
    }
}
