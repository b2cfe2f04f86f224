//! Reads text as what a schema asks for: `"42"` as 42 where an integer is expected.

use serde_json::{Number, Value};

/// Deeper than this nothing is changed.
const DEPTH: usize = 32;
/// Integers up to here are the same as floating-point numbers.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// `value` as `schema` would have it, or `None` if nothing could be changed.
pub(super) fn coerce(schema: &Value, definitions: &Value, mut value: Value) -> Option<Value> {
    apply(schema, definitions, &mut value, DEPTH).then_some(value)
}

/// Changes what can be changed, and says whether anything was.
fn apply(schema: &Value, definitions: &Value, value: &mut Value, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    let schema = only_branch(resolve(schema, definitions), definitions);
    let types = types(schema);
    if let Some(better) = reread(&types, value) {
        *value = better;
        apply(schema, definitions, value, depth);
        return true;
    }
    match value {
        Value::Array(items) => {
            items
                .iter_mut()
                .enumerate()
                .fold(false, |changed, (index, element)| {
                    match element_schema(schema, index) {
                        Some(item) => apply(item, definitions, element, depth) | changed,
                        None => changed,
                    }
                })
        }
        Value::Object(members) => members.iter_mut().fold(false, |changed, (name, member)| {
            let property = schema
                .get("properties")
                .and_then(|properties| properties.get(name));
            match property.or_else(|| schema.get("additionalProperties")) {
                Some(schema) => apply(schema, definitions, member, depth) | changed,
                None => changed,
            }
        }),
        _ => false,
    }
}

/// The value read again, if its type is not among `types` but its text's is.
fn reread(types: &[&str], value: &Value) -> Option<Value> {
    match value {
        Value::String(text) if !types.is_empty() && !types.contains(&"string") => {
            let read: Value = serde_json::from_str(text.trim()).ok()?;
            fitting(types, read)
        }
        Value::Number(number) if !number.is_i64() && !number.is_u64() => {
            fitting(types, value.clone()).filter(|better| better != value)
        }
        _ => None,
    }
}

fn fitting(types: &[&str], value: Value) -> Option<Value> {
    let name = match &value {
        Value::Null | Value::String(_) => return None,
        Value::Bool(_) => "boolean",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Number(_) if types.contains(&"number") => "number",
        Value::Number(number) if number.is_f64() => {
            // JSON Schema calls 3.0 an integer; serde does not.
            let number = number.as_f64()?;
            let whole = number.fract() == 0.0 && number.abs() <= EXACT;
            return (whole && types.contains(&"integer"))
                .then(|| Value::Number(Number::from(number as i64)));
        }
        Value::Number(_) => "integer",
    };
    types.contains(&name).then_some(value)
}

/// The schema of an array's element: a tuple's positions come first.
pub(super) fn element_schema(schema: &Value, index: usize) -> Option<&Value> {
    let positions = schema.get("prefixItems").and_then(Value::as_array);
    let position = positions.and_then(|positions| positions.get(index));
    position.or_else(|| schema.get("items"))
}

/// The types that a schema allows; none if it does not say.
pub(super) fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The alternatives of a schema that is a choice.
pub(super) fn branches(schema: &Value) -> Option<&[Value]> {
    let list = schema.get("anyOf").or_else(|| schema.get("oneOf"))?;
    list.as_array().map(Vec::as_slice)
}

/// A choice between something and `null` is that something; other choices stay ambiguous.
fn only_branch<'s>(schema: &'s Value, definitions: &'s Value) -> &'s Value {
    let Some(branches) = branches(schema) else {
        return schema;
    };
    let mut real = branches.iter().filter(|branch| types(branch) != ["null"]);
    match (real.next(), real.next()) {
        (Some(only), None) => resolve(only, definitions),
        _ => schema,
    }
}

/// The schema that a reference into `$defs` means.
pub(super) fn resolve<'s>(schema: &'s Value, definitions: &'s Value) -> &'s Value {
    let target = schema.get("$ref").and_then(Value::as_str);
    target
        .and_then(|target| target.strip_prefix("#/$defs/"))
        .and_then(|name| definitions.get(name))
        .unwrap_or(schema)
}
