//! Finds where inside an argument a value stops fitting its schema.
//!
//! Runs only after the value failed to become what the handler asks for, to name the place; it
//! decides nothing.

use mcp_core::jsonrpc::encode;
use serde_json::Value;

use super::call::Planned;
use super::coerce::{branches, element_schema, resolve, types};
use super::issue::Issue;

/// Deeper than this the parameter itself is named.
const DEPTH: usize = 32;
/// Schemas looked at before giving up: nested choices would otherwise double the work each level.
const STEPS: usize = 5_000;

/// What does not fit, or nothing if the schema cannot tell.
pub(super) fn diagnose(planned: &Planned, definitions: &Value, value: &Value) -> Vec<Issue> {
    let mut search = Search {
        definitions,
        issues: Vec::new(),
        steps: STEPS,
    };
    search.visit(&planned.schema, value, planned.name, DEPTH);
    search.issues
}

struct Search<'d> {
    definitions: &'d Value,
    issues: Vec<Issue>,
    steps: usize,
}

impl Search<'_> {
    fn visit(&mut self, schema: &Value, value: &Value, path: &str, depth: usize) {
        let (Some(depth), Some(steps)) = (depth.checked_sub(1), self.steps.checked_sub(1)) else {
            return;
        };
        self.steps = steps;
        let schema = resolve(schema, self.definitions);
        if let Some(branches) = branches(schema) {
            if !branches
                .iter()
                .any(|branch| self.fits(branch, value, depth))
            {
                self.choose(schema, branches, value, path, depth);
            }
            return;
        }
        let types = types(schema);
        if !types.is_empty() && !types.iter().any(|name| is_type(value, name))
            || !in_enum(schema, value)
        {
            self.issues
                .push(Issue::mismatch(path, &expected(schema), value));
            return;
        }
        self.range(schema, value, path);
        self.members(schema, value, path, depth);
        if let Value::Array(items) = value {
            for (index, element) in items.iter().enumerate() {
                if let Some(item) = element_schema(schema, index) {
                    self.visit(item, element, &format!("{path}[{index}]"), depth);
                }
            }
        }
    }

    /// None of the branches fits: the only one of the value's own type explains best.
    fn choose(
        &mut self,
        schema: &Value,
        branches: &[Value],
        value: &Value,
        path: &str,
        depth: usize,
    ) {
        let definitions = self.definitions;
        let mut alike = branches.iter().filter(|branch| {
            types(resolve(branch, definitions))
                .iter()
                .any(|name| is_type(value, name))
        });
        match (alike.next(), alike.next()) {
            (Some(only), None) => self.visit(only, value, path, depth),
            // Several objects could be meant: serde's own reason says more.
            (Some(_), _) if value.is_object() || value.is_array() => {}
            _ => self
                .issues
                .push(Issue::mismatch(path, &expected(schema), value)),
        }
    }

    fn fits(&mut self, schema: &Value, value: &Value, depth: usize) -> bool {
        let mut search = Search {
            definitions: self.definitions,
            issues: Vec::new(),
            steps: self.steps,
        };
        search.visit(schema, value, "", depth);
        self.steps = search.steps;
        search.issues.is_empty()
    }

    fn range(&mut self, schema: &Value, value: &Value, path: &str) {
        let Some(number) = value.as_f64() else { return };
        let bound = |key| schema.get(key).and_then(Value::as_f64);
        let low = bound("minimum").is_some_and(|bound| number < bound);
        let high = bound("maximum").is_some_and(|bound| number > bound);
        if low || high {
            self.issues
                .push(Issue::mismatch(path, &expected(schema), value));
        }
    }

    fn members(&mut self, schema: &Value, value: &Value, path: &str, depth: usize) {
        let Value::Object(members) = value else {
            return;
        };
        let properties = schema.get("properties");
        let property = |name: &str| properties.and_then(|properties| properties.get(name));
        for name in schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            if let Some(name) = name.as_str().filter(|name| !members.contains_key(*name)) {
                let expected = expected(property(name).unwrap_or(&Value::Null));
                self.issues
                    .push(Issue::absent_member(&format!("{path}.{name}"), &expected));
            }
        }
        for (name, member) in members {
            if let Some(schema) = property(name).or_else(|| schema.get("additionalProperties")) {
                self.visit(schema, member, &format!("{path}.{name}"), depth);
            }
        }
    }
}

fn in_enum(schema: &Value, value: &Value) -> bool {
    let listed = schema.get("enum").and_then(Value::as_array);
    let constant = schema.get("const");
    listed.is_none_or(|list| list.contains(value)) && constant.is_none_or(|only| only == value)
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    }
}

/// What a schema asks for, as a noun.
pub(super) fn expected(schema: &Value) -> String {
    if let Some(list) = schema.get("enum").and_then(Value::as_array) {
        let values: Vec<String> = list.iter().take(12).map(encode::text).collect();
        return format!("one of {}", values.join(", "));
    }
    if let Some(only) = schema.get("const") {
        return encode::text(only);
    }
    if let Some(branches) = branches(schema) {
        let mut names: Vec<String> = branches.iter().map(expected).collect();
        names.dedup();
        return names.join(" or ");
    }
    let names: Vec<&str> = types(schema).into_iter().map(noun).collect();
    let noun = if names.is_empty() {
        "a value".to_owned()
    } else {
        names.join(" or ")
    };
    let bound = |name| schema.get(name).map(encode::text);
    match (bound("minimum"), bound("maximum")) {
        (Some(low), Some(high)) => format!("{noun} from {low} to {high}"),
        (Some(low), None) => format!("{noun} of at least {low}"),
        (None, Some(high)) => format!("{noun} of at most {high}"),
        (None, None) => noun,
    }
}

fn noun(name: &str) -> &str {
    match name {
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "a boolean",
        "array" => "an array",
        "object" => "an object",
        other => other,
    }
}

/// serde's own reason, without a position that means nothing to the reader.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text.split_at(end).0.to_owned(),
        None => text,
    }
}
