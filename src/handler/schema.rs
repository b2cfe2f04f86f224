//! Schemas of arguments and results, written so that every host understands them.

use mcp_core::model::{JsonObject, JsonSchema as SchemaObject};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use super::{OptionalForm, SchemaOptions, Subschemas};

/// Formats of JSON Schema; others, such as `int64`, say nothing to a host and make some refuse.
const FORMATS: [&str; 19] = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uuid",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
];

/// The schema of a tool's arguments in the making: one generator for all of them, so that a
/// recursive type refers to the right root.
#[derive(Debug)]
pub(super) struct InputSchema {
    generator: SchemaGenerator,
    options: SchemaOptions,
    properties: JsonObject,
    required: Vec<Value>,
}

/// What the annotation adds to the schema of an argument.
#[derive(Debug, Default)]
pub(super) struct PropertyNotes {
    pub(super) description: Option<&'static str>,
    pub(super) header: Option<&'static str>,
    pub(super) default: Option<Value>,
}

impl InputSchema {
    pub(super) fn new(options: &SchemaOptions) -> Self {
        Self {
            generator: settings(options).for_deserialize().into_generator(),
            options: *options,
            properties: JsonObject::new(),
            required: Vec::new(),
        }
    }

    /// Adds an argument and answers its schema.
    pub(super) fn add<T: JsonSchema>(
        &mut self,
        name: &str,
        optional: bool,
        notes: PropertyNotes,
    ) -> Value {
        let mut schema = object_of(self.generator.subschema_for::<T>());
        tidy(&mut schema, self.options.optional);
        if optional {
            if self.options.optional == OptionalForm::Absent {
                strip_null(&mut schema);
            }
        } else {
            self.required.push(json!(name));
        }
        if let Value::Object(members) = &mut schema {
            let notes = [
                ("description", notes.description.map(Value::from)),
                ("x-mcp-header", notes.header.map(Value::from)),
                ("default", notes.default.filter(|value| !value.is_null())),
            ];
            let given = notes
                .into_iter()
                .filter_map(|(key, value)| Some((key.to_owned(), value?)));
            members.extend(given);
        }
        self.properties.insert(name.to_owned(), schema.clone());
        schema
    }

    /// The finished schema, and the definitions it refers to.
    pub(super) fn finish(mut self) -> (SchemaObject, Value) {
        let mut root = JsonObject::new();
        root.insert("type".to_owned(), json!("object"));
        root.insert("additionalProperties".to_owned(), json!(false));
        if !self.properties.is_empty() {
            root.insert("properties".to_owned(), Value::Object(self.properties));
        }
        if !self.required.is_empty() {
            root.insert("required".to_owned(), Value::Array(self.required));
        }
        let mut definitions = Value::Object(self.generator.take_definitions(true));
        for definition in definitions
            .as_object_mut()
            .into_iter()
            .flat_map(|map| map.values_mut())
        {
            tidy(definition, self.options.optional);
        }
        if definitions.as_object().is_some_and(|map| !map.is_empty()) {
            root.insert("$defs".to_owned(), definitions.clone());
        }
        (SchemaObject(root), definitions)
    }
}

/// The schema of what a tool answers, or `None` if it would say nothing.
///
/// It describes the value as it is written: a member that is always written is required, and one
/// that may be `null` says so.
pub(super) fn output<T: JsonSchema>(options: &SchemaOptions) -> Option<SchemaObject> {
    let generator = settings(options).for_serialize().into_generator();
    let mut schema = object_of(generator.into_root_schema_for::<T>());
    tidy(&mut schema, OptionalForm::Nullable);
    match schema {
        Value::Object(members)
            if members
                .keys()
                .any(|key| key != "title" && key != "description") =>
        {
            Some(SchemaObject(members))
        }
        _ => None,
    }
}

fn settings(options: &SchemaOptions) -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| {
        settings.meta_schema = None;
        settings.inline_subschemas = options.inline == Subschemas::Inline;
    })
}

/// `true`, the schema of anything, as an object.
fn object_of(mut schema: Schema) -> Value {
    schema.ensure_object();
    schema.to_value()
}

/// Walks a schema: formats that are not JSON Schema's go, and members that need not be there stop
/// mentioning `null`.
fn tidy(schema: &mut Value, optional: OptionalForm) {
    let Value::Object(members) = schema else {
        return;
    };
    let odd = |format: &Value| !format.as_str().is_some_and(|name| FORMATS.contains(&name));
    if members.get("format").is_some_and(odd) {
        members.remove("format");
    }
    if optional == OptionalForm::Absent {
        strip_optional(members);
    }
    for (key, value) in members.iter_mut() {
        match (key.as_str(), value) {
            ("properties" | "$defs" | "patternProperties", Value::Object(schemas)) => {
                schemas
                    .values_mut()
                    .for_each(|schema| tidy(schema, optional));
            }
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(schemas)) => {
                schemas.iter_mut().for_each(|schema| tidy(schema, optional));
            }
            ("items" | "additionalProperties" | "not" | "contains", schema) => {
                tidy(schema, optional);
            }
            _ => {}
        }
    }
}

/// Takes `null` out of the properties that are not required.
fn strip_optional(members: &mut JsonObject) {
    let required = members.get("required").cloned();
    let required = required.as_ref().and_then(Value::as_array);
    let Some(Value::Object(properties)) = members.get_mut("properties") else {
        return;
    };
    for (name, property) in properties {
        if !required.is_some_and(|list| list.iter().any(|other| other == name)) {
            strip_null(property);
        }
    }
}

/// Takes `null` out of a schema's alternatives, if others remain.
fn strip_null(schema: &mut Value) {
    let Value::Object(members) = schema else {
        return;
    };
    if members.get("default").is_some_and(Value::is_null) {
        members.remove("default");
    }
    for key in ["type", "enum"] {
        let Some(Value::Array(list)) = members.get_mut(key) else {
            continue;
        };
        list.retain(|value| !value.is_null() && value != "null");
        if let (1, "type", Some(only)) = (list.len(), key, list.first().cloned()) {
            members.insert(key.to_owned(), only);
        }
    }
    for key in ["anyOf", "oneOf"] {
        let Some(Value::Array(list)) = members.get_mut(key) else {
            continue;
        };
        list.retain(|branch| branch.get("type").is_none_or(|name| name != "null"));
        if let [Value::Object(only)] = list.as_mut_slice() {
            let only = std::mem::take(only);
            members.remove(key);
            for (name, value) in only {
                // What stands beside the choice is said about this very place.
                members.entry(name).or_insert(value);
            }
        }
    }
}
