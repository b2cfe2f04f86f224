//! What is recorded of a call: the values of its steps and the answers to its questions.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::AskError;

/// The record of one call over all its rounds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Journal {
    /// Tells this call from every other: 128 bits in hexadecimal digits.
    pub(super) id: String,
    /// How often the client was asked.
    pub(super) round: u32,
    steps: BTreeMap<String, Box<RawValue>>,
    answers: BTreeMap<String, Answer>,
    /// The digests of the questions of the last round.
    asked: BTreeMap<String, u64>,
    /// What the handler wants back, when it asks by its result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own: Option<Box<RawValue>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Answer {
    /// The digest of the question.
    question: u64,
    json: Box<RawValue>,
}

impl Journal {
    /// The record of a call that begins.
    pub(super) fn new() -> Self {
        Self {
            id: format!("{:032x}", random()),
            round: 0,
            steps: BTreeMap::new(),
            answers: BTreeMap::new(),
            asked: BTreeMap::new(),
            own: None,
        }
    }

    /// The value of a step that has run.
    pub(super) fn step(&self, name: &str) -> Option<&RawValue> {
        self.steps.get(name).map(|json| &**json)
    }

    /// Records the value of a step.
    pub(super) fn record_step(
        &mut self,
        name: &str,
        json: Box<RawValue>,
        limit: usize,
    ) -> Result<(), AskError> {
        self.reserve(name.len() + json.get().len(), limit)?;
        self.steps.insert(name.to_owned(), json);
        Ok(())
    }

    /// The recorded answer to a question.
    ///
    /// # Errors
    /// [`AskError::Changed`] when it answers another question.
    pub(super) fn answer(&self, key: &str, question: u64) -> Result<Option<&RawValue>, AskError> {
        match self.answers.get(key) {
            Some(answer) if answer.question == question => Ok(Some(&answer.json)),
            Some(_) => Err(AskError::Changed(key.to_owned())),
            None => Ok(None),
        }
    }

    /// Records the answer to a question.
    ///
    /// # Errors
    /// [`AskError::Changed`] when another question was asked, [`AskError::JournalFull`].
    pub(super) fn record_answer(
        &mut self,
        key: &str,
        question: u64,
        json: Box<RawValue>,
        limit: usize,
    ) -> Result<(), AskError> {
        if self.asked.get(key).is_some_and(|asked| *asked != question) {
            return Err(AskError::Changed(key.to_owned()));
        }
        self.reserve(key.len() + json.get().len(), limit)?;
        self.answers
            .insert(key.to_owned(), Answer { question, json });
        Ok(())
    }

    /// The state that the handler gave along.
    pub(super) fn own_state(&self) -> Option<&RawValue> {
        self.own.as_deref()
    }

    /// Replaces the state of the handler.
    ///
    /// # Errors
    /// [`AskError::JournalFull`].
    pub(super) fn set_own_state(
        &mut self,
        own: Option<Box<RawValue>>,
        limit: usize,
    ) -> Result<(), AskError> {
        self.own = None;
        self.reserve(own.as_deref().map_or(0, |json| json.get().len()), limit)?;
        self.own = own;
        Ok(())
    }

    /// Begins the next round, which asks these questions.
    pub(super) fn next_round(&mut self, asked: BTreeMap<String, u64>) {
        self.round = self.round.saturating_add(1);
        self.asked = asked;
    }

    /// The key for what a step does elsewhere: the same whenever the step runs in this call.
    pub(super) fn idempotency_key(&self, step: &str) -> IdempotencyKey {
        IdempotencyKey(format!("{}-{:016x}", self.id, digest(step.as_bytes())))
    }

    fn reserve(&self, more: usize, limit: usize) -> Result<(), AskError> {
        let steps = self
            .steps
            .iter()
            .map(|(k, json)| k.len() + json.get().len());
        let answers = self.answers.iter();
        let answers = answers.map(|(k, answer)| k.len() + answer.json.get().len());
        let own = self.own.as_deref().map_or(0, |json| json.get().len());
        if steps.chain(answers).sum::<usize>() + own + more > limit {
            return Err(AskError::JournalFull(limit));
        }
        Ok(())
    }
}

/// What a step hands to a service that it changes something in, so that the service can tell a
/// repetition from a second order: the same whenever this step of this call runs, and different
/// for every other. 49 characters, `[0-9a-f-]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl Deref for IdempotencyKey {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// FNV-1a, which every build computes alike. It tells questions of one program apart; nobody
/// gains by making two collide.
pub(super) fn digest(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// A number that nobody can foresee: a count, under the random key that the standard library takes
/// from the operating system.
pub(super) fn random() -> u128 {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let half = |half: u8| u128::from(RandomState::new().hash_one((count, half)));
    half(0) << 64 | half(1)
}
