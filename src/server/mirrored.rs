//! Which arguments of a tool travel in headers, too (HTTP-M-20).

use std::collections::HashMap;
use std::sync::Arc;

use mcp_core::model::JsonSchema;
use mcp_transport::driver::Mirrored;
use serde_json::{Map, Value};

/// The annotation in an input schema.
const ANNOTATION: &str = "x-mcp-header";
/// What the name of the header begins with.
const PREFIX: &str = "Mcp-Param-";
/// How deep in a schema annotations are looked for.
const DEEPEST: usize = 32;

/// The mirrored arguments of all tools that have some.
#[derive(Debug, Clone, Default)]
pub(super) struct MirroredArguments(HashMap<Box<str>, Arc<[Mirrored]>>);

impl MirroredArguments {
    /// Those of one tool.
    pub(super) fn of(&self, tool: &str) -> Option<Arc<[Mirrored]>> {
        self.0.get(tool).cloned()
    }

    /// Reads those of a tool from its input schema. Annotations that break HTTP-M-21 are left
    /// alone, and said in the log: clients drop such a tool.
    pub(super) fn set(&mut self, tool: &str, schema: &JsonSchema) {
        let mut found = Vec::new();
        if let Some(properties) = schema.0.get("properties") {
            collect(tool, properties, &mut Vec::new(), &mut found);
        }
        if found.is_empty() {
            self.0.remove(tool);
        } else {
            self.0.insert(tool.into(), found.into());
        }
    }
}

/// Only `properties` lead to an annotation (HTTP-M-21).
fn collect<'s>(
    tool: &str,
    properties: &'s Value,
    path: &mut Vec<&'s str>,
    found: &mut Vec<Mirrored>,
) {
    let Some(properties) = properties.as_object().filter(|_| path.len() < DEEPEST) else {
        return;
    };
    for (name, schema) in properties {
        let Some(schema) = schema.as_object() else {
            continue;
        };
        path.push(name);
        if let Some(annotation) = schema.get(ANNOTATION) {
            match header(annotation, schema, found) {
                Ok(header) => found.push(Mirrored {
                    header,
                    path: path.iter().map(|member| Box::from(*member)).collect(),
                }),
                Err(why) => tracing::warn!(tool, argument = %path.join("."), why, "x-mcp-header"),
            }
        }
        if let Some(inner) = schema.get("properties") {
            collect(tool, inner, path, found);
        }
        path.pop();
    }
}

/// The header that an annotation means, or what is wrong with it (HTTP-M-21).
fn header(
    annotation: &Value,
    schema: &Map<String, Value>,
    found: &[Mirrored],
) -> Result<Box<str>, &'static str> {
    let name = annotation.as_str().unwrap_or_default();
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err("the annotation is not the name of a header");
    }
    let kind = schema.get("type").and_then(Value::as_str);
    if !matches!(kind, Some("string" | "integer" | "boolean")) {
        return Err("only strings, integers and booleans travel in headers");
    }
    let header = format!("{PREFIX}{name}");
    let taken = |other: &Mirrored| other.header.eq_ignore_ascii_case(&header);
    if found.iter().any(taken) {
        return Err("another argument has this header");
    }
    Ok(header.into())
}

/// A character of a token (RFC 9110 §5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn headers(schema: Value) -> Vec<String> {
        let Value::Object(schema) = schema else {
            panic!("a schema is an object");
        };
        let mut mirrored = MirroredArguments::default();
        mirrored.set("tool", &JsonSchema::from(schema));
        let found = mirrored.of("tool").unwrap_or_default();
        let said = |m: &Mirrored| format!("{}={}", m.header, m.path.join("."));
        found.iter().map(said).collect()
    }

    #[test]
    fn annotations_are_found_along_properties_and_nowhere_else() {
        let annotated = |name: &str| json!({ "type": "string", "x-mcp-header": name });
        let schema = json!({ "type": "object", "properties": {
            "a": annotated("A"),
            "deep": { "type": "object", "properties": { "b": annotated("B") } },
            "list": { "type": "array", "items": annotated("No") },
            "either": { "anyOf": [annotated("No")] },
        }});
        assert_eq!(headers(schema), ["Mcp-Param-A=a", "Mcp-Param-B=deep.b"]);
    }

    #[test]
    fn annotations_that_no_header_can_carry_are_left_alone() {
        for (kind, name) in [
            ("number", json!("N")),
            ("object", json!("N")),
            ("string", json!("")),
            ("string", json!("a b")),
            ("string", json!(7)),
        ] {
            let argument = json!({ "type": kind, "x-mcp-header": name });
            let schema = json!({ "type": "object", "properties": { "a": argument } });
            assert!(headers(schema).is_empty(), "{kind} {name}");
        }
    }

    #[test]
    fn a_header_belongs_to_the_first_argument_that_claims_it() {
        let schema = json!({ "type": "object", "properties": {
            "a": { "type": "string", "x-mcp-header": "Same" },
            "b": { "type": "string", "x-mcp-header": "SAME" },
        }});
        assert_eq!(headers(schema), ["Mcp-Param-Same=a"]);
    }
}
