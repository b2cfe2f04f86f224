//! Structured content, held against the output schema of its tool (TOOL-A-06).

use std::collections::HashMap;
use std::sync::Arc;

use mcp_core::model::{CallToolResult, Tool};
use serde_json::Value;

use super::CallError;
use super::output_cost::{Bounded, Verdict};

/// The largest schema that is enforced, in values: what is larger costs more than it tells (fault
/// 97, SCH-M-03).
const LARGEST: usize = 5000;
/// The deepest nesting, with references followed.
const DEEPEST: usize = 256;
/// Keywords whose schemas all look at the same data.
const TOGETHER: [&str; 9] = [
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependencies",
];
/// Keywords that refer to another schema, in one dialect or another.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

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
            Some(data) => match validator.check(data) {
                Verdict::Fits => Ok(()),
                Verdict::Broken(why) => broken(why),
                Verdict::TooMuch => {
                    tracing::warn!(tool = name, "its result is too large to be checked");
                    Ok(())
                }
            },
        }
    }
}

fn compile(name: &str, schema: &Value) -> Output {
    let Some(values) = expanded(schema) else {
        tracing::warn!(tool = name, "its output schema is too large to be enforced");
        return Output::Unusable;
    };
    match Bounded::compile(schema, values) {
        Ok(bounded) => Output::Enforced(Arc::new(bounded)),
        Err(error) => {
            tracing::warn!(tool = name, error, "its output schema cannot be enforced");
            Output::Unusable
        }
    }
}

/// How many values a schema has with all that it refers to in place of the references. `None` when
/// these are too many, or when it refers back to itself in so many ways that data makes it slow.
fn expanded(schema: &Value) -> Option<usize> {
    let mut expansion = Expansion {
        root: schema,
        inside: Vec::new(),
        values: 0,
        depth: 0,
        loops: 0,
    };
    let small = expansion.takes(schema, false) && expansion.loops <= 1;
    small.then_some(expansion.values)
}

/// A schema whose references are followed, as checking data against it follows them.
struct Expansion<'a> {
    root: &'a Value,
    /// The references that are being followed.
    inside: Vec<&'a str>,
    /// Values met so far, each as often as it is referred to.
    values: usize,
    depth: usize,
    /// References that lead back, from where several schemas look at the same data: with two of
    /// them, each level of the data doubles the work.
    loops: usize,
}

impl<'a> Expansion<'a> {
    /// Takes in a value of the schema, unless that is too much.
    fn takes(&mut self, value: &'a Value, together: bool) -> bool {
        self.values += 1;
        if self.values > LARGEST || self.depth == DEEPEST {
            return false;
        }
        self.depth += 1;
        let taken = match value {
            Value::Array(items) => items.iter().all(|item| self.takes(item, together)),
            Value::Object(members) => members.iter().all(|(name, value)| {
                let together = together || TOGETHER.contains(&name.as_str());
                let refers = REFERENCES.contains(&name.as_str());
                match value.as_str().filter(|_| refers) {
                    Some(target) => self.follows(target, together),
                    None => self.takes(value, together),
                }
            }),
            _ => true,
        };
        self.depth -= 1;
        taken
    }

    fn follows(&mut self, target: &'a str, together: bool) -> bool {
        if self.inside.contains(&target) || target == "#" {
            self.loops += usize::from(together);
            return true;
        }
        // Any other way to refer is rare, and not worth being followed.
        let Some(value) = target
            .strip_prefix('#')
            .and_then(|at| self.root.pointer(at))
        else {
            return false;
        };
        self.inside.push(target);
        let taken = self.takes(value, together);
        self.inside.pop();
        taken
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_enforced(schema: &Value) -> bool {
        matches!(compile("tool", schema), Output::Enforced(_))
    }

    /// Definitions each of which refers twice to the next.
    fn doubling(keyword: &str) -> Value {
        let definition = |at: usize| {
            let next = json!({ "$ref": format!("#/$defs/a{}", at + 1) });
            (format!("a{at}"), json!({ keyword: [next, next] }))
        };
        let mut definitions: serde_json::Map<_, _> = (0..40).map(definition).collect();
        definitions.insert("a40".to_owned(), json!({ "type": "string" }));
        json!({ "$ref": "#/$defs/a0", "$defs": definitions })
    }

    #[test]
    fn fault_97_a_schema_that_expands_to_very_much_is_not_enforced() {
        for keyword in ["anyOf", "allOf", "oneOf"] {
            assert!(!is_enforced(&doubling(keyword)), "{keyword}");
        }
        let many: Vec<_> = (0..10_000).map(|n| json!({ "const": n })).collect();
        assert!(!is_enforced(&json!({ "anyOf": many })));
        assert!(is_enforced(&json!({ "anyOf": many[..1000] })));
    }

    #[test]
    fn fault_97_a_schema_that_refers_to_itself_has_an_end() {
        assert!(is_enforced(&json!({ "$ref": "#" })));
        let tree = json!({ "properties": { "left": { "$ref": "#" }, "right": { "$ref": "#" } } });
        assert!(is_enforced(&tree));
        let again = json!({ "$ref": "#" });
        let doubled = json!({ "properties": { "x": { "anyOf": [again, again] } } });
        assert!(
            !is_enforced(&doubled),
            "each level of the data would double the work"
        );
    }

    #[test]
    fn fault_97_a_schema_of_an_older_dialect_is_as_bounded() {
        let again = json!({ "$recursiveRef": "#" });
        let doubled = json!({
            "$schema": "https://json-schema.org/draft/2019-09/schema",
            "properties": { "x": { "anyOf": [again, again] } },
        });
        assert!(!is_enforced(&doubled));
        let again = json!({ "$ref": "#" });
        let depends = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "properties": { "x": { "dependencies": { "a": again, "b": again } } },
        });
        assert!(!is_enforced(&depends));
    }

    #[test]
    fn a_schema_is_enforced_in_the_dialect_that_it_names_if_that_is_known() {
        let pair = |dialect: &str| {
            let schema = json!({
                "$schema": dialect,
                "items": [{ "type": "string" }, { "type": "integer" }],
            });
            match compile("tool", &schema) {
                Output::Enforced(validator) => {
                    Some(validator.check(&json!(["a", "b"])) == Verdict::Fits)
                }
                _ => None,
            }
        };
        let draft_7 = "http://json-schema.org/draft-07/schema#";
        assert_eq!(pair(draft_7), Some(false), "SCH-A-01");
        assert_eq!(pair("https://example.com/dialect"), None);
        assert_eq!(pair(""), None);
    }

    #[test]
    fn fault_97_a_chain_of_references_without_end_is_not_followed() {
        let definition = |at: usize| {
            let next = format!("#/$defs/a{}", at + 1);
            (format!("a{at}"), json!({ "items": { "$ref": next } }))
        };
        let chain = |length| {
            let mut definitions: serde_json::Map<_, _> = (0..length).map(definition).collect();
            definitions.insert(format!("a{length}"), json!({}));
            json!({ "$ref": "#/$defs/a0", "$defs": definitions })
        };
        assert!(is_enforced(&chain(20)));
        assert!(!is_enforced(&chain(1000)));
    }

    #[test]
    fn fault_97_a_schema_elsewhere_is_not_fetched() {
        assert!(!is_enforced(
            &json!({ "$ref": "https://example.com/schema.json" })
        ));
        assert!(!is_enforced(&json!({ "$ref": "file:///etc/passwd" })));
    }

    #[test]
    fn fault_96_a_pattern_that_is_made_to_be_slow_takes_linear_time() {
        let Output::Enforced(validator) = compile("tool", &json!({ "pattern": "^(a+)+$" })) else {
            panic!("it is a pattern");
        };
        // By going back and forth this would take for ever.
        let verdict = validator.check(&json!("a".repeat(20_000) + "b"));
        assert!(matches!(verdict, Verdict::Broken(_)));
    }
}
