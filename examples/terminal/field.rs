//! One field of a form: how it is asked for, and what a typed line means.

use serde_json::{Number, Value};
use toolwright::model::{FieldSchema, TitledValue};

/// The question for a field: its title, what it is for, its choices and its default.
pub(crate) fn question(name: &str, field: &FieldSchema, required: bool) -> String {
    let (title, about) = titles(field);
    let mut question = title.unwrap_or(name).to_owned();
    if let Some(about) = about {
        question.push_str(&format!(" ({about})"));
    }
    for (number, choice) in choices(field).iter().enumerate() {
        question.push_str(&format!("\n  {}. {}", number + 1, choice.title));
    }
    if matches!(field, FieldSchema::MultiSelect(_)) {
        question.push_str("\n  Separate several by commas.");
    }
    match field.default_value() {
        Some(default) => question.push_str(&format!(" [{}]", shown(&default))),
        None if required => question.push_str(" (required)"),
        None => {}
    }
    question.push(':');
    question
}

/// A value as a person would type it.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The value that a line stands for.
///
/// # Errors
/// Why it cannot stand in this field.
pub(crate) fn read(field: &FieldSchema, line: &str) -> Result<Value, String> {
    let text = || Value::from(line);
    let value = match field {
        FieldSchema::Text(_) => text(),
        FieldSchema::Number(_) | FieldSchema::Integer(_) => line
            .parse::<Number>()
            .map_or_else(|_| text(), Value::Number),
        FieldSchema::Boolean(_) => match line.to_lowercase().as_str() {
            "y" | "yes" | "true" => Value::Bool(true),
            "n" | "no" | "false" => Value::Bool(false),
            _ => text(),
        },
        FieldSchema::Select(_) => Value::from(chosen(&choices(field), line)),
        FieldSchema::MultiSelect(_) => {
            let choices = choices(field);
            let parts = line
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty());
            parts.map(|part| chosen(&choices, part)).collect()
        }
        FieldSchema::Other(_) => serde_json::from_str(line).unwrap_or_else(|_| text()),
    };
    field.check(&value).map(|()| value)
}

fn titles(field: &FieldSchema) -> (Option<&str>, Option<&str>) {
    match field {
        FieldSchema::Text(f) => (f.title.as_deref(), f.description.as_deref()),
        FieldSchema::Number(f) | FieldSchema::Integer(f) => {
            (f.title.as_deref(), f.description.as_deref())
        }
        FieldSchema::Boolean(f) => (f.title.as_deref(), f.description.as_deref()),
        FieldSchema::Select(f) => (f.title.as_deref(), f.description.as_deref()),
        FieldSchema::MultiSelect(f) => (f.title.as_deref(), f.description.as_deref()),
        FieldSchema::Other(_) => (None, None),
    }
}

fn choices(field: &FieldSchema) -> Vec<TitledValue> {
    match field {
        FieldSchema::Select(field) => field.choices(),
        FieldSchema::MultiSelect(field) => field.choices(),
        _ => Vec::new(),
    }
}

/// The choice that a person means by its number, its title or its value; else what was typed.
fn chosen(choices: &[TitledValue], typed: &str) -> String {
    let by_number = typed
        .parse::<usize>()
        .ok()
        .and_then(|n| choices.get(n.checked_sub(1)?));
    let same = |choice: &&TitledValue| choice.value == typed || choice.title == typed;
    let meant = choices.iter().find(same).or(by_number);
    meant.map_or_else(|| typed.to_owned(), |choice| choice.value.clone())
}
