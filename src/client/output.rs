//! Structured content, held against the output schema of its tool (TOOL-A-06).

use std::collections::HashMap;
use std::sync::Arc;

use jsonschema::{Draft, PatternOptions, Validator};
use mcp_core::model::{CallToolResult, Tool};
use serde_json::Value;

use super::CallError;

/// The largest schema that is enforced, in values: what is larger costs more than it tells (fault
/// 97, SCH-M-03).
const LARGEST: usize = 5000;

/// The output schemas of the tools that were listed.
#[derive(Debug, Default)]
pub(super) struct Outputs(HashMap<String, Output>);

#[derive(Debug)]
enum Output {
    /// Not called yet.
    Listed(Value),
    Enforced(Arc<Validator>),
    /// Too large, or no schema that stands by itself: nothing is fetched (SCH-M-02).
    Unusable,
}

impl Outputs {
    /// Takes the schemas of a list in place of those of an earlier one.
    pub(super) fn learn(&mut self, tools: &[Tool]) {
        let schema = |tool: &Tool| {
            let schema = tool.output_schema.as_ref()?;
            let schema = Output::Listed(Value::Object(schema.0.clone()));
            Some((tool.name.clone(), schema))
        };
        self.0 = tools.iter().filter_map(schema).collect();
    }

    /// Whether a result is what its tool promised.
    pub(super) fn check(&mut self, name: &str, result: &CallToolResult) -> Result<(), CallError> {
        let Some(output) = self.0.get_mut(name) else {
            return Ok(());
        };
        if let Output::Listed(schema) = output {
            *output = compile(name, schema);
        }
        let Output::Enforced(validator) = output else {
            return Ok(());
        };
        if result.is_error == Some(true) {
            return Ok(());
        }
        let broken = |why: String| {
            let text = format!("the result of `{name}` does not fit its output schema: {why}");
            Err(CallError::Protocol(text))
        };
        match &result.structured_content {
            None => broken("there is no structured content".to_owned()),
            Some(data) => match validator.validate(data) {
                Ok(()) => Ok(()),
                Err(error) => broken(error.to_string()),
            },
        }
    }
}

fn compile(name: &str, schema: &Value) -> Output {
    if !is_small(schema, &mut 0) {
        tracing::warn!(tool = name, "its output schema is too large to be enforced");
        return Output::Unusable;
    }
    let validator = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(PatternOptions::regex())
        .build(schema);
    match validator {
        Ok(validator) => Output::Enforced(Arc::new(validator)),
        Err(error) => {
            tracing::warn!(tool = name, %error, "its output schema cannot be enforced");
            Output::Unusable
        }
    }
}

fn is_small(schema: &Value, count: &mut usize) -> bool {
    *count += 1;
    *count <= LARGEST
        && match schema {
            Value::Array(items) => items.iter().all(|item| is_small(item, count)),
            Value::Object(members) => members.values().all(|value| is_small(value, count)),
            _ => true,
        }
}
