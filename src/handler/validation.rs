//! Every keyword of a tool's input schema, enforced before the tool runs.
//!
//! The types of a function's parameters are enforced in any case; this is for what only the
//! schema says (`minLength`, `pattern`, `minimum`, …), and for tools made of a schema and a
//! closure.

use std::sync::Arc;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::CallToolResult;
use serde_json::Value;
use serde_json::value::to_raw_value;

use super::{
    ArgumentCheck, Coercion, Dispatch, Scope, ToolEntry, ToolHandler, UnknownArguments, coerce,
};

/// Most mistakes that one answer lists.
const LISTED: usize = 20;
/// Most bytes of a compiled pattern of our own tools, whose schemas nobody wrote to be slow.
const OWN_PATTERN: usize = 10 * 1024 * 1024;

/// A handler that runs only on arguments its tool's schema allows.
struct Validating {
    name: String,
    schema: Value,
    validator: Validator,
    check: ArgumentCheck,
    inner: Arc<dyn ToolHandler>,
}

/// The same tool, with its schema enforced.
///
/// # Errors
/// Why the schema cannot be enforced: it is no schema, or refers to one that is not inside it.
/// Nothing is ever fetched (SCH-M-02).
pub(crate) fn enforce(mut tool: ToolEntry, unknown: UnknownArguments) -> Result<ToolEntry, String> {
    let mut schema = tool.definition.input_schema.0.clone();
    if unknown == UnknownArguments::Ignore {
        schema.remove("additionalProperties");
    }
    let schema = Value::Object(schema);
    let validator = validator(&schema, OWN_PATTERN)?;
    tool.handler = Arc::new(Validating {
        name: tool.definition.name.clone(),
        schema,
        validator,
        check: tool.check,
        inner: tool.handler,
    });
    Ok(tool)
}

/// What holds data against a schema, in the dialect that it names: 2020-12 where it names none
/// (SCH-A-01). Patterns take linear time, and `pattern` bytes each, compiled, at most (fault 96).
///
/// # Errors
/// Why it is no schema, or of a dialect that nobody here knows.
pub(crate) fn validator(schema: &Value, pattern: usize) -> Result<Validator, String> {
    if Draft::Draft202012.detect(schema) == Draft::Unknown {
        let dialect = &schema["$schema"];
        return Err(format!(
            "its dialect {dialect} is none of JSON Schema 2020-12, 2019-09, and drafts 7, 6 and 4"
        ));
    }
    let validator = jsonschema::options()
        .with_pattern_options(PatternOptions::regex().size_limit(pattern))
        .build(schema);
    validator.map_err(|error| error.to_string())
}

impl ToolHandler for Validating {
    fn call(&self, scope: &Scope<'_>) -> Result<Dispatch<CallToolResult>, ErrorObject> {
        let json = scope.arguments().map_or("{}", |raw| raw.get());
        let json = if json == "null" { "{}" } else { json };
        // What is no JSON value, or no object, the handler itself reports best.
        let Ok(value @ Value::Object(_)) = serde_json::from_str(json) else {
            return self.inner.call(scope);
        };
        if self.validator.is_valid(&value) {
            return self.inner.call(scope);
        }
        if let Some(coerced) = self.coerced(scope, &value)
            && let Ok(raw) = to_raw_value(&coerced)
        {
            return self.inner.call(&scope.with_other_arguments((&*raw).into()));
        }
        // Where the types say no, the handler's own words name the parameter and what it expects.
        let by_types = self.check == ArgumentCheck::ByTypes;
        if by_types && self.validator.iter_errors(&value).all(|e| is_of_types(&e)) {
            return self.inner.call(scope);
        }
        Ok(Dispatch::Ready(self.refusal(&value)))
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
        self.validator.is_valid(&coerced).then_some(coerced)
    }

    fn refusal(&self, value: &Value) -> CallToolResult {
        let mut text = format!("The arguments of tool `{}` do not fit:", self.name);
        for error in self.validator.iter_errors(value).take(LISTED) {
            text.push_str("\n- ");
            text.push_str(&describe(&error));
        }
        CallToolResult::error(text)
    }
}

/// Where it is wrong, and how.
fn describe(error: &ValidationError<'_>) -> String {
    let path = error.instance_path().to_string();
    let mut line = match path.trim_start_matches('/') {
        "" => error.to_string(),
        path => format!("`{}`: {error}", path.replace('/', ".")),
    };
    const LONGEST: usize = 400;
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(end);
        line.push('…');
    }
    line
}
