//! From a checked request to the handler it is for, and back to a result.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use mcp_core::Revision;
use mcp_core::engine::{Call, Outcome, Principal, Reply, Scopes, Signals};
use mcp_core::json::JsonBuf;
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::lifecycle::{Method, Params};
use mcp_core::model::{CacheScope, resource_not_found};
use mcp_transport::driver::{self, Mirrored};

use super::ServerHandle;
use super::complete;
use super::core::Core;
use super::guard;
use super::layer::Operation;
use super::lists::List;
use super::registry::Registry;
use super::watchdog::Subject;
use crate::ask::once;
use crate::context::Context;
use crate::handler::{BoxFuture, Dispatch, ResourceError, Scope};

/// What is known of a request when its handler is looked for. Borrowed from its message, or from
/// the operation that came through the layers.
struct Request<'a> {
    method: Method,
    revision: Revision,
    params: Params<'a>,
    context: &'a dyn Fn() -> Context,
    /// The context, once a handler has asked for it.
    made: &'a OnceCell<Context>,
}

/// Hands the calls of connections to the handlers of one server.
#[derive(Debug)]
pub(super) struct Dispatcher(pub(super) Arc<Core>);

impl driver::Handler for Dispatcher {
    fn connected(&self, signals: &Arc<Signals>) {
        self.0.connected(signals);
    }

    fn disconnected(&self, signals: &Arc<Signals>) {
        self.0.disconnected(signals);
    }

    fn shutdown(&self) {
        self.0.shutdown();
    }

    fn lacking(&self, principal: &Principal, method: &str, params: &Params<'_>) -> Option<Scopes> {
        self.0.lacking(principal, method, params)
    }

    fn mirrored(&self, tool: &str) -> Option<Arc<[Mirrored]>> {
        self.0.registry().mirrored.of(tool)
    }

    fn handle(&self, call: &Call<'_>) -> driver::Dispatch {
        let made = OnceCell::new();
        let make = || Context::new(call, ServerHandle(Arc::clone(&self.0)));
        let context = || made.get_or_init(make).clone();
        if is_sent_again(call) {
            let opened = context().desk().open(&self.0.settings.journals);
            if let Err(error) = opened {
                return driver::Dispatch::Ready(Err(error));
            }
        }
        if !self.0.layers.is_empty() || self.may_repeat(call) {
            return self.through_layers(call, context());
        }
        let request = Request {
            method: call.method,
            revision: call.revision,
            params: call.params,
            context: &context,
            made: &made,
        };
        let registry = self.0.registry();
        match list_of(call.method) {
            Some(list) => driver::Dispatch::Ready(cursor(&request.params).and_then(|at| {
                let at = at.as_deref();
                match self.0.settings.viewer(&registry, call.principal()) {
                    None => registry.rendered_list(&self.0, list, call.revision, at),
                    viewer => registry.list(&self.0, list, viewer, at),
                }
            })),
            None => route(&self.0, &registry, &request),
        }
    }
}

impl Dispatcher {
    /// Whether the call may be one that ran before, and must not run again.
    fn may_repeat(&self, call: &Call<'_>) -> bool {
        call.params.request_state.is_some() && self.0.settings.journals.store().is_some()
    }

    fn through_layers(&self, call: &Call<'_>, context: Context) -> driver::Dispatch {
        let core = Arc::clone(&self.0);
        let made = OnceCell::from(context.clone());
        guard::start(
            call.method.as_str(),
            Subject::of(&self.0),
            &made,
            || {
                let operation = operation(call, context)?;
                let inner = Arc::clone(&core);
                let future = async move {
                    let innermost = Arc::new(move |operation: Operation| -> BoxFuture<Outcome> {
                        let core = Arc::clone(&inner);
                        Box::pin(async move { answer(&core, &operation).await })
                    });
                    let context = operation.context.clone();
                    let run = core.layers.run(operation, innermost);
                    once(&context, core.profile.encoder(), run).await
                };
                Ok(Dispatch::Pending(Box::pin(future)))
            },
            |outcome| outcome,
        )
    }
}

/// Whether a request comes with what its client was asked for (MRTR-M-05).
fn is_sent_again(call: &Call<'_>) -> bool {
    call.params.request_state.is_some() || call.params.input_responses.is_some()
}

/// The operation that layers see.
fn operation(call: &Call<'_>, context: Context) -> Result<Operation, ErrorObject> {
    let params = &call.params;
    let target = match call.method {
        Method::CallTool | Method::GetPrompt => Some(Params::text(params.name, "name")?),
        Method::ReadResource => Some(Params::text(params.uri, "uri")?),
        _ => None,
    };
    Ok(Operation {
        method: call.method,
        revision: call.revision,
        target: target.map(Cow::into_owned),
        arguments: params.arguments.map(JsonBuf::from),
        raw: params.raw().map(JsonBuf::from),
        context,
    })
}

/// Answers an operation behind the last layer.
async fn answer(core: &Arc<Core>, operation: &Operation) -> Outcome {
    let dispatch = {
        let made = OnceCell::from(operation.context.clone());
        let context = || operation.context.clone();
        let request = Request {
            method: operation.method,
            revision: operation.revision,
            params: operation.params()?,
            context: &context,
            made: &made,
        };
        let registry = core.registry();
        match list_of(operation.method) {
            Some(list) => {
                let cursor = cursor(&request.params)?;
                let principal = operation.context.principal();
                let viewer = core.settings.viewer(&registry, principal);
                return registry.list(core, list, viewer, cursor.as_deref());
            }
            None => route(core, &registry, &request),
        }
    };
    match dispatch {
        driver::Dispatch::Ready(outcome) => outcome,
        driver::Dispatch::Pending(future) => future.await,
    }
}

fn list_of(method: Method) -> Option<List> {
    Some(match method {
        Method::ListTools => List::Tools,
        Method::ListPrompts => List::Prompts,
        Method::ListResources => List::Resources,
        Method::ListResourceTemplates => List::Templates,
        _ => return None,
    })
}

fn cursor<'a>(params: &Params<'a>) -> Result<Option<Cow<'a, str>>, ErrorObject> {
    params
        .cursor
        .map(|raw| Params::text(Some(raw), "cursor"))
        .transpose()
}

/// Starts the handler that a request names.
fn route(core: &Arc<Core>, registry: &Registry, request: &Request<'_>) -> driver::Dispatch {
    let started = match request.method {
        Method::CallTool => call_tool(core, registry, request),
        Method::GetPrompt => get_prompt(core, registry, request),
        Method::ReadResource => read_resource(core, registry, request),
        Method::Complete => complete::complete(registry, &request.params),
        method => Err(ErrorObject::method_not_found(method.as_str())),
    };
    started.unwrap_or_else(|error| driver::Dispatch::Ready(Err(error)))
}

fn call_tool(
    core: &Core,
    registry: &Registry,
    request: &Request<'_>,
) -> Result<driver::Dispatch, ErrorObject> {
    let name = Params::text(request.params.name, "name")?;
    let Some(tool) = registry.tools.get(&name) else {
        return Err(unknown("tool", &name));
    };
    let scope = Scope::new(&core.settings.arguments, &core.state, request.context)
        .with_arguments(request.params.arguments);
    Ok(guard::start(
        &name,
        Subject::of(&tool.handler),
        request.made,
        || tool.handler.call(&scope),
        |result| Ok(Reply::CallTool(result)),
    ))
}

fn get_prompt(
    core: &Core,
    registry: &Registry,
    request: &Request<'_>,
) -> Result<driver::Dispatch, ErrorObject> {
    let name = Params::text(request.params.name, "name")?;
    let Some(prompt) = registry.prompts.get(&name) else {
        return Err(unknown("prompt", &name));
    };
    let scope = Scope::new(&core.settings.arguments, &core.state, request.context)
        .with_arguments(request.params.arguments);
    Ok(guard::start(
        &name,
        Subject::of(&prompt.handler),
        request.made,
        || prompt.handler.get(&scope),
        |result| result.map(Reply::GetPrompt),
    ))
}

fn read_resource(
    core: &Core,
    registry: &Registry,
    request: &Request<'_>,
) -> Result<driver::Dispatch, ErrorObject> {
    let uri = Params::text(request.params.uri, "uri")?;
    let (revision, ttl_ms) = (request.revision, core.settings.read_ttl_ms);
    let Some((handler, variables)) = registry.resource(&uri) else {
        return Err(resource_not_found(&uri, revision));
    };
    let scope = Scope::new(&core.settings.arguments, &core.state, request.context)
        .with_resource(&uri, &variables);
    let asked = uri.clone().into_owned();
    Ok(guard::start(
        &uri,
        Subject::of(handler),
        request.made,
        || handler.read(&scope),
        move |result| match result {
            Ok(mut result) => {
                // What a resource says may depend on who asks, unless its handler knows better.
                result.ttl_ms.get_or_insert(ttl_ms);
                result.cache_scope.get_or_insert(CacheScope::Private);
                Ok(Reply::ReadResource(result))
            }
            Err(ResourceError::NotFound) => Err(resource_not_found(&asked, revision)),
            Err(ResourceError::Failed(error)) => Err(error),
        },
    ))
}

/// TOOL-A-07, PRM-A-01.
fn unknown(kind: &str, name: &str) -> ErrorObject {
    let name: String = name.chars().take(80).collect();
    ErrorObject::invalid_params(format!("Unknown {kind}: {name}"))
}
