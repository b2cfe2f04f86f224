//! Asking and recording, as a handler sees it.

use std::future::{pending, poll_fn};
use std::pin::pin;

use mcp_core::engine::AskFailure;
use mcp_core::model::legacy::{
    CreateMessageParams, CreateMessageResult, IncludeContext, ListRootsResult, Root,
};
use mcp_core::model::{
    ElicitAction, ElicitFormParams, ElicitParams, ElicitResult, ElicitUrlParams, InputRequest,
    JsonObject, Lower,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::desk::{Entry, Way};
use super::form::form_schema;
use super::journal::digest;
use super::{AskError, Elicited, Form, IdempotencyKey, Needed, StepError, mark};
use crate::context::Context;

impl Context {
    /// Asks the user by a form whose fields are those of `T` (ELI-A-02).
    ///
    /// `key` names the question within this call. See the [module](crate::ask) for what happens
    /// while the user thinks.
    ///
    /// # Errors
    /// [`AskError`]: the client cannot be asked, or did not answer. That the user said no is an
    /// answer.
    pub async fn elicit<T: Form>(
        &self,
        key: &str,
        message: impl Into<String>,
    ) -> Result<Elicited<T>, AskError> {
        let schema = form_schema::<T>().map_err(|source| AskError::NoForm {
            key: key.to_owned(),
            source,
        })?;
        let params = ElicitFormParams::new(message, schema);
        let content = self.elicit_form(key, params).await?;
        match content {
            Elicited::Accepted(content) => {
                let read = T::deserialize(Value::Object(content));
                let answer = read.map_err(|error| self.unfit(key, &error))?;
                Ok(Elicited::Accepted(answer))
            }
            Elicited::Declined => Ok(Elicited::Declined),
            Elicited::Dismissed => Ok(Elicited::Dismissed),
        }
    }

    /// Asks the user by a form that was put together by hand, and returns its fields as they came.
    ///
    /// # Errors
    /// As [`Context::elicit`].
    pub async fn elicit_form(
        &self,
        key: &str,
        params: ElicitFormParams,
    ) -> Result<Elicited<JsonObject>, AskError> {
        if let Some(field) = params.requested_schema.unknown_field(self.revision()) {
            let reason = format!("the field `{field}` takes several values");
            return Err(AskError::NotInRevision {
                key: key.to_owned(),
                reason: format!("{reason}, which {} does not know", self.revision()),
            });
        }
        let request = InputRequest::Elicit(Box::new(ElicitParams::Form(params)));
        let result: ElicitResult = self.ask(key, request, &[Needed::Form]).await?;
        Ok(match result.action {
            ElicitAction::Accept => Elicited::Accepted(result.content.unwrap_or_default()),
            ElicitAction::Decline => Elicited::Declined,
            ElicitAction::Cancel => Elicited::Dismissed,
        })
    }

    /// Asks the user to open a URL, where what must not pass through the client is entered
    /// (ELI-A-04). Accepted means that the user agreed, not that anything was done there
    /// (ELI-M-05).
    ///
    /// # Errors
    /// As [`Context::elicit`].
    pub async fn elicit_url(
        &self,
        key: &str,
        message: impl Into<String>,
        url: impl Into<String>,
    ) -> Result<Elicited<()>, AskError> {
        let mut params = ElicitUrlParams::new(message, url);
        let name = digest(format!("{} {key} {}", self.request_id(), params.url).as_bytes());
        params.elicitation_id = Some(format!("{name:016x}"));
        let request = InputRequest::Elicit(Box::new(ElicitParams::Url(params)));
        let result: ElicitResult = self.ask(key, request, &[Needed::Url]).await?;
        Ok(match result.action {
            ElicitAction::Accept => Elicited::Accepted(()),
            ElicitAction::Decline => Elicited::Declined,
            ElicitAction::Cancel => Elicited::Dismissed,
        })
    }

    /// Asks the client's model (SMP-A-02).
    ///
    /// # Errors
    /// As [`Context::elicit`].
    pub async fn sample(
        &self,
        key: &str,
        params: CreateMessageParams,
    ) -> Result<CreateMessageResult, AskError> {
        let mut needed = vec![Needed::Sampling];
        if params.tools.is_some() || params.tool_choice.is_some() {
            needed.push(Needed::SamplingTools);
        }
        let more = params.include_context.as_ref();
        if more.is_some_and(|context| *context != IncludeContext::NONE) {
            needed.push(Needed::SamplingContext);
        }
        let request = InputRequest::CreateMessage(Box::new(params));
        self.ask(key, request, &needed).await
    }

    /// Asks for the folders the client works in (ROOT-A-01).
    ///
    /// # Errors
    /// As [`Context::elicit`].
    pub async fn roots(&self, key: &str) -> Result<Vec<Root>, AskError> {
        let request = InputRequest::ListRoots(Some(Default::default()));
        let result: ListRootsResult = self.ask(key, request, &[Needed::Roots]).await?;
        Ok(result.roots)
    }

    /// Does something that must not be repeated when the call comes again with an answer, and
    /// records its value.
    ///
    /// `run` gets a key for services that recognise a repetition by one. What fails is not
    /// recorded.
    ///
    /// # Errors
    /// [`StepError::Failed`] with the error of `run`; [`StepError::Refused`] when the step could
    /// not be run or recorded.
    pub async fn step<T, E, F>(&self, name: &str, run: F) -> Result<T, StepError<E>>
    where
        T: Serialize + DeserializeOwned,
        F: AsyncFnOnce(IdempotencyKey) -> Result<T, E>,
    {
        let unrecordable = |error: serde_json::Error| AskError::Unrecordable {
            step: name.to_owned(),
            reason: error.to_string(),
        };
        let mut entry = self.enter(name).await?;
        if let Some(json) = entry.recorded_step() {
            let value = serde_json::from_str(json.get()).map_err(unrecordable)?;
            entry.resolve();
            return Ok(value);
        }
        let mut future = pin!(run(entry.run()));
        let ran = poll_fn(|cx| mark::during_step(|| future.as_mut().poll(cx))).await;
        let value = ran.map_err(StepError::Failed)?;
        let json = to_raw_value(&value).map_err(unrecordable)?;
        entry.record_step(json, self.limits().journal)?;
        entry.resolve();
        Ok(value)
    }

    /// Whether the user can be asked by a form.
    pub fn can_elicit(&self) -> bool {
        self.can_ask(Needed::Form)
    }

    /// Whether the user can be sent to a URL.
    pub fn can_elicit_url(&self) -> bool {
        self.can_ask(Needed::Url)
    }

    /// Whether the client's model can be asked.
    pub fn can_sample(&self) -> bool {
        self.can_ask(Needed::Sampling)
    }

    /// Whether the client lists its roots.
    pub fn can_list_roots(&self) -> bool {
        self.can_ask(Needed::Roots)
    }

    fn can_ask(&self, needed: Needed) -> bool {
        !matches!(self.desk().way(), Way::Unheard | Way::None(_))
            && needed.is_declared(self.client_capabilities())
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        key: &str,
        mut request: InputRequest,
        needed: &[Needed],
    ) -> Result<T, AskError> {
        let entry = self.enter(key).await?;
        // A question is recognised as the client sees it.
        request.lower(self.revision());
        let json = match self.desk().way() {
            Way::Live => {
                self.check_declared(key, needed)?;
                let answer = self.exchange().ask(request).await;
                answer.map_err(|failure| unanswered(key, failure))?
            }
            Way::Unheard => return Err(unanswered(key, AskFailure::NoWayBack)),
            Way::Rounds(_) | Way::None(_) => match entry.answer(&request, self.limits().journal)? {
                Some(json) => json,
                None => {
                    self.check_declared(key, needed)?;
                    wait_for_the_next_round(&entry, request).await
                }
            },
        };
        let answer = serde_json::from_str(json.get()).map_err(|error| self.unfit(key, &error))?;
        entry.resolve();
        Ok(answer)
    }

    /// Takes a key. Never completes when the request is over.
    async fn enter(&self, key: &str) -> Result<Entry<'_>, AskError> {
        let desk = self.desk();
        let entry = desk.enter(key)?;
        if desk.is_closed() {
            return pending().await;
        }
        Ok(entry)
    }

    fn check_declared(&self, key: &str, needed: &[Needed]) -> Result<(), AskError> {
        let declared = self.client_capabilities();
        let missing = needed.iter().find(|needed| !needed.is_declared(declared));
        let Some(needed) = missing.copied() else {
            return Ok(());
        };
        let error = AskError::Undeclared {
            key: key.to_owned(),
            needed,
        };
        self.desk().note(&error);
        Err(error)
    }

    fn unfit(&self, key: &str, error: &serde_json::Error) -> AskError {
        let error = AskError::Unfit {
            key: key.to_owned(),
            reason: error.to_string(),
        };
        self.desk().note(&error);
        error
    }
}

/// Registers the question and never completes: the handler is dropped when the round ends.
async fn wait_for_the_next_round(entry: &Entry<'_>, request: InputRequest) -> Box<RawValue> {
    entry.put(request);
    pending().await
}

fn unanswered(key: &str, failure: AskFailure) -> AskError {
    let key = key.to_owned();
    match failure {
        AskFailure::NoWayBack => AskError::NoWayBack {
            key,
            reason: "the server keeps no session with this client, so that no answer could find \
                     its way back",
        },
        failure => AskError::Unanswered { key, failure },
    }
}
