//! Every keyword of a tool's input schema, enforced before the tool runs.
//!
//! The types of a function's parameters are enforced in any case; this is for what only the
//! schema says (`minLength`, `pattern`, `minimum`, …), and for tools made of a schema and a
//! closure.

use std::sync::Arc;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::CallToolResult;
use serde_json::Value;
use serde_json::value::to_raw_value;

use super::{
    ArgumentCheck, Coercion, Dispatch, Scope, ToolEntry, ToolHandler, UnknownArguments, coerce,
};
use crate::validation::{Bounded, Measured, Origin, describe};

/// Most mistakes that one answer lists.
const LISTED: usize = 20;

/// A handler that runs only on arguments its tool's schema allows.
struct Validating {
    name: String,
    schema: Value,
    bounded: Bounded,
    check: ArgumentCheck,
    inner: Arc<dyn ToolHandler>,
}

/// The same tool, with its schema enforced. The schema of a tool that was made at run time may be
/// anybody's, and is bounded (SCH-M-03); that of a function is the program's.
///
/// # Errors
/// Why the schema cannot be enforced: it is no schema, refers to one that is not inside it, or would
/// cost too much. Nothing is ever fetched (SCH-M-02).
pub(crate) fn enforce(mut tool: ToolEntry, unknown: UnknownArguments) -> Result<ToolEntry, String> {
    let mut schema = tool.definition.input_schema.0.clone();
    if unknown == UnknownArguments::Ignore {
        schema.remove("additionalProperties");
    }
    let schema = Value::Object(schema);
    let origin = match tool.check {
        ArgumentCheck::ByTypes => Origin::Program,
        ArgumentCheck::Unchecked => Origin::Elsewhere,
    };
    tool.handler = Arc::new(Validating {
        name: tool.definition.name.clone(),
        bounded: Bounded::compile(&schema, origin)?,
        schema,
        check: tool.check,
        inner: tool.handler,
    });
    Ok(tool)
}

impl ToolHandler for Validating {
    fn call(&self, scope: &Scope<'_>) -> Result<Dispatch<CallToolResult>, ErrorObject> {
        let json = scope.arguments().map_or("{}", |raw| raw.get());
        let json = if json == "null" { "{}" } else { json };
        // What is no JSON value, or no object, the handler itself reports best.
        let Ok(value @ Value::Object(_)) = serde_json::from_str(json) else {
            return self.inner.call(scope);
        };
        let measured = match self.bounded.measure(&value) {
            Ok(measured) => measured,
            Err(much) => {
                let name = &self.name;
                let text = format!(
                    "The arguments of tool `{name}` are {much} to be held against its schema."
                );
                return Ok(Dispatch::Ready(CallToolResult::error(text)));
            }
        };
        if measured.is_valid(&value) {
            return self.inner.call(scope);
        }
        if let Some(coerced) = self.coerced(scope, &value)
            && let Ok(raw) = to_raw_value(&coerced)
        {
            return self.inner.call(&scope.with_other_arguments((&*raw).into()));
        }
        // Where the types say no, the handler's own words name the parameter and what it expects.
        let by_types = self.check == ArgumentCheck::ByTypes;
        let mistakes = measured.mistakes(&value);
        if by_types && mistakes.is_some_and(|mut all| all.all(|error| is_of_types(&error))) {
            return self.inner.call(scope);
        }
        Ok(Dispatch::Ready(self.refusal(&measured, &value)))
    }
}

/// Whether a mistake is one that a parameter's type catches as well.
fn is_of_types(error: &ValidationError<'_>) -> bool {
    matches!(
        error.kind(),
        ValidationErrorKind::Type { .. }
            | ValidationErrorKind::Required { .. }
            | ValidationErrorKind::AdditionalProperties { .. }
            | ValidationErrorKind::Enum { .. }
            | ValidationErrorKind::AnyOf { .. }
            | ValidationErrorKind::OneOfNotValid { .. }
    )
}

impl Validating {
    /// The arguments as the schema would have them, when they are valid then.
    fn coerced(&self, scope: &Scope<'_>, value: &Value) -> Option<Value> {
        if scope.options().coercion == Coercion::Off {
            return None;
        }
        let definitions = self.schema.get("$defs").unwrap_or(&Value::Null);
        let coerced = coerce::coerce(&self.schema, definitions, value.clone())?;
        let measured = self.bounded.measure(&coerced).ok()?;
        measured.is_valid(&coerced).then_some(coerced)
    }

    fn refusal(&self, measured: &Measured<'_>, value: &Value) -> CallToolResult {
        let name = &self.name;
        let Some(mistakes) = measured.mistakes(value) else {
            let why = "what is wrong with them would take too long to find out";
            return CallToolResult::error(format!(
                "The arguments of tool `{name}` do not fit its schema; {why}."
            ));
        };
        let mut text = format!("The arguments of tool `{name}` do not fit:");
        for error in mistakes.take(LISTED) {
            text.push_str("\n- ");
            text.push_str(&describe(&error));
        }
        CallToolResult::error(text)
    }
}
