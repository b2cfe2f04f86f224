//! From a type's JSON Schema to the schema of a form.

use mcp_core::model::{FieldSchema, FormFields, FormKind, FormSchema, JsonObject};
use serde::Deserialize;
use serde::de::value::Error as ValueError;
use serde::de::{DeserializeOwned, Deserializer, Error, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Value, json};

use super::FormError;

/// Formats of text that forms know (ELI-A-02).
const FORMATS: [&str; 4] = ["email", "uri", "date", "date-time"];

/// Makes a form of an object's schema, its fields in the order of `names`.
pub(super) fn convert(schema: Value, names: &[&str]) -> Result<FormSchema, FormError> {
    let Value::Object(mut root) = schema else {
        return Err(whole("is not an object"));
    };
    let open = |more: &Value| !matches!(more, Value::Bool(false));
    if root.get("additionalProperties").is_some_and(open) {
        return Err(whole("has fields of any name"));
    }
    let Some(Value::Object(properties)) = root.remove("properties") else {
        return Err(whole("has no fields of its own"));
    };
    let mut properties: Vec<(String, Value)> = properties.into_iter().collect();
    // What is not named keeps its place behind what is.
    properties.sort_by_key(|(name, _)| names.iter().position(|n| n == name).unwrap_or(usize::MAX));
    let mut fields = Vec::with_capacity(properties.len());
    for (name, schema) in properties {
        match field(schema) {
            Ok(field) => fields.push((name, field)),
            Err(reason) => {
                return Err(FormError {
                    field: Some(name),
                    reason,
                });
            }
        }
    }
    let required = root.remove("required").unwrap_or_default();
    Ok(FormSchema {
        kind: FormKind::Object,
        dialect: None,
        properties: FormFields(fields),
        required: serde_json::from_value(required).unwrap_or_default(),
        extra: JsonObject::new(),
    })
}

fn whole(reason: &str) -> FormError {
    FormError {
        field: None,
        reason: format!("the type {reason}"),
    }
}

fn field(schema: Value) -> Result<FieldSchema, String> {
    let Value::Object(mut schema) = schema else {
        return Err("may be anything".to_owned());
    };
    take_null_away(&mut schema);
    let choices = choices(&schema)?;
    let kind = schema.get("type").and_then(Value::as_str);
    let kind = kind.unwrap_or("anything").to_owned();
    let mut field = match (&choices, kind.as_str()) {
        (Some(_), _) => keep(&schema, &["title", "description", "default", "enumNames"]),
        (None, "string") => text(&schema),
        (None, "integer" | "number") => keep(
            &schema,
            &["title", "description", "default", "minimum", "maximum"],
        ),
        (None, "boolean") => keep(&schema, &["title", "description", "default"]),
        (None, "array") => several(&schema)?,
        (None, kind) => return Err(format!("is of the type {kind}, which no form carries")),
    };
    if let Some(choices) = choices {
        field.insert("type".to_owned(), json!("string"));
        choices.write(&mut field, "oneOf");
    } else {
        field.insert("type".to_owned(), json!(kind));
    }
    FieldSchema::deserialize(Value::Object(field)).map_err(|error| format!("is odd: {error}"))
}

fn text(schema: &JsonObject) -> JsonObject {
    let members = ["title", "description", "default", "minLength", "maxLength"];
    let mut field = keep(schema, &members);
    let format = schema.get("format").and_then(Value::as_str);
    if let Some(format) = format.filter(|format| FORMATS.contains(format)) {
        field.insert("format".to_owned(), json!(format));
    }
    field
}

/// A field for some of several texts.
fn several(schema: &JsonObject) -> Result<JsonObject, String> {
    let items = schema.get("items").and_then(Value::as_object);
    let choices = items.map(choices).transpose()?.flatten();
    let choices = choices.ok_or("is a list of what nobody can select from")?;
    let members = ["title", "description", "default", "minItems", "maxItems"];
    let mut field = keep(schema, &members);
    let mut items = JsonObject::new();
    if choices.titled {
        choices.write(&mut items, "anyOf");
    } else {
        items.insert("type".to_owned(), json!("string"));
        choices.write(&mut items, "anyOf");
    }
    field.insert("items".to_owned(), Value::Object(items));
    Ok(field)
}

fn keep(schema: &JsonObject, members: &[&str]) -> JsonObject {
    let kept = members.iter().filter_map(|name| {
        let value = schema.get(*name).filter(|value| !value.is_null())?;
        Some(((*name).to_owned(), value.clone()))
    });
    kept.collect()
}

/// Texts to select from, with what the user sees for each.
struct Choices {
    values: Vec<(String, String)>,
    titled: bool,
}

impl Choices {
    /// Writes them as the protocol does: titled ones under `titled`, others as `enum`.
    fn write(self, schema: &mut JsonObject, titled: &str) {
        let values = self.values.into_iter();
        if self.titled {
            let values = values.map(|(value, title)| json!({ "const": value, "title": title }));
            schema.insert(titled.to_owned(), values.collect());
        } else {
            let values = values.map(|(value, _)| Value::String(value));
            schema.insert("enum".to_owned(), values.collect());
        }
    }
}

/// The choices of an enum; `None` for what is none.
fn choices(schema: &JsonObject) -> Result<Option<Choices>, String> {
    let mut choices = Choices {
        values: Vec::new(),
        titled: false,
    };
    let whole = Value::Object(schema.clone());
    let branches = match schema.get("oneOf") {
        Some(Value::Array(branches)) => branches.as_slice(),
        _ if schema.contains_key("enum") || schema.contains_key("const") => {
            std::slice::from_ref(&whole)
        }
        _ => return Ok(None),
    };
    for branch in branches {
        let texts: Vec<&str> = match (branch.get("const"), branch.get("enum")) {
            (Some(value), _) => value.as_str().into_iter().collect(),
            (None, Some(Value::Array(values))) => values.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if texts.is_empty() {
            return Err("has alternatives that are no plain texts".to_owned());
        }
        let of_branch = branch.get("title").or_else(|| branch.get("description"));
        let title = of_branch.filter(|_| branch.get("const").is_some());
        let title = title.and_then(Value::as_str);
        choices.titled |= title.is_some();
        let named = texts.into_iter().map(|text| {
            let title = title.unwrap_or(text);
            (text.to_owned(), title.to_owned())
        });
        choices.values.extend(named);
    }
    Ok(Some(choices))
}

/// What may be left out need not say that it may be `null`.
fn take_null_away(schema: &mut JsonObject) {
    if let Some(Value::Array(kinds)) = schema.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    for key in ["anyOf", "oneOf"] {
        let Some(Value::Array(branches)) = schema.get_mut(key) else {
            continue;
        };
        branches.retain(|branch| branch.get("type").is_none_or(|kind| kind != "null"));
        if let [Value::Object(only)] = branches.as_mut_slice() {
            let only = std::mem::take(only);
            schema.remove(key);
            for (name, value) in only {
                // What stands beside the choice is said about this very field.
                schema.entry(name).or_insert(value);
            }
        }
    }
}

/// The names that a struct's fields have in JSON, in the struct's order. None for other types.
pub(super) fn field_names<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // It always fails: nothing but the names is asked of the type.
    let _ = T::deserialize(Names(&mut names));
    names
}

/// Takes down the names by which a struct asks for its fields.
struct Names<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ValueError> {
        Err(ValueError::custom("only names are looked for"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier
        ignored_any
    }
}
