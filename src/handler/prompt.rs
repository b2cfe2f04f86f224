//! Prompts: an entry of the registry, and how an annotated function becomes one.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use mcp_core::engine::Scopes;
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::{GetPromptResult, Icon, Meta, Prompt, PromptArgument};
use serde_json::Value;

use super::call::{Call, Plan, Planned};
use super::completion::Completers;
use super::param::{Required, TextParams};
use super::run::{Frame, Output};
use super::turns::in_turns;
use super::{
    CompleteFn, Dispatch, IntoPrompt, ParamSpec, SchemaOptions, Scope, Slot, StateNeed, TextParam,
};

/// A prompt's answer.
pub type PromptOutcome = Result<GetPromptResult, ErrorObject>;

/// A prompt: its definition, what runs when it is asked for, and what completes its arguments.
#[derive(Clone)]
pub struct PromptEntry {
    /// What `prompts/list` says.
    pub definition: Prompt,
    /// What `prompts/get` runs.
    pub handler: Arc<dyn PromptHandler>,
    /// What a caller over a network must have been granted (AUTH-S-04).
    pub scopes: Scopes,
    /// The state without which the handler fails.
    pub needs: Vec<StateNeed>,
    /// What `completion/complete` runs.
    pub completers: Completers,
}

impl fmt::Debug for PromptEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PromptEntry")
            .field("definition", &self.definition)
            .finish_non_exhaustive()
    }
}

/// What runs when a prompt is asked for.
pub trait PromptHandler: Send + Sync + 'static {
    /// Starts the request.
    ///
    /// # Errors
    ///
    /// `arguments` that are no object, or an extractor's error. Arguments that do not fit are the
    /// outcome's error, -32602 (PRM-A-01).
    fn get(&self, scope: &Scope<'_>) -> Result<Dispatch<PromptOutcome>, ErrorObject>;
}

impl<F> PromptHandler for F
where
    F: Fn(&Scope<'_>) -> Result<Dispatch<PromptOutcome>, ErrorObject> + Send + Sync + 'static,
{
    fn get(&self, scope: &Scope<'_>) -> Result<Dispatch<PromptOutcome>, ErrorObject> {
        self(scope)
    }
}

/// The handle that `#[prompt]` puts beside a function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a prompt",
    label = "no `#[prompt]` function has this name",
    note = "put `#[prompt]` on the function, and import it by its name"
)]
pub trait PromptFn: Send + Sync + 'static {
    /// The prompt. A prompt has no schema, so the options are not looked at.
    fn entry(options: &SchemaOptions) -> PromptEntry;
}

/// One prompt, or a tuple of up to 16 of them, which may nest.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a prompt nor a tuple of prompts",
    label = "no `#[prompt]` function has this name",
    note = "put `#[prompt]` on the function, and import it by its name"
)]
pub trait PromptList {
    /// Appends the prompts.
    fn entries(options: &SchemaOptions, out: &mut Vec<PromptEntry>);
}

#[diagnostic::do_not_recommend]
impl<T: PromptFn> PromptList for T {
    fn entries(options: &SchemaOptions, out: &mut Vec<PromptEntry>) {
        out.push(T::entry(options));
    }
}

super::builders::tuple_lists!(PromptList, PromptEntry);

/// A prompt in the making; generated code fills it.
pub struct Builder {
    definition: Prompt,
    arguments: Vec<Planned>,
    needs: Vec<StateNeed>,
    scopes: Scopes,
    completers: Completers,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("definition", &self.definition)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// A prompt of this name.
    pub fn new(name: &str) -> Self {
        Self {
            definition: Prompt::new(name),
            arguments: Vec::new(),
            needs: Vec::new(),
            scopes: Scopes::NONE,
            completers: Vec::new(),
        }
    }

    fn close<R>(self, output: Output<R, PromptOutcome>) -> (Parts, Frame<R, PromptOutcome>) {
        let plan = Plan {
            handler: format!("prompt `{}`", self.definition.name),
            arguments: self.arguments,
            definitions: Value::Null,
        };
        let refuse = |text, _: &Scope<'_>| Err(ErrorObject::invalid_params(text));
        let takes_turns = output.takes_turns;
        let frame = Frame {
            plan,
            mime: None,
            output,
            refuse,
        };
        (
            Parts(
                self.definition,
                self.needs,
                self.scopes,
                self.completers,
                takes_turns,
            ),
            frame,
        )
    }
}

super::builders::describing!(Builder);

impl TextParams for Builder {
    fn add_argument(
        &mut self,
        name: &'static str,
        description: Option<&str>,
        required: Required,
    ) -> usize {
        let mut argument = PromptArgument::new(name);
        argument.description = description.map(str::to_owned);
        argument.required = Some(required == Required::Yes);
        self.definition
            .arguments
            .get_or_insert_default()
            .push(argument);
        self.arguments.push(Planned::text(name));
        self.arguments.len() - 1
    }

    fn add_need(&mut self, need: Option<StateNeed>) {
        self.needs.extend(need);
    }
}

/// An entry without its handler, and whether that asks by what it returns.
struct Parts(Prompt, Vec<StateNeed>, Scopes, Completers, bool);

impl Parts {
    fn with(self, handler: impl PromptHandler) -> PromptEntry {
        let Self(definition, needs, scopes, completers, takes_turns) = self;
        let handler: Arc<dyn PromptHandler> = Arc::new(handler);
        let handler = match takes_turns {
            true => Arc::new(in_turns(move |scope: &Scope<'_>| handler.get(scope))),
            false => handler,
        };
        PromptEntry {
            definition,
            handler,
            needs,
            scopes,
            completers,
        }
    }
}

/// Declares one parameter.
pub fn param<T: TextParam<M>, M>(builder: &mut Builder, spec: ParamSpec<T>) -> Slot<T> {
    T::declare(builder, spec)
}

/// Declares what completes an argument.
pub fn complete<M>(builder: &mut Builder, name: &'static str, function: impl CompleteFn<M>) {
    builder.completers.push((name, function.into_completer()));
}

/// Declares the result.
pub fn output<R: IntoPrompt>(_: &mut Builder) -> Output<R, PromptOutcome> {
    Output {
        convert: R::into_prompt,
        takes_turns: R::TAKES_TURNS,
    }
}

super::builders::finishing!(Builder, PromptEntry, PromptOutcome);
