//! The error that the model reads, and how every other one becomes one.

use std::any::Any;
use std::error::Error;
use std::fmt;

use super::ErrorMask;
use super::run::Answering;
use crate::ask::AskError;

/// An error written for the model: its text is shown as it stands, whatever the server masks.
///
/// `?` turns any error into one; the text of such an error was not written for the model, so it is
/// masked like every other. `ToolError` itself is no [`Error`], because that is what lets `?` do
/// this.
///
/// ```
/// use toolwright::handler::ToolError;
///
/// fn half(n: i64) -> Result<i64, ToolError> {
///     if n % 2 != 0 {
///         return Err(ToolError::new("only even numbers have a half; round first"));
///     }
///     Ok(n / 2)
/// }
/// # assert_eq!(half(4).unwrap(), 2);
/// # assert_eq!(half(3).unwrap_err().to_string(), "only even numbers have a half; round first");
/// ```
pub struct ToolError {
    text: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ToolError {
    /// An error with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            source: None,
        }
    }

    /// The error that `?` made this from.
    pub fn source(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.source.as_deref()
    }

    /// The refused ask that this was made from, also by way of a step.
    fn ask_error(&self) -> Option<&AskError> {
        let error: &(dyn Error + 'static) = self.source.as_deref()?;
        let asked = error.downcast_ref();
        asked.or_else(|| error.source().and_then(<dyn Error>::downcast_ref))
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for ToolError {
    fn from(error: E) -> Self {
        Self {
            text: error.to_string(),
            source: Some(Box::new(error)),
        }
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ToolError").field(&self.text).finish()
    }
}

/// The text of a handler's error as the model may read it.
pub(super) fn text_for_model<E: fmt::Display + 'static>(error: &E, at: &Answering<'_>) -> String {
    let own = (error as &dyn Any).downcast_ref::<ToolError>();
    if let Some(own) = own.filter(|own| own.source.is_none()) {
        return own.text.clone();
    }
    // What an ask says was written for the model as well.
    let ask = own.and_then(ToolError::ask_error);
    if let Some(ask) = ask.or_else(|| (error as &dyn Any).downcast_ref()) {
        return ask.to_string();
    }
    // The alternate form is how chains of causes are written on one line.
    let text = format!("{error:#}");
    match at.options.mask_errors {
        ErrorMask::Show => text,
        ErrorMask::Hide => {
            tracing::error!(handler = at.handler, error = text, "a handler failed");
            format!(
                "The {} failed. The details are in the server's log.",
                at.handler
            )
        }
    }
}
