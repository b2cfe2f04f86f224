//! What a form is filled with: its defaults, and whether an answer fits (ELI-A-02, ELI-A-04).

use std::ops::RangeInclusive;

use serde_json::{Number, Value};

use super::{
    FieldSchema, FormSchema, JsonObject, MultiSelectField, NumberField, SelectField, TextField,
    TextFormat, TitledValue,
};

/// Why an answer does not fit its form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {why}")]
pub struct FormMismatch {
    /// The field.
    pub field: String,
    /// What is wrong, as the end of a sentence about the field.
    pub why: String,
}

impl FormSchema {
    /// What the fields propose, by their names: what a client shows before the user types, and
    /// sends when the user changes nothing (ELI-A-02).
    ///
    /// ```
    /// # use mcp_core::model::FormSchema;
    /// let form: FormSchema = serde_json::from_value(serde_json::json!({
    ///     "type": "object",
    ///     "properties": { "name": { "type": "string" }, "age": { "type": "integer", "default": 30 } },
    /// }))?;
    /// assert_eq!(serde_json::Value::from(form.defaults()), serde_json::json!({ "age": 30 }));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn defaults(&self) -> JsonObject {
        let fields = self.properties.0.iter();
        fields
            .filter_map(|(name, field)| Some((name.clone(), field.default_value()?)))
            .collect()
    }

    /// Whether `content` can be sent as the answer (ELI-A-04): every field fits, those that are
    /// required are there, and there are no others.
    ///
    /// # Errors
    /// The first field that does not fit, and why.
    pub fn check(&self, content: &JsonObject) -> Result<(), FormMismatch> {
        let mismatch = |field: &str, why: String| FormMismatch {
            field: field.to_owned(),
            why,
        };
        for (name, field) in &self.properties.0 {
            if let Some(value) = content.get(name) {
                field.check(value).map_err(|why| mismatch(name, why))?;
            }
        }
        let required = self.required.iter().flatten();
        if let Some(missing) = required
            .into_iter()
            .find(|name| !content.contains_key(*name))
        {
            return Err(mismatch(missing, "must be filled in".to_owned()));
        }
        let known = |name: &str| self.properties.0.iter().any(|(field, _)| field == name);
        match content.keys().find(|name| !known(name)) {
            Some(unknown) => Err(mismatch(unknown, "is no field of the form".to_owned())),
            None => Ok(()),
        }
    }
}

impl FieldSchema {
    /// What stands in the field at first.
    pub fn default_value(&self) -> Option<Value> {
        match self {
            Self::Text(field) => field.default.clone().map(Value::from),
            Self::Number(field) | Self::Integer(field) => field.default.clone().map(Value::from),
            Self::Boolean(field) => field.default.map(Value::from),
            Self::Select(field) => field.default.clone().map(Value::from),
            Self::MultiSelect(field) => field.default.clone().map(Value::from),
            Self::Other(schema) => schema.get("default").cloned(),
        }
    }

    /// Whether the field can hold `value`. One of a type that is not known takes anything.
    ///
    /// # Errors
    /// Why not, as the end of a sentence about the field.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        match (self, value) {
            (Self::Text(field), Value::String(text)) => check_text(field, text),
            (Self::Number(field), Value::Number(number)) => check_number(field, number),
            (Self::Integer(field), Value::Number(number)) if is_whole(number) => {
                check_number(field, number)
            }
            (Self::Select(field), Value::String(text)) => check_choice(&field.choices(), text),
            (Self::MultiSelect(field), Value::Array(values)) => check_choices(field, values),
            (Self::Boolean(_), Value::Bool(_)) | (Self::Other(_), _) => Ok(()),
            _ => Err(format!("must be {}", self.wanted())),
        }
    }

    fn wanted(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Integer(_) => "a whole number",
            Self::Boolean(_) => "`true` or `false`",
            Self::Select(_) => "one of the choices",
            Self::MultiSelect(_) => "a list of choices",
            Self::Other(_) => "anything",
        }
    }
}

impl SelectField {
    /// What can be chosen, each with what the user sees for it, in any of the ways in which a
    /// schema can say it.
    pub fn choices(&self) -> Vec<TitledValue> {
        choices(
            self.values.as_deref(),
            self.enum_names.as_deref(),
            self.one_of.as_deref(),
        )
    }
}

impl MultiSelectField {
    /// What can be chosen, each with what the user sees for it.
    pub fn choices(&self) -> Vec<TitledValue> {
        let items = &self.items;
        choices(items.values.as_deref(), None, items.any_of.as_deref())
    }
}

fn choices(
    values: Option<&[String]>,
    names: Option<&[String]>,
    titled: Option<&[TitledValue]>,
) -> Vec<TitledValue> {
    let names = names.unwrap_or_default();
    let plain = values.unwrap_or_default().iter().enumerate();
    let plain = plain.map(|(at, value)| TitledValue {
        value: value.clone(),
        title: names.get(at).unwrap_or(value).clone(),
        extra: JsonObject::new(),
    });
    plain
        .chain(titled.unwrap_or_default().iter().cloned())
        .collect()
}

fn check_text(field: &TextField, text: &str) -> Result<(), String> {
    let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    match (field.min_length, field.max_length) {
        (Some(min), _) if length < min => {
            return Err(format!("must have {min} characters or more"));
        }
        (_, Some(max)) if length > max => {
            return Err(format!("must have at most {max} characters"));
        }
        _ => {}
    }
    match &field.format {
        Some(format) if !looks_like(format, text) => {
            Err(format!("does not look like `{}`", format.as_str()))
        }
        _ => Ok(()),
    }
}

/// Whether a text has the shape of a format; one that is not known has none.
fn looks_like(format: &TextFormat, text: &str) -> bool {
    if *format == TextFormat::EMAIL {
        let parts = text.rsplit_once('@');
        parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
            && !text.contains(char::is_whitespace)
    } else if *format == TextFormat::URI {
        let scheme = text.split_once(':').map(|(scheme, _)| scheme);
        scheme.is_some_and(is_scheme) && !text.contains(char::is_whitespace)
    } else if *format == TextFormat::DATE {
        is_date(text)
    } else if *format == TextFormat::DATE_TIME {
        let parts = text.split_once(['T', 't', ' ']);
        parts.is_some_and(|(date, time)| is_date(date) && is_time(time))
    } else {
        true
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut next = |digits, range| {
        let part = parts.next();
        part.is_some_and(|part| is_number(part, digits, range))
    };
    next(4, 0..=9999) && next(2, 1..=12) && next(2, 1..=31) && parts.next().is_none()
}

/// Hours, minutes, seconds and where they are told: `12:30:00Z`, `12:30:00.5+01:00`.
fn is_time(text: &str) -> bool {
    let Some((clock, zone)) = text
        .find(['Z', 'z', '+', '-'])
        .and_then(|at| text.split_at_checked(at))
    else {
        return false;
    };
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let away = zone.strip_prefix(['+', '-']);
    let zoned = matches!(zone, "Z" | "z") || away.is_some_and(|away| are_pairs(away, &[23, 59]));
    // The second after the 59th is the leap second.
    are_pairs(whole, &[23, 59, 60]) && are_digits(fraction) && zoned
}

/// Whether `text` is as many numbers of two digits as `most` has, each at most the one there.
fn are_pairs(text: &str, most: &[u32]) -> bool {
    text.split(':').count() == most.len()
        && text
            .split(':')
            .zip(most)
            .all(|(pair, most)| is_number(pair, 2, 0..=*most))
}

fn is_number(text: &str, digits: usize, range: RangeInclusive<u32>) -> bool {
    text.len() == digits
        && are_digits(text)
        && text.parse().is_ok_and(|number| range.contains(&number))
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_whole(number: &Number) -> bool {
    number.as_f64().is_some_and(|number| number.fract() == 0.0)
}

fn check_number(field: &NumberField, number: &Number) -> Result<(), String> {
    let value = number.as_f64().unwrap_or(f64::NAN);
    let bound = |bound: &Option<Number>| bound.as_ref().and_then(Number::as_f64);
    match (bound(&field.minimum), bound(&field.maximum)) {
        (Some(min), _) if value < min => Err(format!("must be {min} or more")),
        (_, Some(max)) if value > max => Err(format!("must be {max} or less")),
        _ => Ok(()),
    }
}

fn check_choice(choices: &[TitledValue], text: &str) -> Result<(), String> {
    if choices.iter().any(|choice| choice.value == text) {
        return Ok(());
    }
    let known: Vec<_> = choices.iter().map(|choice| choice.value.as_str()).collect();
    Err(format!("must be one of: {}", known.join(", ")))
}

fn check_choices(field: &MultiSelectField, values: &[Value]) -> Result<(), String> {
    let choices = field.choices();
    for value in values {
        check_choice(&choices, value.as_str().ok_or("must be a list of texts")?)?;
    }
    let count = u64::try_from(values.len()).unwrap_or(u64::MAX);
    match (field.min_items, field.max_items) {
        (Some(min), _) if count < min => Err(format!("needs {min} choices or more")),
        (_, Some(max)) if count > max => Err(format!("takes at most {max} choices")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
