//! What becomes the result of a prompt.

use std::any::Any;
use std::borrow::Cow;
use std::fmt::Display;

use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::{ContentBlock, GetPromptResult, PromptMessage};

use super::error::text_for_model;
use super::run::Answering;

/// What a prompt may return: texts and blocks are said by the user.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a prompt",
    label = "no message is made from this",
    note = "return text, a `PromptMessage`, a `Vec` of them, `GetPromptResult`, or `Result<_, E>` where `E: Display`"
)]
pub trait IntoPrompt {
    /// Whether it may ask in place of answering.
    #[doc(hidden)]
    const TAKES_TURNS: bool = false;

    /// Makes the result.
    ///
    /// # Errors
    ///
    /// The answer to the request: a prompt has no place for an error of its own.
    fn into_prompt(self, at: &Answering<'_>) -> Result<GetPromptResult, ErrorObject>;
}

macro_rules! said_by_the_user {
    ($($ty:ty => $convert:expr;)*) => {
        $(impl IntoPrompt for $ty {
            fn into_prompt(self, at: &Answering<'_>) -> Result<GetPromptResult, ErrorObject> {
                let convert: fn($ty) -> ContentBlock = $convert;
                PromptMessage::user(convert(self)).into_prompt(at)
            }
        })*
    };
}

said_by_the_user! {
    String => ContentBlock::text;
    &'static str => |text| ContentBlock::text(text);
    Cow<'static, str> => |text| ContentBlock::text(text);
    ContentBlock => |block| block;
}

impl IntoPrompt for PromptMessage {
    fn into_prompt(self, at: &Answering<'_>) -> Result<GetPromptResult, ErrorObject> {
        vec![self].into_prompt(at)
    }
}

impl IntoPrompt for Vec<PromptMessage> {
    fn into_prompt(self, _: &Answering<'_>) -> Result<GetPromptResult, ErrorObject> {
        Ok(GetPromptResult::new(self))
    }
}

impl<const N: usize> IntoPrompt for [PromptMessage; N] {
    fn into_prompt(self, at: &Answering<'_>) -> Result<GetPromptResult, ErrorObject> {
        Vec::from(self).into_prompt(at)
    }
}

impl IntoPrompt for GetPromptResult {
    fn into_prompt(self, _: &Answering<'_>) -> Result<GetPromptResult, ErrorObject> {
        Ok(self)
    }
}

/// An [`ErrorObject`] is answered as it is; every other error is -32603 with its text.
#[diagnostic::do_not_recommend]
impl<T: IntoPrompt, E: Display + 'static> IntoPrompt for Result<T, E> {
    const TAKES_TURNS: bool = T::TAKES_TURNS;

    fn into_prompt(self, at: &Answering<'_>) -> Result<GetPromptResult, ErrorObject> {
        self.map_err(|error| protocol_error(&error, at))?
            .into_prompt(at)
    }
}

/// A handler's error as the protocol's.
pub(super) fn protocol_error<E: Display + 'static>(error: &E, at: &Answering<'_>) -> ErrorObject {
    match (error as &dyn Any).downcast_ref::<ErrorObject>() {
        Some(own) => own.clone(),
        None => ErrorObject::internal(text_for_model(error, at)),
    }
}
