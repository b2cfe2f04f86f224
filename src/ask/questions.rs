//! What a handler that asks by its result asks, and the state it wants back.

use std::collections::btree_map::Entry;

use mcp_core::model::{
    ElicitFormParams, ElicitParams, ElicitUrlParams, InputRequest, InputRequests,
};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::form::form_schema;
use super::{AskError, Form};

/// What a handler asks by its result, each question under a key, and the state that it gets back
/// with the answers; see [`Turn`](super::Turn).
///
/// The state is sealed like a journal: the client can neither read nor change it.
#[derive(Debug, Clone, Default)]
pub struct Questions {
    pub(super) requests: InputRequests,
    pub(super) state: Option<Box<RawValue>>,
    /// Why they cannot be asked; told when the handler returns them.
    pub(super) problem: Option<AskError>,
}

impl Questions {
    /// No question. With a state alone, the client may send the request again at once (MRTR-M-05).
    pub fn new() -> Self {
        Self::default()
    }

    /// And asks the user by a form whose fields are those of `T`.
    #[must_use]
    pub fn form<T: Form>(mut self, key: &str, message: impl Into<String>) -> Self {
        match form_schema::<T>() {
            Ok(schema) => {
                let params = ElicitFormParams::new(message, schema);
                self.request(
                    key,
                    InputRequest::Elicit(Box::new(ElicitParams::Form(params))),
                )
            }
            Err(source) => {
                let key = key.to_owned();
                self.fail(AskError::NoForm { key, source });
                self
            }
        }
    }

    /// And asks the user to open a URL.
    #[must_use]
    pub fn url(self, key: &str, message: impl Into<String>, url: impl Into<String>) -> Self {
        let params = ElicitUrlParams::new(message, url);
        self.request(
            key,
            InputRequest::Elicit(Box::new(ElicitParams::Url(params))),
        )
    }

    /// And asks this: the way to ask for the roots or the model, or by a form made by hand.
    #[must_use]
    pub fn request(mut self, key: &str, request: InputRequest) -> Self {
        match self.requests.entry(key.to_owned()) {
            Entry::Vacant(free) => {
                free.insert(request);
            }
            Entry::Occupied(_) => self.fail(AskError::KeyClash(key.to_owned())),
        }
        self
    }

    /// And wants this back with the answers. It takes the place of the state before it.
    #[must_use]
    pub fn state(mut self, state: &impl Serialize) -> Self {
        match to_raw_value(state) {
            Ok(json) => self.state = Some(json),
            Err(error) => self.fail(AskError::Unkept(error.to_string())),
        }
        self
    }

    /// What is asked, by its keys.
    pub fn requests(&self) -> &InputRequests {
        &self.requests
    }

    fn fail(&mut self, problem: AskError) {
        self.problem.get_or_insert(problem);
    }
}
