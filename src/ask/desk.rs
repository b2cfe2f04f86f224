//! What one request asks and records while its handler runs.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use mcp_core::engine::{Call, Outcome, Reply};
use mcp_core::json::JsonBuf;
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::lifecycle::Method;
use mcp_core::model::{InputRequest, InputRequired};
use mcp_core::{Era, Limits};
use serde_json::value::RawValue;

use super::binding::Binding;
use super::journal::{IdempotencyKey, Journal, digest, random};
use super::mark::{self, Place};
use super::store::Round;
use super::turns::Instead;
use super::{AskError, Journals};

/// One request's questions, answers and steps. Its address is its mark.
#[derive(Debug)]
pub(crate) struct Desk {
    way: Way,
    state: Mutex<State>,
}

/// How a question gets to the client.
#[derive(Debug)]
pub(super) enum Way {
    /// As a request of the server (RPC-L-10).
    Live,
    /// It would be such a request, but nobody here would hear the answer.
    Unheard,
    /// As the result of the request, which then comes again (MRTR-M-01).
    Rounds(Box<Rounds>),
    /// Not at all.
    None(&'static str),
}

/// A request that may be sent again with answers.
#[derive(Debug)]
pub(super) struct Rounds {
    binding: Binding,
    /// `requestState`, as it arrived.
    state: Option<JsonBuf>,
    /// `inputResponses`, as they arrived.
    responses: Option<JsonBuf>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// What the client carried; `None` until the call first records.
    pub(super) journal: Option<Journal>,
    /// Answers that came with this request and are not recorded yet.
    pub(super) responses: BTreeMap<String, Box<RawValue>>,
    /// The keys of this run.
    pub(super) keys: HashSet<String>,
    asked: BTreeMap<String, InputRequest>,
    running_steps: usize,
    /// The names of the elicitations of questions.
    elicitations: BTreeMap<String, String>,
    /// What handlers were refused: the text they got, and what it is to the protocol.
    refusals: Vec<(String, ErrorObject)>,
    /// Whether the request is over while a step still runs.
    closed: bool,
    /// Whether the handler asks by what it returns.
    pub(super) takes_turns: bool,
    /// What stands in place of the handler's answer.
    pub(super) instead: Option<Instead>,
}

impl Desk {
    /// For a request of a connection.
    pub(crate) fn of(call: &Call<'_>) -> Self {
        let asks = matches!(
            call.method,
            Method::CallTool | Method::GetPrompt | Method::ReadResource
        );
        let way = match call.revision.era() {
            _ if !asks => Way::None("only tools, prompts and resources can ask"),
            Era::Legacy if call.is_one_way() => Way::Unheard,
            Era::Legacy => Way::Live,
            Era::Modern => Way::Rounds(Box::new(Rounds {
                binding: Binding::of(call),
                state: call.params.request_state.map(JsonBuf::from),
                responses: call.params.input_responses.map(JsonBuf::from),
            })),
        };
        Self {
            way,
            state: Mutex::default(),
        }
    }

    /// For no request at all.
    pub(crate) fn detached() -> Self {
        Self {
            way: Way::None("there is no client"),
            state: Mutex::default(),
        }
    }

    pub(super) fn way(&self) -> &Way {
        &self.way
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Runs a poll of this request's handler.
    pub(crate) fn during<T>(&self, poll: impl FnOnce() -> T) -> T {
        mark::during(self.address(), poll)
    }

    /// Reads what came with the request: the journal and the answers. Before its handler runs, so
    /// that nobody acts on what is forged.
    ///
    /// # Errors
    /// -32602 when the state is not of this request (fault 56), or the answers are no object.
    pub(crate) fn open(&self, journals: &Journals) -> Result<(), ErrorObject> {
        let Way::Rounds(rounds) = &self.way else {
            return Ok(());
        };
        let journal = rounds.state()?.map(|text| {
            let journal = journals.open(&text, &rounds.binding());
            journal.ok_or_else(unknown_state)
        });
        let journal = journal.transpose()?;
        let responses = rounds.responses()?;
        let mut state = self.state();
        state.responses = responses;
        state.journal = journal;
        Ok(())
    }

    /// The round that the client's answers begin, if the request came with a state.
    pub(super) fn round(&self) -> Option<Round> {
        let Way::Rounds(rounds) = &self.way else {
            return None;
        };
        rounds.state.as_ref()?;
        let state = self.state();
        let journal = state.journal.as_ref()?;
        Some(Round {
            journal: journal.id.clone(),
            number: journal.round,
        })
    }

    /// Whether the request came with a state.
    pub(crate) fn has_state(&self) -> bool {
        matches!(&self.way, Way::Rounds(rounds) if rounds.state.is_some())
    }

    /// Takes a key for a question or a step of this call. It is free again when the returned value
    /// is dropped before [`Entry::resolve`].
    pub(super) fn enter<'d>(&'d self, key: &str) -> Result<Entry<'d>, AskError> {
        let key = key.to_owned();
        if let Way::None(reason) = self.way {
            return Err(AskError::NoWayBack { key, reason });
        }
        match mark::place(self.address()) {
            Place::Handler => {}
            Place::Step => return Err(AskError::InsideStep(key)),
            Place::Elsewhere => return Err(AskError::Spawned(key)),
        }
        if !self.state().keys.insert(key.clone()) {
            return Err(AskError::KeyClash(key));
        }
        Ok(Entry {
            desk: self,
            key,
            resolved: false,
            running: false,
        })
    }

    /// Whether the handler asks by what it returns.
    pub(super) fn takes_turns(&self) -> bool {
        self.state().takes_turns
    }

    /// Whether the request is over.
    pub(super) fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// Lets no more steps begin: the request is over, and those that run may finish.
    pub(crate) fn close(&self) {
        self.state().closed = true;
    }

    /// Whether a step runs.
    pub(crate) fn is_in_step(&self) -> bool {
        self.state().running_steps > 0
    }

    /// The name of the elicitation of a question, which nobody can foresee (ELI-L-06).
    pub(super) fn elicitation_id(&self, key: &str) -> String {
        let mut state = self.state();
        let name = state.elicitations.entry(key.to_owned());
        name.or_insert_with(|| format!("{:032x}", random())).clone()
    }

    /// Notes an error that a handler gets, so that it is recognised when the handler returns it.
    pub(super) fn note(&self, error: &AskError) {
        let is_for = match self.way {
            Way::Rounds(_) => true,
            // Whatever else a legacy client did not declare, its model is told of.
            Way::Live => matches!(error, AskError::VisitFirst(_)),
            Way::Unheard | Way::None(_) => false,
        };
        if let (true, Some(object)) = (is_for, error.as_protocol_error()) {
            self.state().refusals.push((error.to_string(), object));
        }
    }

    /// What a request ends with although its handler waits: its questions.
    pub(crate) fn interruption(&self, journals: &Journals, limits: &Limits) -> Option<Outcome> {
        let mut state = self.state();
        if state.running_steps > 0 || state.asked.is_empty() {
            return None;
        }
        let Way::Rounds(rounds) = &self.way else {
            return None;
        };
        let asked = std::mem::take(&mut state.asked);
        let digests = asked
            .iter()
            .map(|(key, request)| (key.clone(), question(request)));
        let digests = digests.collect();
        let journal = state.journal.get_or_insert_with(Journal::new);
        journal.next_round(digests);
        let kept = journals.keep(journal, &rounds.binding(), limits);
        Some(match kept {
            Ok(kept) => {
                let required = InputRequired::new(asked, Some(kept));
                Ok(Reply::InputRequired(Box::new(required)))
            }
            Err(error) => Err(ErrorObject::internal(format!("Internal error: {error}"))),
        })
    }

    /// The outcome of a handler, with the protocol's own error in place of one that the handler
    /// only passed on (META-M-06).
    pub(crate) fn settle(&self, outcome: Outcome) -> Outcome {
        let state = self.state();
        if state.refusals.is_empty() {
            return outcome;
        }
        let passed_on = |text: &str| {
            let mut refusals = state.refusals.iter();
            refusals.find(|(said, _)| text.contains(said.as_str()))
        };
        let found = match &outcome {
            Ok(Reply::CallTool(result)) if result.is_error == Some(true) => {
                let mut texts = result.content.iter().filter_map(|block| block.as_text());
                texts.find_map(passed_on)
            }
            Err(error) => passed_on(&error.message),
            Ok(_) => None,
        };
        match found {
            Some((_, object)) => Err(object.clone()),
            None => outcome,
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The digest of a question.
pub(super) fn question(request: &InputRequest) -> u64 {
    let json = serde_json::to_vec(request).expect("a question is JSON");
    digest(&json)
}

/// Fault 56: forged, expired, of another principal or request; nobody learns which.
pub(super) fn unknown_state() -> ErrorObject {
    ErrorObject::invalid_params(
        "Invalid params: `requestState` is not a state of this request, or has expired",
    )
}

impl Rounds {
    /// What the state is bound to.
    pub(super) fn binding(&self) -> Vec<u8> {
        self.binding.canonical()
    }

    fn state(&self) -> Result<Option<String>, ErrorObject> {
        let json = self
            .state
            .as_ref()
            .map_or("null", |json| json.as_text().get());
        serde_json::from_str(json).map_err(|_| unknown_state())
    }

    fn responses(&self) -> Result<BTreeMap<String, Box<RawValue>>, ErrorObject> {
        let json = self
            .responses
            .as_ref()
            .map_or("null", |json| json.as_text().get());
        let read: Option<BTreeMap<_, _>> = serde_json::from_str(json).map_err(|_| {
            ErrorObject::invalid_params("Invalid params: `inputResponses` must be an object")
        })?;
        Ok(read.unwrap_or_default())
    }
}

/// A question or a step in the making: holds its key.
#[derive(Debug)]
pub(super) struct Entry<'d> {
    desk: &'d Desk,
    key: String,
    resolved: bool,
    /// Whether it is a step that runs.
    running: bool,
}

impl Entry<'_> {
    /// Keeps the key: what it stands for has its value.
    pub(super) fn resolve(mut self) {
        self.resolved = true;
    }

    /// The recorded value of this step.
    pub(super) fn recorded_step(&self) -> Option<Box<RawValue>> {
        let state = self.desk.state();
        let json = state.journal.as_ref()?.step(&self.key)?;
        Some(json.to_owned())
    }

    /// Begins to run this step.
    pub(super) fn run(&mut self) -> IdempotencyKey {
        self.running = true;
        let mut state = self.desk.state();
        state.running_steps += 1;
        let journal = state.journal.get_or_insert_with(Journal::new);
        journal.idempotency_key(&self.key)
    }

    /// Records the value of this step.
    pub(super) fn record_step(&self, json: Box<RawValue>, limit: usize) -> Result<(), AskError> {
        let mut state = self.desk.state();
        let journal = state.journal.get_or_insert_with(Journal::new);
        journal.record_step(&self.key, json, limit)
    }

    /// The answer to this question: recorded, or come with the request and recorded now.
    pub(super) fn answer(
        &self,
        request: &InputRequest,
        limit: usize,
    ) -> Result<Option<Box<RawValue>>, AskError> {
        let question = question(request);
        let mut state = self.desk.state();
        let State {
            journal, responses, ..
        } = &mut *state;
        let journal = journal.get_or_insert_with(Journal::new);
        if let Some(json) = journal.answer(&self.key, question)? {
            return Ok(Some(json.to_owned()));
        }
        let Some(json) = responses.remove(&self.key) else {
            return Ok(None);
        };
        journal.record_answer(&self.key, question, json.clone(), limit)?;
        Ok(Some(json))
    }

    /// The answer to this question that came with the request.
    pub(super) fn unrecorded_answer(&self) -> Option<Box<RawValue>> {
        self.desk.state().responses.get(&self.key).cloned()
    }

    /// Puts the question to the client when the round ends.
    pub(super) fn put(&self, request: InputRequest) {
        self.desk.state().asked.insert(self.key.clone(), request);
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        let mut state = self.desk.state();
        if self.running {
            state.running_steps -= 1;
        }
        if !self.resolved {
            state.keys.remove(&self.key);
            state.asked.remove(&self.key);
        }
    }
}
