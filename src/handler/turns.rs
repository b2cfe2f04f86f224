//! Handlers that ask by what they return: their results, and calling them again in a session.

use std::borrow::Cow;
use std::sync::Arc;

use mcp_core::json::JsonBuf;
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::{CallToolResult, GetPromptResult, JsonSchema, ReadResourceResult};

use super::run::{Answering, Started};
use super::{
    ArgumentOptions, Dispatch, IntoPrompt, IntoResource, IntoToolResult, ResourceError,
    SchemaOptions, Scope,
};
use crate::ask::{Instead, Questions, Turn};
use crate::context::Context;

impl Answering<'_> {
    /// Asks in place of answering. What is answered then is not looked at.
    fn ask(&self, questions: Questions) {
        if let Some(context) = self.context {
            let questions = Box::new(questions);
            context.desk().instead(Instead::Ask(questions));
        }
    }
}

impl<T: IntoToolResult> IntoToolResult for Turn<T> {
    const TAKES_TURNS: bool = true;

    fn into_tool_result(self, at: &Answering<'_>) -> CallToolResult {
        match self {
            Self::Done(result) => result.into_tool_result(at),
            Self::Ask(questions) => {
                at.ask(questions);
                CallToolResult::new(Vec::new())
            }
        }
    }

    fn output_schema(options: &SchemaOptions) -> Option<JsonSchema> {
        T::output_schema(options)
    }
}

impl<T: IntoPrompt> IntoPrompt for Turn<T> {
    const TAKES_TURNS: bool = true;

    fn into_prompt(self, at: &Answering<'_>) -> Result<GetPromptResult, ErrorObject> {
        match self {
            Self::Done(result) => result.into_prompt(at),
            Self::Ask(questions) => {
                at.ask(questions);
                Ok(GetPromptResult::new(Vec::new()))
            }
        }
    }
}

impl<T: IntoResource> IntoResource for Turn<T> {
    const TAKES_TURNS: bool = true;

    fn into_resource(self, at: &Answering<'_>) -> Result<ReadResourceResult, ResourceError> {
        match self {
            Self::Done(result) => result.into_resource(at),
            Self::Ask(questions) => {
                at.ask(questions);
                Ok(ReadResourceResult::new(Vec::new()))
            }
        }
    }
}

/// The same handler, called again with the answers where its client is asked by requests. A client
/// that is asked by the result calls again by itself.
pub(super) fn in_turns<O: Send + 'static>(
    inner: impl Fn(&Scope<'_>) -> Started<O> + Send + Sync + 'static,
) -> impl Fn(&Scope<'_>) -> Started<O> + Send + Sync + 'static {
    let inner = Arc::new(inner);
    move |scope| {
        let context = scope.context();
        context.desk().take_turns();
        let first = inner(scope)?;
        if !context.desk().is_live() {
            return Ok(first);
        }
        let inner = Arc::clone(&inner);
        let request = OwnRequest::of(scope);
        Ok(Dispatch::Pending(Box::pin(async move {
            let mut turn = first;
            loop {
                let answer = turn.wait().await;
                let Some(instead) = context.desk().take_instead() else {
                    return answer;
                };
                match next(&context, instead, || request.with_scope(&context, &*inner)).await {
                    Ok(next) => turn = next,
                    Err(instead) => {
                        context.desk().instead(instead);
                        return answer;
                    }
                }
            }
        })))
    }
}

/// Asks the client, and calls the handler again.
async fn next<O>(
    context: &Context,
    instead: Instead,
    again: impl FnOnce() -> Started<O>,
) -> Result<Dispatch<O>, Instead> {
    let Instead::Ask(questions) = instead else {
        return Err(instead);
    };
    let asked = context.ask_by_requests(*questions).await;
    asked.map_err(Instead::Unanswered)?;
    // One that asks nothing and never ends must not hold its thread.
    tokio::task::yield_now().await;
    again().map_err(Instead::Failed)
}

/// What a handler is called with, kept for the next turn.
struct OwnRequest {
    options: ArgumentOptions,
    arguments: Option<JsonBuf>,
    uri: Option<String>,
    variables: Vec<(String, String)>,
}

impl OwnRequest {
    fn of(scope: &Scope<'_>) -> Self {
        let variables = scope.variables().iter();
        Self {
            options: *scope.options(),
            arguments: scope.arguments().map(JsonBuf::from),
            uri: scope.uri().map(ToOwned::to_owned),
            variables: variables
                .map(|(name, value)| ((*name).to_owned(), value.clone().into_owned()))
                .collect(),
        }
    }

    fn with_scope<O>(&self, context: &Context, run: &dyn Fn(&Scope<'_>) -> O) -> O {
        let again = || context.clone();
        let variables = self.variables.iter();
        let variables: Vec<_> = variables
            .map(|(name, value)| (name.as_str(), Cow::Borrowed(value.as_str())))
            .collect();
        let scope = Scope::new(&self.options, context.server().states(), &again)
            .with_arguments(self.arguments.as_ref().map(JsonBuf::as_text));
        match &self.uri {
            Some(uri) => run(&scope.with_resource(uri, &variables)),
            None => run(&scope),
        }
    }
}
