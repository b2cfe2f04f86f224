//! Tools: an entry of the registry, and how an annotated function becomes one.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use mcp_core::engine::Scopes;
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::{
    CallToolResult, Icon, JsonSchema as SchemaObject, Meta, Tool, ToolAnnotations,
};
use schemars::JsonSchema;
use serde_json::Value;

use super::call::{Call, Plan, Planned};
use super::run::{Frame, Output};
use super::schema::{InputSchema, PropertyNotes};
use super::turns::in_turns;
use super::{Dispatch, IntoToolResult, Param, ParamSpec, SchemaOptions, Scope, Slot, StateNeed};

/// A tool: its definition, and what runs when it is called.
#[derive(Clone)]
pub struct ToolEntry {
    /// What `tools/list` says.
    pub definition: Tool,
    /// What `tools/call` runs.
    pub handler: Arc<dyn ToolHandler>,
    /// What a caller over a network must have been granted (AUTH-S-04).
    pub scopes: Scopes,
    /// The state without which the handler fails.
    pub needs: Vec<StateNeed>,
    /// Whether the handler itself refuses arguments of wrong types.
    pub check: ArgumentCheck,
}

/// What a tool's handler does with arguments that do not fit its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentCheck {
    /// It refuses them, as far as its parameters' types tell, and says why.
    ByTypes,
    /// It takes any object.
    Unchecked,
}

impl fmt::Debug for ToolEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolEntry")
            .field("definition", &self.definition)
            .finish_non_exhaustive()
    }
}

/// What runs when a tool is called.
pub trait ToolHandler: Send + Sync + 'static {
    /// Starts the call.
    ///
    /// # Errors
    ///
    /// The protocol's errors only: `arguments` that are no object (AMB-09), or an extractor's own.
    /// Arguments that do not fit are a result with `isError` (TOOL-A-07).
    fn call(&self, scope: &Scope<'_>) -> Result<Dispatch<CallToolResult>, ErrorObject>;
}

impl<F> ToolHandler for F
where
    F: Fn(&Scope<'_>) -> Result<Dispatch<CallToolResult>, ErrorObject> + Send + Sync + 'static,
{
    fn call(&self, scope: &Scope<'_>) -> Result<Dispatch<CallToolResult>, ErrorObject> {
        self(scope)
    }
}

/// The handle that `#[tool]` puts beside a function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tool",
    label = "no `#[tool]` function has this name",
    note = "put `#[tool]` on the function, and import it by its name"
)]
pub trait ToolFn: Send + Sync + 'static {
    /// The tool.
    fn entry(options: &SchemaOptions) -> ToolEntry;
}

/// One tool, or a tuple of up to 16 of them, which may nest.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a tool nor a tuple of tools",
    label = "no `#[tool]` function has this name",
    note = "put `#[tool]` on the function, and import it by its name"
)]
pub trait ToolList {
    /// Appends the tools.
    fn entries(options: &SchemaOptions, out: &mut Vec<ToolEntry>);
}

#[diagnostic::do_not_recommend]
impl<T: ToolFn> ToolList for T {
    fn entries(options: &SchemaOptions, out: &mut Vec<ToolEntry>) {
        out.push(T::entry(options));
    }
}

super::builders::tuple_lists!(ToolList, ToolEntry);

/// A tool in the making; generated code fills it.
#[derive(Debug)]
pub struct Builder {
    definition: Tool,
    schema: InputSchema,
    options: SchemaOptions,
    arguments: Vec<Planned>,
    needs: Vec<StateNeed>,
    scopes: Scopes,
}

impl Builder {
    /// A tool of this name.
    pub fn new(name: &str, options: &SchemaOptions) -> Self {
        Self {
            definition: Tool::new(name, SchemaObject::no_arguments()),
            schema: InputSchema::new(options),
            options: *options,
            arguments: Vec::new(),
            needs: Vec::new(),
            scopes: Scopes::NONE,
        }
    }

    fn hints(&mut self) -> &mut ToolAnnotations {
        self.definition.annotations.get_or_insert_default()
    }

    /// `annotations.readOnlyHint` (TOOL-A-04).
    pub fn read_only(&mut self, on: bool) {
        self.hints().read_only_hint = Some(on);
    }

    /// `annotations.destructiveHint` (TOOL-A-04).
    pub fn destructive(&mut self, on: bool) {
        self.hints().destructive_hint = Some(on);
    }

    /// `annotations.idempotentHint` (TOOL-A-04).
    pub fn idempotent(&mut self, on: bool) {
        self.hints().idempotent_hint = Some(on);
    }

    /// `annotations.openWorldHint` (TOOL-A-04).
    pub fn open_world(&mut self, on: bool) {
        self.hints().open_world_hint = Some(on);
    }

    pub(super) fn add_argument<T: JsonSchema>(&mut self, spec: &ParamSpec<T>, optional: bool) {
        let notes = PropertyNotes {
            description: spec.description,
            header: spec.header,
            default: spec.default_json.clone(),
        };
        let schema = self.schema.add::<T>(spec.name, optional, notes);
        self.arguments.push(Planned {
            name: spec.name,
            schema,
        });
    }

    /// The index of the argument added last.
    pub(super) fn last_index(&self) -> usize {
        self.arguments.len().saturating_sub(1)
    }

    pub(super) fn add_need(&mut self, need: Option<StateNeed>) {
        self.needs.extend(need);
    }

    fn close<R>(mut self, output: Output<R, CallToolResult>) -> (Parts, Frame<R, CallToolResult>) {
        let (schema, definitions) = self.schema.finish();
        self.definition.input_schema = schema;
        let plan = Plan {
            handler: format!("tool `{}`", self.definition.name),
            arguments: self.arguments,
            definitions,
        };
        let refuse = |text, _: &Scope<'_>| CallToolResult::error(text);
        let takes_turns = output.takes_turns;
        let frame = Frame {
            plan,
            mime: None,
            output,
            refuse,
        };
        (
            Parts(self.definition, self.needs, self.scopes, takes_turns),
            frame,
        )
    }
}

/// An entry without its handler, and whether that asks by what it returns.
struct Parts(Tool, Vec<StateNeed>, Scopes, bool);

impl Parts {
    fn with(self, handler: impl ToolHandler) -> ToolEntry {
        let Self(definition, needs, scopes, takes_turns) = self;
        let handler: Arc<dyn ToolHandler> = Arc::new(handler);
        let handler = match takes_turns {
            true => Arc::new(in_turns(move |scope: &Scope<'_>| handler.call(scope))),
            false => handler,
        };
        ToolEntry {
            definition,
            handler,
            needs,
            scopes,
            check: ArgumentCheck::ByTypes,
        }
    }
}

super::builders::describing!(Builder);

/// Declares one parameter.
pub fn param<T: Param<M>, M>(builder: &mut Builder, spec: ParamSpec<T>) -> Slot<T> {
    T::declare(builder, spec)
}

/// Declares the result.
pub fn output<R: IntoToolResult>(builder: &mut Builder) -> Output<R, CallToolResult> {
    builder.definition.output_schema = R::output_schema(&builder.options);
    Output {
        convert: R::into_tool_result,
        takes_turns: R::TAKES_TURNS,
    }
}

super::builders::finishing!(Builder, ToolEntry, CallToolResult);
