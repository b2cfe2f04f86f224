//! The schema of a form: a flat object of simple fields (ELI-A-02).

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Number;

use super::JsonObject;
use super::integer;
use super::object::{rest, take_tag};
use super::open::open_string;

/// The fields of a form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FormSchema {
    /// Always `object`.
    #[serde(rename = "type")]
    pub kind: FormKind,
    /// The schema's dialect.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
    /// The fields, in the order the user sees them.
    pub properties: FormFields,
    /// The names of the fields that must be filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<Vec<String>>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

/// The root type of a form's schema.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FormKind {
    /// An object: nothing else can be a form.
    #[default]
    Object,
}

/// Names and schemas of a form's fields, in the order they stand in on the wire.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FormFields(pub Vec<(String, FieldSchema)>);

impl Serialize for FormFields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, schema)| (name, schema)))
    }
}

impl<'de> Deserialize<'de> for FormFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = FormFields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of field schemas")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FormFields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(FormFields(fields))
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// The schema of one field, told apart by its `type` and by whether it lists its values.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type")]
pub enum FieldSchema {
    /// Text.
    #[serde(rename = "string")]
    Text(TextField),
    /// A number.
    #[serde(rename = "number")]
    Number(NumberField),
    /// A whole number.
    #[serde(rename = "integer")]
    Integer(NumberField),
    /// Yes or no.
    #[serde(rename = "boolean")]
    Boolean(BooleanField),
    /// One of several texts.
    #[serde(rename = "string")]
    Select(SelectField),
    /// Some of several texts. 2025-11-25 and later.
    #[serde(rename = "array")]
    MultiSelect(MultiSelectField),
    /// A field of a type this crate does not know, or not in this form; `type` included.
    #[serde(untagged)]
    Other(JsonObject),
}

impl<'de> Deserialize<'de> for FieldSchema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = JsonObject::deserialize(deserializer)?;
        let mut members = object.clone();
        let tag = take_tag::<D::Error>(&mut members, "type")?;
        let lists_values = members.contains_key("enum") || members.contains_key("oneOf");
        let read: Result<Self, D::Error> = match tag.as_str() {
            "string" if lists_values => rest(members).map(Self::Select),
            "string" => rest(members).map(Self::Text),
            "number" => rest(members).map(Self::Number),
            "integer" => rest(members).map(Self::Integer),
            "boolean" => rest(members).map(Self::Boolean),
            "array" => rest(members).map(Self::MultiSelect),
            _ => return Ok(Self::Other(object)),
        };
        // Half of one kind and half of another, it may still be allowed, and is no reason to refuse
        // the form.
        Ok(read.unwrap_or(Self::Other(object)))
    }
}

/// A field for text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TextField {
    /// The name the user sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the field is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The fewest characters.
    #[serde(
        default,
        deserialize_with = "integer::count",
        skip_serializing_if = "Option::is_none"
    )]
    pub min_length: Option<u64>,
    /// The most characters.
    #[serde(
        default,
        deserialize_with = "integer::count",
        skip_serializing_if = "Option::is_none"
    )]
    pub max_length: Option<u64>,
    /// What the text must look like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<TextFormat>,
    /// What stands there at first. 2025-11-25 and later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

open_string! {
    /// What a text must look like.
    TextFormat {
        /// An address for electronic mail.
        EMAIL = "email";
        /// A URI.
        URI = "uri";
        /// A date, as in RFC 3339.
        DATE = "date";
        /// A date and a time, as in RFC 3339.
        DATE_TIME = "date-time";
    }
}

/// A field for a number. Numbers are kept as they came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NumberField {
    /// The name the user sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the field is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The least value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Number>,
    /// The greatest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Number>,
    /// What stands there at first. 2025-11-25 and later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Number>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

/// A field for yes or no.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BooleanField {
    /// The name the user sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the field is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What stands there at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

/// A field for one of several texts, which stand in `values` or, with titles, in `one_of`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SelectField {
    /// The name the user sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the field is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The texts.
    #[serde(rename = "enum", default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<String>>,
    /// The titles of `values`, in their order: how 2025-06-18 wrote titles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enum_names: Option<Vec<String>>,
    /// The texts with their titles. 2025-11-25 and later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<TitledValue>>,
    /// What is selected at first. 2025-11-25 and later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

/// A field for some of several texts. 2025-11-25 and later.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MultiSelectField {
    /// The name the user sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the field is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The fewest to select.
    #[serde(
        default,
        deserialize_with = "integer::count",
        skip_serializing_if = "Option::is_none"
    )]
    pub min_items: Option<u64>,
    /// The most to select.
    #[serde(
        default,
        deserialize_with = "integer::count",
        skip_serializing_if = "Option::is_none"
    )]
    pub max_items: Option<u64>,
    /// The texts to select from.
    pub items: MultiSelectItems,
    /// What is selected at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Vec<String>>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

/// The texts to select from, which stand in `values` or, with titles, in `any_of`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MultiSelectItems {
    /// The texts. They go with the type `string`.
    #[serde(rename = "enum", default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<String>>,
    /// The texts with their titles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any_of: Option<Vec<TitledValue>>,
    /// Members this crate has no field for, `type` among them.
    #[serde(flatten)]
    pub extra: JsonObject,
}

/// A text to select, and what the user sees for it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TitledValue {
    /// The text.
    #[serde(rename = "const")]
    pub value: String,
    /// What the user sees.
    pub title: String,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}
