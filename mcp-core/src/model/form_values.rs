//! What a form is filled with: its defaults, and whether an answer fits (ELI-A-02, ELI-A-04).

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
    let number = |part: Option<&str>, digits: usize, most: u32| {
        part.filter(|part| part.len() == digits)
            .and_then(|part| part.parse::<u32>().ok())
            .is_some_and(|number| (1..=most).contains(&number))
    };
    let mut parts = text.split('-');
    let is_right =
        number(parts.next(), 4, 9999) && number(parts.next(), 2, 12) && number(parts.next(), 2, 31);
    is_right && parts.next().is_none()
}

/// Hours, minutes, seconds and where they are told: `12:30:00Z`, `12:30:00.5+01:00`.
fn is_time(text: &str) -> bool {
    let Some((clock, zone)) = text
        .find(['Z', 'z', '+', '-'])
        .and_then(|at| text.split_at_checked(at))
    else {
        return false;
    };
    let whole = clock.split('.').next().unwrap_or(clock);
    let pair = |part: &str| part.len() == 2 && part.parse::<u8>().is_ok_and(|n| n < 61);
    let pairs = |text: &str, count| text.split(':').count() == count && text.split(':').all(pair);
    let zoned = matches!(zone, "Z" | "z") || zone.get(1..).is_some_and(|zone| pairs(zone, 2));
    pairs(whole, 3) && zoned
}

fn is_whole(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|n| n.fract() == 0.0)
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
mod tests {
    use serde_json::{Value, json};

    use super::super::FormSchema;

    fn form() -> FormSchema {
        serde_json::from_value(json!({
            "type": "object",
            "properties": {
                "name": { "type": "string", "minLength": 2, "maxLength": 4 },
                "mail": { "type": "string", "format": "email", "default": "ada@example.org" },
                "day": { "type": "string", "format": "date" },
                "at": { "type": "string", "format": "date-time" },
                "site": { "type": "string", "format": "uri" },
                "age": { "type": "integer", "minimum": 0, "maximum": 150, "default": 30 },
                "score": { "type": "number", "default": 0.5 },
                "sure": { "type": "boolean", "default": true },
                "pet": { "type": "string", "enum": ["c", "d"], "enumNames": ["Cat", "Dog"], "default": "c" },
                "hero": { "type": "string", "oneOf": [{ "const": "s", "title": "Super" }] },
                "fish": {
                    "type": "array", "minItems": 1, "maxItems": 2, "default": ["a"],
                    "items": { "anyOf": [
                        { "const": "a", "title": "A" }, { "const": "b", "title": "B" }, { "const": "c", "title": "C" },
                    ] },
                },
                "shape": { "type": "polygon", "default": [1] },
            },
            "required": ["name"],
        }))
        .unwrap()
    }

    fn check(content: Value) -> Result<(), String> {
        let content = content.as_object().unwrap();
        form().check(content).map_err(|error| error.to_string())
    }

    #[test]
    fn every_kind_of_field_proposes_its_default() {
        let defaults = json!({
            "mail": "ada@example.org", "age": 30, "score": 0.5, "sure": true, "pet": "c",
            "fish": ["a"], "shape": [1],
        });
        assert_eq!(Value::from(form().defaults()), defaults);
    }

    #[test]
    fn an_answer_that_fits_passes_and_what_it_leaves_out_need_not_fit() {
        let content = json!({
            "name": "Zoë", "mail": "a@b", "day": "2026-02-28", "at": "2026-02-28T12:30:00.5+01:00",
            "site": "https://example.org", "age": 30.0, "score": -1, "sure": false, "pet": "d",
            "hero": "s", "fish": ["a", "b"], "shape": {},
        });
        assert_eq!(check(content), Ok(()));
        assert_eq!(check(json!({ "name": "Ada" })), Ok(()));
    }

    #[test]
    fn what_does_not_fit_is_said_with_the_name_of_its_field() {
        for (field, value, why) in [
            ("name", json!("A"), "must have 2 characters or more"),
            (
                "name",
                json!("Ada Lovelace"),
                "must have at most 4 characters",
            ),
            ("name", json!(1), "must be a text"),
            ("mail", json!("nobody"), "does not look like `email`"),
            ("day", json!("2026-13-01"), "does not look like `date`"),
            (
                "at",
                json!("2026-12-01 noon"),
                "does not look like `date-time`",
            ),
            ("site", json!("example.org"), "does not look like `uri`"),
            ("age", json!(-1), "must be 0 or more"),
            ("age", json!(151), "must be 150 or less"),
            ("age", json!(1.5), "must be a whole number"),
            ("score", json!("1"), "must be a number"),
            ("sure", json!("yes"), "must be `true` or `false`"),
            ("pet", json!("Cat"), "must be one of: c, d"),
            ("hero", json!("x"), "must be one of: s"),
            ("fish", json!(["a", "x"]), "must be one of: a, b, c"),
            ("fish", json!([]), "needs 1 choices or more"),
            ("fish", json!(["a", "b", "c"]), "takes at most 2 choices"),
            ("other", json!(1), "is no field of the form"),
        ] {
            let mut content = json!({ "name": "Ada" });
            content[field] = value;
            assert_eq!(check(content), Err(format!("`{field}` {why}")));
        }
        assert_eq!(check(json!({})), Err("`name` must be filled in".to_owned()));
    }
}
