//! Structured content, held against the output schema of its tool (TOOL-A-06).

use std::collections::HashMap;
use std::sync::Arc;

use mcp_core::model::{CallToolResult, Tool};
use serde_json::Value;

use super::CallError;
use crate::validation::{Bounded, Origin, describe};

/// The output schemas of the tools that were listed.
#[derive(Debug, Default)]
pub(super) struct Outputs(HashMap<String, Output>);

#[derive(Debug)]
enum Output {
    /// Not called yet.
    Listed(Value),
    Enforced(Arc<Bounded>),
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
        let Output::Enforced(bounded) = output else {
            return Ok(());
        };
        if result.is_error == Some(true) {
            return Ok(());
        }
        let verdict = match &result.structured_content {
            None => Err("there is no structured content".to_owned()),
            Some(data) => hold(name, data, bounded),
        };
        verdict.map_err(|why| {
            let text = format!("the result of `{name}` does not fit its output schema: {why}");
            CallError::Protocol(text)
        })
    }
}

/// Whether data is what a schema describes, or else why not. What it would take too long to find out
/// is let pass.
fn hold(name: &str, data: &Value, schema: &Bounded) -> Result<(), String> {
    let measured = match schema.measure(data) {
        Ok(measured) => measured,
        Err(much) => {
            tracing::warn!(tool = name, "its result is {much} to be checked");
            return Ok(());
        }
    };
    if measured.is_valid(data) {
        return Ok(());
    }
    let first = measured.mistakes(data).and_then(|mut all| all.next());
    Err(first.map_or_else(
        || "what is wrong would take too long to find out".to_owned(),
        |mistake| describe(&mistake),
    ))
}

fn compile(name: &str, schema: &Value) -> Output {
    match Bounded::compile(schema, Origin::Elsewhere) {
        Ok(bounded) => Output::Enforced(Arc::new(bounded)),
        Err(error) => {
            tracing::warn!(tool = name, error, "its output schema cannot be enforced");
            Output::Unusable
        }
    }
}
