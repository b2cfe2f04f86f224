//! Why a question has no answer, and why a step has no value.

use std::error::Error;
use std::fmt;

use mcp_core::engine::AskFailure;
use mcp_core::jsonrpc::{ErrorCode, ErrorObject};
use mcp_core::model::UrlElicitations;
use serde_json::json;

use super::Needed;
use super::form::FormError;

/// Why a question has no answer.
///
/// A handler may catch it and go on without. One that it returns becomes -32021 when the client
/// did not declare what is needed (META-M-06), -32602 when the client's answer was none
/// (MRTR-M-09), and like every error of a handler otherwise. To a client of the handshake era it
/// is a text that the model reads, but for [`AskError::VisitFirst`].
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// The client did not declare that it can be asked this.
    #[error("`{key}` cannot be asked: the client did not declare the capability `{needed}`")]
    Undeclared {
        /// What was asked for.
        key: String,
        /// What the client lacks.
        needed: Needed,
    },
    /// The user said no.
    #[error("the user declined to answer")]
    Declined,
    /// The user went away without an answer.
    #[error("the user dismissed the question")]
    Dismissed,
    /// The key was used already in this call; each needs its own.
    #[error("the key `{0}` is used twice in one call")]
    KeyClash(String),
    /// Asked inside of a step. What a step does is recorded as a whole.
    #[error("`{0}` was asked inside of a step; ask before it or after it")]
    InsideStep(String),
    /// Asked from a task of its own or another thread, which do not belong to the call.
    #[error("`{0}` was asked from a spawned task, which does not belong to the call")]
    Spawned(String),
    /// Asked by a handler that returns a [`Turn`](super::Turn), and so asks by that.
    #[error("`{0}` was asked in the middle of a handler that asks by what it returns")]
    InTurns(String),
    /// The question is not the one that was answered: code between steps is not deterministic.
    #[error("the question `{0}` changed since it was asked; take what it depends on from a step")]
    Changed(String),
    /// The answer does not fit the question.
    #[error("the answer to `{key}` does not fit: {reason}")]
    Unfit {
        /// What was asked for.
        key: String,
        /// What was wrong.
        reason: String,
    },
    /// No form of the protocol carries the question.
    #[error("`{key}` cannot be asked by a form: {source}")]
    NoForm {
        /// What was asked for.
        key: String,
        /// What is in the way.
        source: FormError,
    },
    /// The client's revision has no such question.
    #[error("`{key}` cannot be asked: {reason}")]
    NotInRevision {
        /// What was asked for.
        key: String,
        /// What the revision lacks.
        reason: String,
    },
    /// No answer could find its way back: this request cannot ask at all.
    #[error("`{key}` cannot be asked: {reason}")]
    NoWayBack {
        /// What was asked for.
        key: String,
        /// Why not.
        reason: &'static str,
    },
    /// The client of a handshake did not answer.
    #[error("`{key}` was not answered: {failure}")]
    Unanswered {
        /// What was asked for.
        key: String,
        /// Why not.
        failure: AskFailure,
    },
    /// The user has to open these URLs before the call makes sense. Passed on, it becomes the
    /// error -32042 (ELI-L-06).
    #[error("the user has to {} first", visits(.0))]
    VisitFirst(UrlElicitations),
    /// What was recorded of the call has become too large.
    #[error("the steps and answers of one call take more than {0} bytes (limit `journal`)")]
    JournalFull(usize),
    /// The operating system has no random bytes to give, and what was asked is not sealed without.
    #[error("what was asked cannot be sealed: the operating system has no random bytes to give")]
    Unsealed,
    /// The state that a handler gives along with its questions is not JSON.
    #[error("the state of the handler cannot be kept: {0}")]
    Unkept(String),
    /// The value of a step is not JSON, or its JSON does not read back.
    #[error("the value of the step `{step}` cannot be recorded: {reason}")]
    Unrecordable {
        /// The step.
        step: String,
        /// What serde said.
        reason: String,
    },
}

impl AskError {
    /// The error of the protocol that it is to a modern client when no handler cares.
    pub(super) fn as_protocol_error(&self) -> Option<ErrorObject> {
        match self {
            Self::Undeclared { needed, .. } => Some(
                ErrorObject::new(
                    ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY,
                    self.to_string(),
                )
                .with_data(json!({ "requiredCapabilities": needed.as_capabilities() })),
            ),
            Self::Unfit { .. } => Some(ErrorObject::invalid_params(format!(
                "Invalid params: {self}"
            ))),
            Self::VisitFirst(urls) => Some(
                ErrorObject::new(ErrorCode::URL_ELICITATION_REQUIRED, self.to_string())
                    .with_data(json!(urls)),
            ),
            _ => None,
        }
    }
}

fn visits(urls: &UrlElicitations) -> String {
    let urls = urls.elicitations.iter();
    let urls = urls.map(|one| format!("open {} ({})", one.url, one.message));
    urls.collect::<Vec<_>>().join(", ")
}

/// Why a step has no value.
#[derive(Debug, Clone, PartialEq)]
pub enum StepError<E> {
    /// What the step does failed. That is not recorded: it runs again when the call does.
    Failed(E),
    /// The step could not be run, or its value not be recorded.
    Refused(AskError),
}

impl<E> From<AskError> for StepError<E> {
    fn from(error: AskError) -> Self {
        Self::Refused(error)
    }
}

impl<E: fmt::Display> fmt::Display for StepError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // With its flags: the alternate form writes a chain of causes.
            Self::Failed(error) => error.fmt(f),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Display + fmt::Debug> Error for StepError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(_) => None,
            Self::Refused(error) => Some(error),
        }
    }
}
