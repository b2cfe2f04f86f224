//! What the patterns of a schema cost to compile.

use serde_json::Value;

/// What a byte of a pattern that ignores case counts: each class in it is folded, which its size
/// does not tell.
const IGNORES_CASE: usize = 50;
/// What a class of Unicode's tables counts, as `\p{L}`.
const TABLE: usize = 16;

/// The patterns of a schema.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    pub(super) count: usize,
    /// Their bytes, each counted as what it costs.
    pub(super) weight: usize,
}

impl Patterns {
    /// The patterns in a schema, wherever they are.
    pub(super) fn of(schema: &Value) -> Self {
        let mut patterns = Self::default();
        patterns.find(schema);
        patterns
    }

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
        self.count += 1;
        self.weight = self.weight.saturating_add(weight(pattern));
    }
}

fn weight(pattern: &str) -> usize {
    let (mut classes, mut tables) = (0_usize, 0);
    let mut bytes = pattern.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'\\' {
            match bytes.next() {
                Some(b'd' | b'D' | b'w' | b'W' | b's' | b'S' | b'c') => classes += 1,
                Some(b'p' | b'P') => tables += 1,
                _ => {}
            }
        }
    }
    // The pattern is read again for each class of JavaScript that Rust's engine has otherwise.
    let read_again = classes.saturating_mul(classes).saturating_mul(4);
    // A group that begins otherwise than these sets flags.
    let mut groups = pattern.split("(?").skip(1);
    let plain = groups.all(|group| group.starts_with([':', '=', '!', '<', 'P']));
    let times = if plain { 1 } else { IGNORES_CASE };
    (pattern.len() + TABLE * tables)
        .saturating_mul(times)
        .saturating_add(read_again)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_are_found_wherever_they_are() {
        let patterns = Patterns::of(&json!({
            "pattern": "a",
            "properties": { "x": { "items": [{ "pattern": "bc" }] } },
            "patternProperties": { "^x-": { "pattern": "d" } },
        }));
        assert_eq!((patterns.count, patterns.weight), (4, 1 + 2 + 3 + 1));
    }

    #[test]
    fn what_is_slow_to_compile_weighs_more_than_its_text() {
        assert_eq!(weight(r"\\d\."), 5, "no class: the backslash is escaped");
        assert_eq!(weight(r"\d"), 2 + 4);
        assert_eq!(weight(&r"\w".repeat(100)), 200 + 40_000);
        assert_eq!(weight(r"\p{L}"), 5 + 16);
        assert_eq!(weight("(?i)a"), 250);
        assert_eq!(weight("(?:a)"), 5);
    }
}
