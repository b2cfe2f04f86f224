//! The low-level form of asking: a handler that is a state machine.

use std::fmt;

use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::{ElicitAction, ElicitResult, InputResponses};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::desk::unknown_state;
use super::{AskError, Elicited, Form, Questions};
use crate::context::Context;
use crate::handler::{FromCall, Scope};

/// What a handler returns that asks by its result: questions, or what it is called for. It sees
/// the answers and its state as [`Inputs`] when it is called again.
///
/// ```
/// use toolwright::ask::{Inputs, Questions, Turn};
/// use toolwright::prelude::*;
///
/// #[form]
/// struct Size {
///     /// In centimetres.
///     size: u32,
/// }
///
/// /// Bakes a pizza.
/// #[tool]
/// fn bake(inputs: Inputs) -> Result<Turn<String>, AskError> {
///     Ok(match inputs.form::<Size>("size")? {
///         Some(answer) => Turn::Done(format!("A pizza of {} cm", answer.accepted()?.size)),
///         None => Turn::Ask(Questions::new().form::<Size>("size", "How large?")),
///     })
/// }
///
/// // It is an ordinary function.
/// assert!(matches!(bake(Inputs::new()), Ok(Turn::Ask(asked)) if asked.requests().len() == 1));
/// ```
#[derive(Debug, Clone)]
pub enum Turn<T> {
    /// It asks first. To a client of 2026-07-28 that is the result `input_required` (MRTR-M-01);
    /// one of a handshake gets a request for each question, and then the handler is called again.
    Ask(Questions),
    /// It is done.
    Done(T),
}

/// What a handler that returns a [`Turn`] was answered, and the state it gave along: a parameter of
/// this type gets it.
#[derive(Clone)]
pub struct Inputs<S = ()> {
    state: Option<S>,
    responses: InputResponses,
    /// The request they came with.
    context: Option<Context>,
}

impl<S> Inputs<S> {
    /// Those of a handler that is called for the first time.
    pub fn new() -> Self {
        Self {
            state: None,
            responses: InputResponses::default(),
            context: None,
        }
    }

    /// Those of a handler that gave this state along and got these answers, for a unit test of it.
    pub fn with(state: S, responses: InputResponses) -> Self {
        Self {
            state: Some(state),
            responses,
            context: None,
        }
    }

    /// The state of the turn before this one; `None` in the first, and when it gave none.
    pub fn state(&self) -> Option<&S> {
        self.state.as_ref()
    }

    /// What the user did with the form under `key`; `None` when there is no answer, which is to be
    /// asked for again (MRTR-M-09).
    ///
    /// # Errors
    /// [`AskError::Unfit`]: the answer does not fit the form.
    pub fn form<T: Form>(&self, key: &str) -> Result<Option<Elicited<T>>, AskError> {
        let Some(result) = self.read::<ElicitResult>(key)? else {
            return Ok(None);
        };
        Ok(Some(match result.action {
            ElicitAction::Accept => {
                let content = Value::Object(result.content.unwrap_or_default());
                let read = T::deserialize(content);
                Elicited::Accepted(read.map_err(|error| self.unfit(key, &error))?)
            }
            ElicitAction::Decline => Elicited::Declined,
            ElicitAction::Cancel => Elicited::Dismissed,
        }))
    }

    /// What the user did with the URL under `key`. Accepted means that the user agreed to open it.
    ///
    /// # Errors
    /// As [`Inputs::form`].
    pub fn url(&self, key: &str) -> Result<Option<Elicited<()>>, AskError> {
        let result = self.read::<ElicitResult>(key)?;
        Ok(result.map(|result| result.action.into()))
    }

    /// The answer under `key` as the result that it is, such as
    /// [`ListRootsResult`](crate::model::legacy::ListRootsResult).
    ///
    /// # Errors
    /// As [`Inputs::form`].
    pub fn read<R: DeserializeOwned>(&self, key: &str) -> Result<Option<R>, AskError> {
        let read = self.responses.read(key).transpose();
        read.map_err(|error| self.unfit(key, &error))
    }

    fn unfit(&self, key: &str, error: &serde_json::Error) -> AskError {
        match &self.context {
            Some(context) => context.unfit(key, error),
            None => AskError::Unfit {
                key: key.to_owned(),
                reason: error.to_string(),
            },
        }
    }
}

impl<S> Default for Inputs<S> {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows no answer: what users say is theirs.
impl<S> fmt::Debug for Inputs<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inputs")
            .field("responses", &self.responses.0.len())
            .finish_non_exhaustive()
    }
}

impl<S: DeserializeOwned> FromCall for Inputs<S> {
    /// # Errors
    /// -32602 when the state is none of this handler's: it was given by a version of the program
    /// that had another (MRTR-M-07).
    fn from_call(scope: &Scope<'_>) -> Result<Self, ErrorObject> {
        let context = scope.context();
        let state = context.desk().own_state();
        let state = state.map(|json| serde_json::from_str(json.get()));
        Ok(Self {
            state: state.transpose().map_err(|_| unknown_state())?,
            responses: context.desk().responses(),
            context: Some(context),
        })
    }
}
