//! A schema that is ready, and what it may be applied to.

use jsonschema::{ErrorIterator, ValidationError, Validator};
use serde_json::Value;

use super::patterns::Patterns;
use super::reach::{Reach, reach};
use super::validator;

/// Most values of a schema, and of it with its references followed: what is larger costs more than
/// it tells.
const LARGEST: usize = 10_000;
/// The same for a schema that is part of the program.
const OWN_LARGEST: usize = 100_000;
/// Most values of the schema that look at a value, times the values of the data.
const CHECKS: usize = 2_000_000;
/// Most checks to find out what is wrong with data that is not valid: each mistake is put into words,
/// also of those alternatives that do not matter in the end.
const MISTAKES: usize = 1_000_000;
/// Most bytes of text in the data, times the values of the schema that may compare it.
const COMPARED: usize = 1024 * 1024 * 1024;
/// Most levels of schemas on the stack.
const LEVELS: usize = 1024;
/// Most weight of all patterns of a schema.
const PATTERNS: usize = 8 * 1024;
/// Most bytes of all patterns of a schema, as they are compiled; the least that does is taken.
const PROGRAMS: [usize; 3] = [16 * 1024, 64 * 1024, 256 * 1024];
/// Most bytes of compiled patterns, times those of the text in the data: matching is linear in
/// either, and no better (fault 96).
const MATCHING: usize = 512 * 1024 * 1024;
/// Most bytes of a compiled pattern of the program's own, which nobody wrote to be slow.
const OWN_PATTERN: usize = 10 * 1024 * 1024;

/// Whose schema it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Part of the program: only the data may be made to be slow.
    Program,
    /// Anybody's.
    Elsewhere,
}

/// A schema that is ready, and what it may be applied to.
#[derive(Debug)]
pub(crate) struct Bounded {
    validator: Validator,
    /// Nothing where the schema is the program's own and beyond reckoning.
    reach: Option<Reach>,
    /// Most values of the data.
    values: usize,
    /// Most bytes of the text in it.
    text: usize,
}

/// That it would take too long to hold data against a schema, and what is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TooMuch {
    /// For the schema's size.
    #[error("too large")]
    Large,
    /// For a schema that refers to itself.
    #[error("nested too deeply")]
    Deep,
}

/// Data that is not too much for a schema.
#[derive(Debug)]
pub(crate) struct Measured<'a> {
    schema: &'a Bounded,
    size: Size,
}

impl Bounded {
    /// Makes a schema ready.
    ///
    /// # Errors
    /// Why it cannot be: it is no schema, refers to one that is not inside it, or, where it comes
    /// from elsewhere, would cost too much.
    pub(crate) fn compile(schema: &Value, origin: Origin) -> Result<Self, String> {
        match origin {
            Origin::Program => Ok(Self {
                validator: validator(schema, OWN_PATTERN)?,
                reach: reach(schema, OWN_LARGEST).ok(),
                values: usize::MAX,
                text: usize::MAX,
            }),
            Origin::Elsewhere => Self::of_elsewhere(schema),
        }
    }

    fn of_elsewhere(schema: &Value) -> Result<Self, String> {
        let size = Size::of(schema);
        if size.values > LARGEST {
            return Err(format!("it has more than {LARGEST} values"));
        }
        let reach = reach(schema, LARGEST).map_err(|why| why.to_string())?;
        let patterns = Patterns::of(schema);
        if patterns.weight > PATTERNS {
            return Err("its patterns are too long".to_owned());
        }
        let mut why = String::new();
        for programs in PROGRAMS {
            let each = programs / patterns.count.max(1);
            match validator(schema, each) {
                Ok(validator) => {
                    let matched = match patterns.count {
                        0 => usize::MAX,
                        _ => MATCHING / programs,
                    };
                    return Ok(Self {
                        validator,
                        reach: Some(reach),
                        values: CHECKS / reach.visits,
                        text: matched.min(COMPARED / reach.visits),
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

    /// Takes the measure of data.
    ///
    /// # Errors
    /// What is too much of it to be held against this schema.
    pub(crate) fn measure(&self, data: &Value) -> Result<Measured<'_>, TooMuch> {
        let size = Size::of(data);
        if size.values > self.values || size.text > self.text {
            return Err(TooMuch::Large);
        }
        let levels = |reach: Reach| match reach.returns {
            true => (reach.nested + 2).saturating_mul(size.depth),
            false => 0,
        };
        if self.reach.map_or(0, levels) > LEVELS {
            return Err(TooMuch::Deep);
        }
        Ok(Measured { schema: self, size })
    }
}

impl<'a> Measured<'a> {
    /// Whether it is what the schema describes. `data` is what was measured.
    pub(crate) fn is_valid(&self, data: &Value) -> bool {
        self.schema.validator.is_valid(data)
    }

    /// What is wrong with it. `None` where that would take too long to find out: the validator
    /// remembers verdicts, and no mistakes.
    pub(crate) fn mistakes(&self, data: &'a Value) -> Option<ErrorIterator<'a>> {
        let reach = self.schema.reach?;
        let Size { values, depth, .. } = self.size;
        let looked_at = match (reach.returns, reach.ways) {
            (false, _) => values.saturating_mul(reach.nested),
            (true, 0 | 1) => values.saturating_mul(reach.nested).saturating_mul(depth),
            (true, ways) => {
                let levels = u32::try_from(depth - 1).ok()?;
                let again = ways.saturating_pow(levels);
                values.max(reach.entries.saturating_mul(again))
            }
        };
        let checks = reach.visits.saturating_mul(looked_at);
        (checks <= MISTAKES).then(|| self.schema.validator.iter_errors(data))
    }
}

/// Where it is wrong, and how.
pub(crate) fn describe(error: &ValidationError<'_>) -> String {
    let path = error.instance_path().to_string();
    let mut line = match path.trim_start_matches('/') {
        "" => error.to_string(),
        path => format!("`{}`: {error}", path.replace('/', ".")),
    };
    const LONGEST: usize = 400;
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// How large a value is.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    values: usize,
    text: usize,
    depth: usize,
}

impl Size {
    fn of(value: &Value) -> Self {
        let mut size = Self::default();
        size.take(value, 1);
        size
    }

    fn take(&mut self, value: &Value, depth: usize) {
        self.values += 1;
        self.depth = self.depth.max(depth);
        match value {
            Value::String(text) => self.text += text.len(),
            Value::Array(items) => items.iter().for_each(|item| self.take(item, depth + 1)),
            Value::Object(members) => {
                for (name, value) in members {
                    self.text += name.len();
                    self.take(value, depth + 1);
                }
            }
            _ => {}
        }
    }
}
