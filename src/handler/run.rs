//! From an annotated function to a handler: read the parameters, run, convert.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use mcp_core::jsonrpc::ErrorObject;

use super::call::{Call, Plan};
use super::{ArgumentOptions, Dispatch, Scope};
use crate::context::Context;

/// How a function's result becomes an answer.
pub struct Output<R, O> {
    pub(super) convert: fn(R, &Answering<'_>) -> O,
    /// Whether it may ask in place of answering.
    pub(super) takes_turns: bool,
}

/// What an answer is made under.
#[derive(Debug, Clone, Copy)]
pub struct Answering<'a> {
    pub(super) options: ArgumentOptions,
    /// What the handler is, for the log.
    pub(super) handler: &'a str,
    /// The URI that was read.
    pub(super) uri: &'a str,
    /// The media type that the annotation names.
    pub(super) mime: Option<&'a str>,
    /// The request, when it may be asked for more.
    pub(super) context: Option<&'a Context>,
}

impl<'a> Answering<'a> {
    /// Of a tool that has no frame.
    pub(super) fn of_tool(
        options: ArgumentOptions,
        handler: &'a str,
        context: &'a Context,
    ) -> Self {
        Self {
            options,
            handler,
            uri: "",
            mime: None,
            context: Some(context),
        }
    }
}

impl<R, O> fmt::Debug for Output<R, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Output")
    }
}

/// The parts of a handler that do not depend on how it runs.
pub(super) struct Frame<R, O> {
    pub(super) plan: Plan,
    pub(super) mime: Option<String>,
    pub(super) output: Output<R, O>,
    /// The answer when the arguments do not fit, made of the text that says why.
    pub(super) refuse: fn(String, &Scope<'_>) -> O,
}

/// The outcome of a handler before any waiting.
pub(super) type Started<O> = Result<Dispatch<O>, ErrorObject>;

impl<R: 'static, O: Send + 'static> Frame<R, O> {
    /// Runs `start` on the parameters of a call.
    fn with_call<const N: usize, S>(
        &self,
        scope: &Scope<'_>,
        start: impl FnOnce(&mut Call<'_, '_>) -> Option<S>,
        then: impl FnOnce(S) -> Dispatch<O>,
    ) -> Started<O> {
        let mut raw = [None; N];
        let mut call = Call::open(scope, &self.plan, &mut raw)?;
        match start(&mut call) {
            Some(started) => Ok(then(started)),
            None => Ok(Dispatch::Ready((self.refuse)(call.into_refusal()?, scope))),
        }
    }

    /// The context of the request, when the answer may be a question.
    fn context(&self, scope: &Scope<'_>) -> Option<Context> {
        self.output.takes_turns.then(|| scope.context())
    }

    fn answer(
        &self,
        value: R,
        options: ArgumentOptions,
        uri: &str,
        context: Option<&Context>,
    ) -> O {
        let answering = Answering {
            options,
            handler: &self.plan.handler,
            uri,
            mime: self.mime.as_deref(),
            context,
        };
        (self.output.convert)(value, &answering)
    }

    /// A handler that answers at once.
    pub(super) fn inline<const N: usize, F>(
        self,
        function: F,
    ) -> impl Fn(&Scope<'_>) -> Started<O> + Send + Sync + 'static
    where
        F: Fn(&mut Call<'_, '_>) -> Option<R> + Send + Sync + 'static,
    {
        move |scope| {
            let answer = |value| {
                let (uri, context) = (scope.uri().unwrap_or_default(), self.context(scope));
                Dispatch::Ready(self.answer(value, *scope.options(), uri, context.as_ref()))
            };
            self.with_call::<N, R>(scope, &function, answer)
        }
    }

    /// A handler whose future answers.
    pub(super) fn future<const N: usize, F, Fut>(
        self,
        function: F,
    ) -> impl Fn(&Scope<'_>) -> Started<O> + Send + Sync + 'static
    where
        F: Fn(&mut Call<'_, '_>) -> Option<Fut> + Send + Sync + 'static,
        Fut: Future<Output = R> + Send + 'static,
    {
        let frame = Arc::new(self);
        move |scope| {
            let after = Afterwards::new(&frame, scope);
            frame.with_call::<N, Fut>(scope, &function, |future| {
                Dispatch::Pending(Box::pin(async move { after.answer(future.await) }))
            })
        }
    }

    /// A handler whose function runs on a thread for blocking work.
    pub(super) fn blocking<const N: usize, F, Work>(
        self,
        function: F,
    ) -> impl Fn(&Scope<'_>) -> Started<O> + Send + Sync + 'static
    where
        F: Fn(&mut Call<'_, '_>) -> Option<Work> + Send + Sync + 'static,
        Work: FnOnce() -> R + Send + 'static,
    {
        let frame = Arc::new(self);
        move |scope| {
            let after = Afterwards::new(&frame, scope);
            frame.with_call::<N, Work>(scope, &function, |work| {
                Dispatch::Pending(Box::pin(async move {
                    super::blocking::run(move || after.answer(work())).await
                }))
            })
        }
    }
}

/// What is left of a scope for an answer that comes later.
struct Afterwards<R, O> {
    frame: Arc<Frame<R, O>>,
    options: ArgumentOptions,
    uri: String,
    context: Option<Context>,
}

impl<R: 'static, O: Send + 'static> Afterwards<R, O> {
    fn new(frame: &Arc<Frame<R, O>>, scope: &Scope<'_>) -> Self {
        Self {
            frame: Arc::clone(frame),
            options: *scope.options(),
            uri: scope.uri().unwrap_or_default().to_owned(),
            context: frame.context(scope),
        }
    }

    fn answer(&self, value: R) -> O {
        let context = self.context.as_ref();
        self.frame.answer(value, self.options, &self.uri, context)
    }
}
