//! Data held against JSON Schema: the arguments of a tool against its input schema, and what a
//! server answers against its output schema.
//!
//! A schema that comes from elsewhere may be made to be slow, and data may be made to be slow for a
//! schema that is not (faults 96 and 97, SCH-M-03). What it would cost is guessed beforehand, from
//! sizes; what would cost too much is not done. `cargo xtask scale` measures the worst that is let
//! through.

mod bounded;
mod patterns;
mod reach;
#[cfg(test)]
mod tests;

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

pub(crate) use bounded::{Bounded, Measured, Origin, describe};

/// What holds data against a schema, in the dialect that it names: 2020-12 where it names none
/// (SCH-A-01). Patterns take linear time, and `pattern` bytes each, compiled, at most (fault 96).
/// `format` and `content…` only describe, as 2020-12 has it, in every dialect: they are parsers that
/// a schema may set to work on any text, as often as it likes.
///
/// # Errors
/// Why it is no schema, or of a dialect that nobody here knows.
fn validator(schema: &Value, pattern: usize) -> Result<Validator, String> {
    if Draft::Draft202012.detect(schema) == Draft::Unknown {
        let dialect = &schema["$schema"];
        return Err(format!(
            "its dialect {dialect} is none of JSON Schema 2020-12, 2019-09, and drafts 7, 6 and 4"
        ));
    }
    let validator = jsonschema::options()
        .with_pattern_options(PatternOptions::regex().size_limit(pattern))
        .should_validate_formats(false)
        .without_content_media_type_support("application/json")
        .without_content_encoding_support("base64")
        .build(schema);
    validator.map_err(|error| error.to_string())
}
