//! How long it may take to make a schema ready, and to hold data against it: both are a server's,
//! and neither may hold up the client (faults 96 and 97, SCH-M-03).
//!
//! What it costs is guessed beforehand, from sizes. What would cost too much is not done.

use jsonschema::Validator;
use serde_json::Value;

use crate::handler::validation::validator;

/// Most values of the schema, times those of the data.
const CHECKS: usize = 4_000_000;
/// Most bytes of all patterns of a schema, as they are written.
const PATTERNS: usize = 8 * 1024;
/// What a byte of a pattern that ignores case counts: each class in it is folded, which its size
/// does not tell.
const IGNORES_CASE: usize = 50;
/// Most bytes of all patterns of a schema, as they are compiled; the least that does is taken.
const PROGRAMS: [usize; 3] = [16 * 1024, 64 * 1024, 256 * 1024];
/// Most bytes of compiled patterns, times those of the text in the data: matching is linear in
/// either, and no better (fault 96).
const MATCHING: usize = 512 * 1024 * 1024;

/// A schema that is ready, and what it may be applied to.
#[derive(Debug)]
pub(super) struct Bounded {
    validator: Validator,
    /// Most values of the data.
    values: usize,
    /// Most bytes of the text in it.
    text: usize,
}

/// What became of a check.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Fits,
    /// It does not fit, and why.
    Broken(String),
    /// It would take too long to find out.
    TooMuch,
}

impl Bounded {
    /// Makes a schema ready, which has so many values with its references followed.
    ///
    /// # Errors
    /// Why it cannot be: it is no schema, refers to one that is not inside it, or its patterns are
    /// too large.
    pub(super) fn compile(schema: &Value, values: usize) -> Result<Self, String> {
        let values = CHECKS / values.max(1);
        let mut patterns = Patterns::default();
        patterns.find(schema);
        if patterns.text > PATTERNS {
            return Err("its patterns are too long".to_owned());
        }
        let mut why = String::new();
        for programs in PROGRAMS {
            let each = programs / patterns.count.max(1);
            match validator(schema, each) {
                Ok(validator) => {
                    let text = match patterns.count {
                        0 => usize::MAX,
                        _ => MATCHING / programs,
                    };
                    return Ok(Self {
                        validator,
                        values,
                        text,
                    });
                }
                Err(error) => why = error,
            }
            if patterns.count == 0 {
                break;
            }
        }
        Err(why)
    }

    /// Whether `data` is what the schema describes.
    pub(super) fn check(&self, data: &Value) -> Verdict {
        let mut size = Size::default();
        size.take(data);
        if size.values > self.values || size.text > self.text {
            return Verdict::TooMuch;
        }
        match self.validator.validate(data) {
            Ok(()) => Verdict::Fits,
            Err(error) => Verdict::Broken(error.to_string()),
        }
    }
}

/// The patterns of a schema.
#[derive(Debug, Default)]
struct Patterns {
    count: usize,
    /// Their bytes, each counted as what it costs.
    text: usize,
}

impl Patterns {
    fn find(&mut self, schema: &Value) {
        match schema {
            Value::Array(items) => items.iter().for_each(|item| self.find(item)),
            Value::Object(members) => {
                for (name, value) in members {
                    match (name.as_str(), value) {
                        ("pattern", Value::String(pattern)) => self.note(pattern),
                        ("patternProperties", Value::Object(properties)) => {
                            properties.keys().for_each(|pattern| self.note(pattern));
                        }
                        _ => {}
                    }
                    self.find(value);
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, pattern: &str) {
        // A group that begins otherwise than these sets flags.
        let mut groups = pattern.split("(?").skip(1);
        let plain = groups.all(|group| group.starts_with([':', '=', '!', '<', 'P']));
        let weight = if plain { 1 } else { IGNORES_CASE };
        self.count += 1;
        self.text += pattern.len() * weight;
    }
}

/// How large a value is.
#[derive(Debug, Default)]
struct Size {
    values: usize,
    text: usize,
}

impl Size {
    fn take(&mut self, value: &Value) {
        self.values += 1;
        match value {
            Value::String(text) => self.text += text.len(),
            Value::Array(items) => items.iter().for_each(|item| self.take(item)),
            Value::Object(members) => {
                for (name, value) in members {
                    self.text += name.len();
                    self.take(value);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pattern(pattern: &str) -> Value {
        json!({ "pattern": pattern })
    }

    #[test]
    fn fault_96_a_pattern_that_compiles_to_very_much_is_not_enforced() {
        for large in [
            r"\p{L}{1000}".to_owned(),
            "((a{1,100}){1,100}){1,100}".to_owned(),
            format!("(?i){}", r"\pL".repeat(1000)),
            "a|".repeat(10_000),
        ] {
            assert!(
                Bounded::compile(&pattern(&large), 1).is_err(),
                "{large:.20}"
            );
        }
        let many: Vec<Value> = (0..400).map(|n| pattern(&format!("a{{100}}{n}"))).collect();
        assert!(Bounded::compile(&json!({ "allOf": many }), 1000).is_err());
    }

    #[test]
    fn the_patterns_that_people_write_are_enforced() {
        for (written, fits) in [
            (
                r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$",
                "2026-07-28T00:00:00Z",
            ),
            (
                r"^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$",
                "ann@example.com",
            ),
            (
                r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
                "01234567-89ab-cdef-0123-456789abcdef",
            ),
            (r"^\w{1,255}$", "word"),
            (r"(?i)^(yes|no)$", "YES"),
            (r"^\p{L}+$", "Zürich"),
        ] {
            let bounded = Bounded::compile(&pattern(written), 2).expect(written);
            assert_eq!(bounded.check(&json!(fits)), Verdict::Fits, "{written}");
            assert!(
                matches!(bounded.check(&json!("!")), Verdict::Broken(_)),
                "{written}"
            );
        }
        let schema: Vec<Value> = (0..20)
            .map(|n| pattern(&format!(r"^\w+-{n}$|^x$")))
            .collect();
        let bounded = Bounded::compile(&json!({ "allOf": schema }), 60).expect("twenty patterns");
        assert_eq!(bounded.check(&json!("x")), Verdict::Fits);
    }

    #[test]
    fn fault_96_a_text_that_is_slow_to_match_is_not_matched() {
        // Every `a` may be the one that counts, so that each byte is looked at a thousand times.
        let bounded = Bounded::compile(&pattern("[ab]*a[ab]{1000}c"), 2).expect("a pattern");
        assert_eq!(bounded.check(&json!("ab".repeat(10_000))), Verdict::TooMuch);
        let split: Vec<_> = (0..10_000).map(|_| "ab").collect();
        assert_eq!(
            bounded.check(&json!(split)),
            Verdict::TooMuch,
            "in pieces or not"
        );
        assert!(matches!(bounded.check(&json!("ab")), Verdict::Broken(_)));
        let without = Bounded::compile(&json!({ "type": "string" }), 2).expect("a schema");
        assert_eq!(without.check(&json!("ab".repeat(1 << 20))), Verdict::Fits);
    }

    #[test]
    fn fault_97_much_data_is_not_held_against_a_large_schema() {
        let choices: Vec<usize> = (0..4000).collect();
        let schema = json!({ "items": { "enum": choices } });
        let bounded = Bounded::compile(&schema, 4003).expect("a schema");
        let data = |length| Value::from(vec![1; length]);
        assert_eq!(bounded.check(&data(100)), Verdict::Fits);
        assert_eq!(bounded.check(&data(1000)), Verdict::TooMuch);
        let small = Bounded::compile(&json!({ "items": { "type": "integer" } }), 3);
        assert_eq!(
            small.expect("a schema").check(&data(100_000)),
            Verdict::Fits
        );
    }
}
