//! What the parameters of one call are made from.

use std::any::{Any, TypeId, type_name};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use mcp_core::json::JsonText;
use mcp_core::jsonrpc::ErrorObject;

use super::ArgumentOptions;
use crate::context::Context;

/// Everything a handler's parameters are made from: the arguments as they arrived, the server's
/// state, the request's context.
pub struct Scope<'a> {
    options: &'a ArgumentOptions,
    state: &'a StateMap,
    context: &'a dyn Fn() -> Context,
    arguments: Option<JsonText<'a>>,
    uri: Option<&'a str>,
    variables: &'a [(&'a str, Cow<'a, str>)],
}

impl<'a> Scope<'a> {
    /// A scope without arguments. `context` is asked only by handlers that take a context.
    pub fn new(
        options: &'a ArgumentOptions,
        state: &'a StateMap,
        context: &'a dyn Fn() -> Context,
    ) -> Self {
        Self {
            options,
            state,
            context,
            arguments: None,
            uri: None,
            variables: &[],
        }
    }

    /// The same scope with the `arguments` of a `tools/call` or `prompts/get`.
    #[must_use]
    pub fn with_arguments(mut self, arguments: Option<JsonText<'a>>) -> Self {
        self.arguments = arguments;
        self
    }

    /// This scope with other arguments.
    #[cfg(feature = "validation")]
    pub(super) fn with_other_arguments<'s>(&'s self, arguments: JsonText<'s>) -> Scope<'s> {
        Scope {
            options: self.options,
            state: self.state,
            context: self.context,
            arguments: Some(arguments),
            uri: self.uri,
            variables: self.variables,
        }
    }

    /// The same scope with the URI of a `resources/read` and the variables its template matched.
    #[must_use]
    pub fn with_resource(mut self, uri: &'a str, variables: &'a [(&'a str, Cow<'a, str>)]) -> Self {
        self.uri = Some(uri);
        self.variables = variables;
        self
    }

    /// The arguments as they arrived.
    pub fn arguments(&self) -> Option<JsonText<'a>> {
        self.arguments
    }

    /// How arguments are read.
    pub fn options(&self) -> &'a ArgumentOptions {
        self.options
    }

    /// The URI that is read; `None` outside `resources/read`.
    pub fn uri(&self) -> Option<&'a str> {
        self.uri
    }

    /// The variables that the template matched, decoded.
    pub fn variables(&self) -> &'a [(&'a str, Cow<'a, str>)] {
        self.variables
    }

    /// The server's state of this type.
    pub fn state<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.state.get()
    }

    /// The request's context.
    pub fn context(&self) -> Context {
        (self.context)()
    }
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Arguments may hold secrets; they are the handler's to show.
        f.debug_struct("Scope")
            .field("uri", &self.uri)
            .finish_non_exhaustive()
    }
}

/// The values that a server's handlers share, one of each type.
#[derive(Clone, Default)]
pub struct StateMap(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl StateMap {
    /// Adds a value; one of the same type is replaced.
    pub fn insert<T: Send + Sync + 'static>(&mut self, value: Arc<T>) {
        self.0.insert(TypeId::of::<T>(), value);
    }

    /// The value of this type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let value = self.0.get(&TypeId::of::<T>())?;
        Arc::clone(value).downcast().ok()
    }

    /// Whether a handler's need is met.
    pub fn meets(&self, need: &StateNeed) -> bool {
        self.0.contains_key(&need.type_id)
    }
}

impl fmt::Debug for StateMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateMap")
            .field("len", &self.0.len())
            .finish()
    }
}

/// A type of state that a handler cannot do without, checked when the server starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StateNeed {
    /// The type.
    pub type_id: TypeId,
    /// Its name, for the error.
    pub type_name: &'static str,
}

impl StateNeed {
    /// The need of a `T`.
    pub fn of<T: 'static>() -> Self {
        Self {
            type_id: TypeId::of::<T>(),
            type_name: type_name::<T>(),
        }
    }
}

/// A parameter that is made from the call instead of its arguments.
///
/// [`Context`], [`State`](super::State), [`Progress`](super::Progress) and the other extractors
/// implement it; so can a type of yours.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an extractor",
    label = "nothing makes this from a call",
    note = "extractors are `Context`, `State<T>`, `Progress`, `Cancelled`, `Principal`, `RequestMeta`, `ResourceUri`, and types that implement `FromCall`"
)]
pub trait FromCall: Sized {
    /// Makes the value.
    ///
    /// # Errors
    ///
    /// The error is the answer to the request: it is the protocol's, not the tool's.
    fn from_call(scope: &Scope<'_>) -> Result<Self, ErrorObject>;

    /// The state without which [`from_call`](Self::from_call) always fails.
    fn needs() -> Option<StateNeed> {
        None
    }
}
