//! The extractors: parameters that are no arguments.

use std::ops::Deref;
use std::sync::Arc;

pub use mcp_core::engine::{Principal, Scopes};
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::Meta;
use serde::de::DeserializeOwned;

use super::{FromCall, Scope, StateNeed};
use crate::context::Context;

impl FromCall for Context {
    fn from_call(scope: &Scope<'_>) -> Result<Self, ErrorObject> {
        Ok(scope.context())
    }
}

/// A value that all handlers of a server share, given by
/// [`Server::state`](crate::Server::state).
///
/// A server whose handler takes a state that nobody gave does not build. In a unit test, make one
/// by hand: `State(Arc::new(value))`.
#[derive(Debug)]
pub struct State<T>(
    /// The value.
    pub Arc<T>,
);

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Send + Sync + 'static> FromCall for State<T> {
    fn from_call(scope: &Scope<'_>) -> Result<Self, ErrorObject> {
        scope
            .state()
            .map(Self)
            .ok_or_else(|| ErrorObject::internal("the server lacks a state that the handler needs"))
    }

    fn needs() -> Option<StateNeed> {
        Some(StateNeed::of::<T>())
    }
}

/// Tells the client how far the work is: [`Context::progress`] for functions that need nothing
/// else (PROG-A-02).
#[derive(Debug, Clone)]
pub struct Progress(Context);

impl Progress {
    /// Reports that `progress` of `total` units are done, with a sentence for people.
    ///
    /// Without a progress token in the request nothing is sent. A value that is not above the one
    /// before it is not sent either, because progress only grows.
    pub fn report(&self, progress: f64, total: Option<f64>, message: impl Into<Option<String>>) {
        self.0.progress(progress, total, message.into().as_deref());
    }
}

impl From<Context> for Progress {
    fn from(context: Context) -> Self {
        Self(context)
    }
}

impl FromCall for Progress {
    fn from_call(scope: &Scope<'_>) -> Result<Self, ErrorObject> {
        Ok(Self(scope.context()))
    }
}

/// Whether the client still wants the answer (CAN-A-01).
///
/// A handler that takes this is not dropped when its request is cancelled, but left running for
/// [`Limits::cancel_grace`](crate::Limits::cancel_grace) to end by itself.
#[derive(Debug, Clone)]
pub struct Cancelled(Context);

impl Cancelled {
    /// Whether the request was cancelled, ran out of time, or lost its connection.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Completes when the request is cancelled, runs out of time, or loses its connection.
    pub async fn cancelled(&self) {
        self.0.cancelled().await;
    }
}

impl From<Context> for Cancelled {
    fn from(context: Context) -> Self {
        context.watch_cancellation();
        Self(context)
    }
}

impl FromCall for Cancelled {
    fn from_call(scope: &Scope<'_>) -> Result<Self, ErrorObject> {
        Ok(Self::from(scope.context()))
    }
}

/// The `_meta` of the request (META-A-01).
#[derive(Debug, Clone)]
pub struct RequestMeta(
    /// The entries, as they arrived.
    pub Meta,
);

impl Deref for RequestMeta {
    type Target = Meta;

    fn deref(&self) -> &Meta {
        &self.0
    }
}

impl FromCall for Principal {
    fn from_call(scope: &Scope<'_>) -> Result<Self, ErrorObject> {
        Ok(scope.context().principal().clone())
    }
}

/// What was said of the caller when it was verified, as a type of yours: the claims of its token.
///
/// A call of somebody of whom that was not said is an error, -32603: of the local peer, above
/// all. [`Principal::claims`] leaves the choice to the handler.
///
/// ```
/// use toolwright::prelude::*;
/// use toolwright::handler::Claims;
///
/// #[data]
/// struct Employee {
///     department: String,
/// }
///
/// /// Says where the caller works.
/// #[tool]
/// fn department(Claims(employee): Claims<Employee>) -> String {
///     employee.department
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Claims<T>(
    /// The claims.
    pub T,
);

impl<T: DeserializeOwned> FromCall for Claims<T> {
    fn from_call(scope: &Scope<'_>) -> Result<Self, ErrorObject> {
        scope
            .context()
            .principal()
            .claims()
            .map(Self)
            .map_err(|error| {
                tracing::warn!(%error, "the claims of a caller are not what a handler takes");
                ErrorObject::internal("the caller lacks a claim that the handler needs")
            })
    }
}

impl FromCall for RequestMeta {
    fn from_call(scope: &Scope<'_>) -> Result<Self, ErrorObject> {
        Ok(Self(scope.context().meta().clone()))
    }
}

/// In a resource's handler: the URI that is read, as the client wrote it. Anywhere else it is an
/// error, -32603.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceUri(
    /// The URI.
    pub String,
);

impl FromCall for ResourceUri {
    fn from_call(scope: &Scope<'_>) -> Result<Self, ErrorObject> {
        scope
            .uri()
            .map(|uri| Self(uri.to_owned()))
            .ok_or_else(|| ErrorObject::internal("only a resource's handler has a URI"))
    }
}
