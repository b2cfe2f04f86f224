//! What a user did with a question.

use super::AskError;

/// What a user did with a question (ELI-A-03).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a user may have said no"]
pub enum Elicited<T> {
    /// Answered, or agreed to open the URL.
    Accepted(T),
    /// Said no.
    Declined,
    /// Went away without an answer.
    Dismissed,
}

impl<T> Elicited<T> {
    /// The answer, when there is no going on without one.
    ///
    /// # Errors
    /// [`AskError::Declined`] or [`AskError::Dismissed`].
    pub fn accepted(self) -> Result<T, AskError> {
        match self {
            Self::Accepted(answer) => Ok(answer),
            Self::Declined => Err(AskError::Declined),
            Self::Dismissed => Err(AskError::Dismissed),
        }
    }

    /// The answer, if there is one.
    pub fn ok(self) -> Option<T> {
        self.accepted().ok()
    }
}
