//! Asking and recording, as a handler sees it.

use std::future::{pending, poll_fn};
use std::pin::pin;

use mcp_core::engine::AskFailure;
use mcp_core::model::legacy::{CreateMessageParams, CreateMessageResult, ListRootsResult, Root};
use mcp_core::model::{
    ElicitAction, ElicitFormParams, ElicitParams, ElicitResult, InputRequest, JsonObject, Lower,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::desk::{Entry, Way};
use super::form::form_schema;
use super::needed::refusal;
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
        let request = InputRequest::Elicit(Box::new(ElicitParams::Form(params)));
        let result: ElicitResult = self.ask(key, request).await?;
        Ok(match result.action {
            ElicitAction::Accept => Elicited::Accepted(result.content.unwrap_or_default()),
            ElicitAction::Decline => Elicited::Declined,
            ElicitAction::Cancel => Elicited::Dismissed,
        })
    }

    /// Asks the client's model (SMP-A-02).
    ///
    /// # Errors
    /// As [`Context::elicit`].
    #[deprecated(
        note = "2026-07-28 deprecates sampling (SEP-2577), and a revision of 2027-07-28 or later may remove it; call a model yourself"
    )]
    pub async fn sample(
        &self,
        key: &str,
        params: CreateMessageParams,
    ) -> Result<CreateMessageResult, AskError> {
        let request = InputRequest::CreateMessage(Box::new(params));
        self.ask(key, request).await
    }

    /// Asks for the folders the client works in (ROOT-A-01).
    ///
    /// # Errors
    /// As [`Context::elicit`].
    #[deprecated(
        note = "2026-07-28 deprecates roots (SEP-2577), and a revision of 2027-07-28 or later may remove them; take folders as arguments"
    )]
    pub async fn roots(&self, key: &str) -> Result<Vec<Root>, AskError> {
        let request = InputRequest::ListRoots(Some(Default::default()));
        let result: ListRootsResult = self.ask(key, request).await?;
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
    #[deprecated(
        note = "2026-07-28 deprecates sampling (SEP-2577), and a revision of 2027-07-28 or later may remove it; call a model yourself"
    )]
    pub fn can_sample(&self) -> bool {
        self.can_ask(Needed::Sampling)
    }

    /// Whether the client lists its roots.
    #[deprecated(
        note = "2026-07-28 deprecates roots (SEP-2577), and a revision of 2027-07-28 or later may remove them; take folders as arguments"
    )]
    pub fn can_list_roots(&self) -> bool {
        self.can_ask(Needed::Roots)
    }

    fn can_ask(&self, needed: Needed) -> bool {
        !matches!(self.desk().way(), Way::Unheard | Way::None(_))
            && needed.is_declared(self.client_capabilities())
    }

    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        key: &str,
        mut request: InputRequest,
    ) -> Result<T, AskError> {
        if self.desk().takes_turns() {
            return Err(AskError::InTurns(key.to_owned()));
        }
        let entry = self.enter(key).await?;
        let json = match self.desk().way() {
            Way::Live | Way::Unheard => {
                self.check(key, &request)?;
                let answer = self.exchange().ask(request).await;
                answer.map_err(|failure| unanswered(key, failure))?
            }
            Way::Rounds(_) | Way::None(_) => {
                // A question is recognised as the client sees it.
                request.lower(self.revision());
                match entry.answer(&request, self.limits().journal)? {
                    Some(json) => json,
                    None => {
                        self.check(key, &request)?;
                        wait_for_the_next_round(&entry, request).await
                    }
                }
            }
        };
        let answer = serde_json::from_str(json.get()).map_err(|error| self.unfit(key, &error))?;
        entry.resolve();
        Ok(answer)
    }

    /// Takes a key. Never completes when the request is over.
    pub(super) async fn enter(&self, key: &str) -> Result<Entry<'_>, AskError> {
        let desk = self.desk();
        let entry = desk.enter(key)?;
        if desk.is_closed() {
            return pending().await;
        }
        Ok(entry)
    }

    /// Whether the client can be asked this: it declared so, and its revision has words for it.
    pub(super) fn check(&self, key: &str, request: &InputRequest) -> Result<(), AskError> {
        if let Way::Unheard = self.desk().way() {
            return Err(unanswered(key, AskFailure::NoWayBack));
        }
        let error = refusal(key, request, self.client_capabilities(), self.revision());
        let Some(error) = error else {
            return Ok(());
        };
        self.desk().note(&error);
        Err(error)
    }

    pub(super) fn unfit(&self, key: &str, error: &serde_json::Error) -> AskError {
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

pub(super) fn unanswered(key: &str, failure: AskFailure) -> AskError {
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
