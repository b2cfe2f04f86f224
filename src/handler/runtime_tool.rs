//! Tools that are not known when the program is compiled: a schema and a closure.

use std::future::Future;
use std::sync::Arc;

use mcp_core::engine::Scopes;
use mcp_core::json::JsonText;
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::{CallToolResult, JsonObject, JsonSchema, Tool};

use super::run::Answering;
use super::turns::in_turns;
use super::{ArgumentCheck, Dispatch, IntoToolResult, Scope, ToolEntry, ToolHandler};
use crate::context::Context;

/// A tool made of its definition and a closure that gets the arguments as a JSON object.
///
/// The schema is what clients see. The closure gets whatever object the model sent, unless the
/// feature `validation` is on: then only what the schema allows.
///
/// ```
/// use serde_json::json;
/// use toolwright::prelude::*;
///
/// # fn main() -> Result<(), toolwright::server::BuildError> {
/// let greet = RuntimeTool::new(
///     "greet",
///     json!({ "type": "object", "properties": { "name": { "type": "string" } } }),
///     |_cx, arguments| async move {
///         let name = arguments.get("name").and_then(|name| name.as_str());
///         format!("Hello, {}!", name.unwrap_or("you"))
///     },
/// )
/// .description("Greets somebody.");
///
/// let server = Server::new("greeter", "1.0.0").runtime_tool(greet).build()?;
/// assert!(server.remove_tool("greet"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct RuntimeTool(ToolEntry);

impl RuntimeTool {
    /// A tool of this name that takes arguments of this schema, whose root must say
    /// `"type": "object"` (SCH-A-04): a server does not take another.
    pub fn new<F, Fut>(name: impl Into<String>, schema: serde_json::Value, run: F) -> Self
    where
        F: Fn(Context, JsonObject) -> Fut + Send + Sync + 'static,
        Fut: Future + Send + 'static,
        Fut::Output: IntoToolResult,
    {
        let schema = match schema {
            serde_json::Value::Object(schema) => JsonSchema::from(schema),
            // Told when the tool is added, where there is an error to tell it by.
            _ => JsonSchema::default(),
        };
        Self::from_definition(Tool::new(name, schema), run)
    }

    /// A tool with this definition.
    pub fn from_definition<F, Fut>(definition: Tool, run: F) -> Self
    where
        F: Fn(Context, JsonObject) -> Fut + Send + Sync + 'static,
        Fut: Future + Send + 'static,
        Fut::Output: IntoToolResult,
    {
        let name: Arc<str> = format!("tool `{}`", definition.name).into();
        let handler = move |scope: &Scope<'_>| {
            let arguments = match read_arguments(scope.arguments(), &name)? {
                Ok(arguments) => arguments,
                Err(refusal) => return Ok(Dispatch::Ready(refusal)),
            };
            let context = scope.context();
            let future = run(context.clone(), arguments);
            let (options, name) = (*scope.options(), Arc::clone(&name));
            Ok(Dispatch::Pending(Box::pin(async move {
                let answering = Answering::of_tool(options, &name, &context);
                future.await.into_tool_result(&answering)
            })))
        };
        let handler: Arc<dyn ToolHandler> = match Fut::Output::TAKES_TURNS {
            true => Arc::new(in_turns(handler)),
            false => Arc::new(handler),
        };
        Self(ToolEntry {
            definition,
            handler,
            needs: Vec::new(),
            scopes: Scopes::NONE,
            check: ArgumentCheck::Unchecked,
        })
    }

    /// What the tool does, for the model.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.definition.description = Some(description.into());
        self
    }

    /// What a caller over a network must have been granted to see and call it (AUTH-S-04). What
    /// can be no scope is left out.
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item: AsRef<str>>) -> Self {
        self.0.scopes.extend(scopes);
        self
    }

    /// The definition that clients see.
    pub fn definition(&self) -> &Tool {
        &self.0.definition
    }
}

impl From<RuntimeTool> for ToolEntry {
    fn from(tool: RuntimeTool) -> Self {
        tool.0
    }
}

/// The arguments as an object. What is no object is the protocol's error (AMB-09); what JSON
/// itself cannot hold, such as `1e999`, is the model's.
fn read_arguments(
    raw: Option<JsonText<'_>>,
    name: &str,
) -> Result<Result<JsonObject, CallToolResult>, ErrorObject> {
    let json = raw.map_or("{}", JsonText::get);
    if json == "null" {
        return Ok(Ok(JsonObject::new()));
    }
    if !json.starts_with('{') {
        let error = format!("Invalid params: `arguments` of {name} must be an object");
        return Err(ErrorObject::invalid_params(error));
    }
    let refuse = |error| CallToolResult::error(format!("The arguments of {name}: {error}"));
    Ok(serde_json::from_str(json).map_err(refuse))
}
