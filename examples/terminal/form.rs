//! Forms, field by field.

use serde_json::Value;
use toolwright::model::{ElicitFormParams, ElicitResult, FieldSchema, JsonObject};

use crate::field;
use crate::screen::{Gone, Screen};

/// What a person types instead of an answer.
const DECLINE: &str = "/no";

/// What became of a field.
enum Filled {
    With(Value),
    LeftEmpty,
    Declined,
}

/// Asks for every field, shows the whole, and asks whether it may be sent.
pub(crate) async fn fill(
    screen: &mut Screen,
    server: &str,
    asked: &ElicitFormParams,
) -> Result<ElicitResult, Gone> {
    screen.say(&format!("{server} asks: {}", asked.message))?;
    screen.say(&format!(
        "An empty line takes what stands in brackets; {DECLINE} sends nothing at all."
    ))?;
    let form = &asked.requested_schema;
    let required = form.required.as_deref().unwrap_or_default();
    let mut content = JsonObject::new();
    for (name, schema) in &form.properties.0 {
        match value(screen, name, schema, required.contains(name)).await? {
            Filled::With(value) => {
                content.insert(name.clone(), value);
            }
            Filled::LeftEmpty => {}
            Filled::Declined => return Ok(ElicitResult::decline()),
        }
    }
    screen.say("This will be sent:")?;
    for (name, value) in &content {
        screen.say(&format!("  {name}: {}", field::shown(value)))?;
    }
    Ok(match screen.agrees("Send it?").await? {
        true => ElicitResult::accept(Some(content)),
        false => ElicitResult::decline(),
    })
}

/// Asks for one field until what is typed can stand in it.
async fn value(
    screen: &mut Screen,
    name: &str,
    schema: &FieldSchema,
    required: bool,
) -> Result<Filled, Gone> {
    loop {
        let line = screen.ask(&field::question(name, schema, required)).await?;
        if line == DECLINE {
            return Ok(Filled::Declined);
        }
        let value = match (line.as_str(), schema.default_value()) {
            ("", Some(default)) => Ok(default),
            ("", None) if required => Err("must be filled in".to_owned()),
            ("", None) => return Ok(Filled::LeftEmpty),
            (typed, _) => field::read(schema, typed),
        };
        match value {
            Ok(value) => return Ok(Filled::With(value)),
            Err(why) => screen.say(&format!("`{name}` {why}."))?,
        }
    }
}
