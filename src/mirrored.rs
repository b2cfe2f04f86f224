//! Which arguments of a tool travel in headers, too (HTTP-M-20): those that `properties` alone lead to,
//! nested ones included (AMB-04).

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
pub(crate) struct MirroredArguments(HashMap<Box<str>, Arc<[Mirrored]>>);

impl MirroredArguments {
    /// Those of one tool.
    pub(crate) fn of(&self, tool: &str) -> Option<Arc<[Mirrored]>> {
        self.0.get(tool).cloned()
    }

    /// Reads those of a tool from its input schema. Annotations that break HTTP-M-21 are left
    /// alone, and said in the log: clients drop such a tool.
    pub(crate) fn set(&mut self, tool: &str, schema: &JsonSchema) {
        let mut reading = Reading::default();
        reading.schema(&schema.0, Place::Reached, 0);
        for (argument, why) in reading.wrong {
            tracing::warn!(tool, argument, why, "x-mcp-header");
        }
        self.put(tool, reading.found);
    }

    /// As [`MirroredArguments::set`], for a tool of somebody else.
    ///
    /// # Errors
    /// The first annotation that breaks HTTP-M-21, and how: such a tool is not to be used
    /// (HTTP-M-22).
    #[cfg(feature = "http-client")]
    pub(crate) fn take(
        &mut self,
        tool: &str,
        schema: &JsonSchema,
    ) -> Result<(), (String, &'static str)> {
        let mut reading = Reading::default();
        reading.schema(&schema.0, Place::Reached, 0);
        match reading.wrong.into_iter().next() {
            Some(wrong) => {
                self.0.remove(tool);
                Err(wrong)
            }
            None => {
                self.put(tool, reading.found);
                Ok(())
            }
        }
    }

    fn put(&mut self, tool: &str, found: Vec<Mirrored>) {
        if found.is_empty() {
            self.0.remove(tool);
        } else {
            self.0.insert(tool.into(), found.into());
        }
    }
}

/// Where in a schema something stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where only `properties` lead to.
    Reached,
    /// Anywhere else: what stands there may be absent, or there many times.
    Beyond,
}

/// What was found in a schema.
#[derive(Default)]
struct Reading {
    path: Vec<Box<str>>,
    found: Vec<Mirrored>,
    /// The arguments whose annotations break HTTP-M-21, and how.
    wrong: Vec<(String, &'static str)>,
}

impl Reading {
    /// Only `properties` lead to an annotation (HTTP-M-21).
    fn schema(&mut self, schema: &Map<String, Value>, place: Place, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        if let Some(annotation) = schema.get(ANNOTATION) {
            self.annotation(annotation, schema, place);
        }
        for (keyword, value) in schema {
            match (keyword.as_str(), value) {
                ("properties", Value::Object(properties)) => {
                    for (name, schema) in properties {
                        self.path.push(name.as_str().into());
                        self.value(schema, place, depth);
                        self.path.pop();
                    }
                }
                // What is under these is data, which only looks like schemas.
                ("const" | "default" | "enum" | "examples", _) => {}
                ("$defs" | "definitions" | "patternProperties" | "dependentSchemas", value) => {
                    let inner = value.as_object().into_iter().flat_map(Map::values);
                    inner.for_each(|schema| self.value(schema, Place::Beyond, depth));
                }
                (_, value) => self.value(value, Place::Beyond, depth),
            }
        }
    }

    fn value(&mut self, value: &Value, place: Place, depth: usize) {
        match value {
            Value::Object(schema) => self.schema(schema, place, depth + 1),
            Value::Array(schemas) => {
                for schema in schemas {
                    self.value(schema, Place::Beyond, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn annotation(&mut self, annotation: &Value, schema: &Map<String, Value>, place: Place) {
        let header = match place {
            Place::Beyond => Err("`properties` alone do not lead there"),
            Place::Reached if self.path.is_empty() => {
                Err("the arguments as a whole have no header")
            }
            Place::Reached => header(annotation, schema, &self.found),
        };
        match header {
            Ok(header) => self.found.push(Mirrored {
                header,
                path: self.path.as_slice().into(),
            }),
            Err(why) => self.wrong.push((self.path.join("."), why)),
        }
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

    #[cfg(feature = "http-client")]
    #[test]
    fn fault_98_an_annotation_out_of_place_condemns_the_tool() {
        let annotated = json!({ "type": "string", "x-mcp-header": "A" });
        let take = |schema: Value| {
            let Value::Object(schema) = schema else {
                panic!("a schema is an object");
            };
            let mut mirrored = MirroredArguments::default();
            let taken = mirrored.take("tool", &JsonSchema::from(schema));
            assert_eq!(taken.is_ok(), mirrored.of("tool").is_some());
            taken.err().map(|(argument, _)| argument)
        };
        let property = |schema: Value| json!({ "type": "object", "properties": { "a": schema } });
        assert_eq!(take(property(annotated.clone())), None);
        for wrong in [
            json!({ "type": "array", "items": annotated }),
            json!({ "anyOf": [annotated] }),
            json!({ "type": "number", "x-mcp-header": "A" }),
        ] {
            assert_eq!(take(property(wrong)).as_deref(), Some("a"));
        }
        let defined = json!({ "type": "object", "$defs": { "s": annotated } });
        assert_eq!(take(defined).as_deref(), Some(""));
        let data = property(json!({ "type": "string", "x-mcp-header": "A", "default": annotated }));
        assert_eq!(take(data), None);
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
