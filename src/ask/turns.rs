//! Asking what a handler returned to be asked: by the result, or by requests in a session.

use std::collections::BTreeMap;

use mcp_core::engine::{Outcome, Reply};
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::{
    CallToolResult, ElicitParams, InputRequest, InputRequests, InputRequired, InputResponses,
    JsonObject,
};
use serde_json::value::RawValue;

use super::context::unanswered;
use super::desk::{Desk, Way, question};
use super::journal::Journal;
use super::{AskError, Questions};
use crate::context::Context;

/// What a handler ends with in place of its answer.
#[derive(Debug)]
pub(crate) enum Instead {
    /// It asks.
    Ask(Box<Questions>),
    /// What it asked has no answer.
    Unanswered(AskError),
    /// It could not be called again.
    Failed(ErrorObject),
}

impl Desk {
    /// Notes that the handler asks by what it returns.
    pub(crate) fn take_turns(&self) {
        self.state().takes_turns = true;
    }

    /// Whether the client is asked by requests, so that the handler is called again here.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.way(), Way::Live)
    }

    /// Puts something in place of the answer that the handler gives.
    pub(crate) fn instead(&self, instead: Instead) {
        self.state().instead = Some(instead);
    }

    /// What stands in place of the handler's answer.
    pub(crate) fn take_instead(&self) -> Option<Instead> {
        self.state().instead.take()
    }

    /// The state that the handler gave along.
    pub(super) fn own_state(&self) -> Option<Box<RawValue>> {
        let state = self.state();
        state.journal.as_ref()?.own_state().map(ToOwned::to_owned)
    }

    /// The answers that came with the request.
    pub(super) fn responses(&self) -> InputResponses {
        let state = self.state();
        let responses = state.responses.iter().filter_map(|(key, json)| {
            let value = serde_json::from_str(json.get()).ok()?;
            Some((key.clone(), value))
        });
        InputResponses(responses.collect::<JsonObject>())
    }

    /// Prepares the next call of the handler, which gets this state and these answers.
    fn begin_turn(
        &self,
        own: Option<Box<RawValue>>,
        responses: BTreeMap<String, Box<RawValue>>,
        limit: usize,
    ) -> Result<(), AskError> {
        let mut state = self.state();
        let journal = state.journal.get_or_insert_with(Journal::new);
        journal.set_own_state(own, limit)?;
        state.responses = responses;
        // What ran in the last turn may be met again in this one.
        state.keys.clear();
        Ok(())
    }
}

impl Context {
    /// The outcome of a handler: with what it asks, or was refused, in place of its answer.
    pub(crate) fn settle(&self, outcome: Outcome) -> Outcome {
        let asked = match self.desk().take_instead() {
            None => return self.desk().settle(outcome),
            Some(Instead::Failed(error)) => return Err(error),
            Some(Instead::Unanswered(error)) => Err(error),
            Some(Instead::Ask(questions)) => self.ask_by_result(*questions),
        };
        let error = match asked {
            Ok(required) => return Ok(Reply::InputRequired(Box::new(required))),
            Err(error) => error,
        };
        let refused = match outcome {
            Ok(Reply::CallTool(_)) => Ok(Reply::CallTool(CallToolResult::error(error.to_string()))),
            _ => Err(ErrorObject::internal(error.to_string())),
        };
        self.desk().settle(refused)
    }

    /// Asks by the result of the request (MRTR-M-01).
    fn ask_by_result(&self, questions: Questions) -> Result<InputRequired, AskError> {
        let (requests, own) = self.prepare(questions)?;
        let Way::Rounds(rounds) = self.desk().way() else {
            return Err(self.no_way_back(&requests));
        };
        let mut state = self.desk().state();
        let journal = state.journal.get_or_insert_with(Journal::new);
        journal.set_own_state(own, self.limits().journal)?;
        let digests = requests.iter();
        let digests = digests.map(|(key, request)| (key.clone(), question(request)));
        journal.next_round(digests.collect());
        let kept = self
            .journals()
            .keep(journal, &rounds.binding(), self.limits())?;
        Ok(InputRequired {
            // MRTR-M-02: one of both must be there, and the state is.
            input_requests: (!requests.is_empty()).then_some(requests),
            request_state: Some(kept),
            ..InputRequired::default()
        })
    }

    /// Asks by a request for each question, all at once, and notes the answers for the next turn.
    pub(crate) async fn ask_by_requests(&self, questions: Questions) -> Result<(), AskError> {
        let (requests, own) = self.prepare(questions)?;
        let asked = requests.into_iter().map(|(key, request)| {
            // It is sent now, and not when its answer is first waited for.
            (key, self.exchange().ask(request))
        });
        let asked: Vec<_> = asked.collect();
        let mut responses = BTreeMap::new();
        for (key, answer) in asked {
            let answer = answer.await;
            let answer = answer.map_err(|failure| unanswered(&key, failure))?;
            responses.insert(key, answer);
        }
        self.desk()
            .begin_turn(own, responses, self.limits().journal)
    }

    /// The questions as they can be sent, if every one of them can.
    fn prepare(
        &self,
        questions: Questions,
    ) -> Result<(InputRequests, Option<Box<RawValue>>), AskError> {
        let Questions {
            mut requests,
            state,
            problem,
        } = questions;
        if let Some(problem) = problem {
            return Err(problem);
        }
        for (key, request) in &mut requests {
            self.check(key, request)?;
            if let InputRequest::Elicit(params) = request
                && let ElicitParams::Url(url) = &mut **params
            {
                self.name_elicitation(key, url);
            }
        }
        Ok((requests, state))
    }

    fn no_way_back(&self, requests: &InputRequests) -> AskError {
        AskError::NoWayBack {
            key: requests.keys().next().cloned().unwrap_or_default(),
            reason: match self.desk().way() {
                Way::None(reason) => reason,
                _ => "the handler is not called again",
            },
        }
    }
}
