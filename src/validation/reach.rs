//! How much of a schema looks at a value, with its references followed.
//!
//! The validator remembers a verdict where a reference leads back to a schema that it came from, and
//! nowhere else. So every way through the references is followed until it comes back, and what it
//! comes back to is counted by itself, once for each object and array.

use std::collections::HashSet;

use serde_json::Value;

/// The longest reference that is followed, in bytes: each is compared many times.
const LONGEST: usize = 256;
/// The deepest nesting, with references followed.
const DEEPEST: usize = 256;
/// What `uniqueItems` counts: each value is hashed.
const UNIQUE: usize = 40;
/// Keywords that refer to whatever the way led by.
const DYNAMIC: [&str; 2] = ["$dynamicRef", "$recursiveRef"];
/// Keywords that hold what is referred to.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];
/// Keywords whose schemas look at the elements of an array.
const ELEMENTS: [&str; 5] = [
    "items",
    "prefixItems",
    "additionalItems",
    "contains",
    "unevaluatedItems",
];
/// Keywords whose schemas look at the members of an object.
const MEMBERS: [&str; 5] = [
    "properties",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
];
/// Keywords whose members are schemas, by a name that means nothing else.
const BY_NAME: [&str; 4] = [
    "properties",
    "patternProperties",
    "dependentSchemas",
    "dependencies",
];

/// How much of a schema looks at a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reach {
    /// Values of the schema that look at one value of the data, at most.
    pub(super) visits: usize,
    /// In how many ways a schema is met that may be met again.
    pub(super) entries: usize,
    /// In how many ways such a schema may be met again deeper in the same data. Where it is two,
    /// whatever does not remember verdicts doubles its work at each level.
    pub(super) ways: usize,
    /// How deep schemas are nested that look at the same data.
    pub(super) nested: usize,
    /// Whether a reference leads back, so that the depth of the work is that of the data.
    pub(super) returns: bool,
}

/// Why a schema cannot be reckoned with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unknown {
    /// More values than were allowed.
    #[error("it is too large, with its references followed")]
    Large,
    /// Deeper than [`DEEPEST`].
    #[error("it is nested too deeply, with its references followed")]
    Deep,
    /// References that are not followed.
    #[error("it refers to a schema elsewhere, or otherwise than by `#/…`")]
    Elsewhere,
}

/// The reference to the schema itself.
const WHOLE: &str = "#";

/// Reckons with a schema of at most so many values, with its references followed.
pub(super) fn reach(schema: &Value, most: usize) -> Result<Reach, Unknown> {
    let mut walk = Walk {
        root: schema,
        most,
        reach: Reach::default(),
        inside: Vec::new(),
        starts: vec![WHOLE],
        seen: HashSet::from([WHOLE]),
        whole_returns: false,
    };
    let mut next = 0;
    while let Some(start) = walk.starts.get(next).copied() {
        next += 1;
        let value = walk.resolve(start)?;
        let ways = walk.enter(start, value, At::default(), true)?.most();
        if next == 1 {
            walk.reach.entries = ways;
        }
        if next > 1 || walk.whole_returns {
            walk.reach.ways = walk.reach.ways.max(ways);
        }
    }
    Ok(walk.reach)
}

/// Where in a schema we are.
#[derive(Debug, Clone, Copy, Default)]
struct At {
    depth: usize,
    /// How deep among schemas that look at the same data.
    nested: usize,
    /// Whether only what looks at scalars is counted.
    scalar: bool,
}

/// Ways back by the elements of an array, and by the members of an object: no value is both.
#[derive(Debug, Clone, Copy, Default)]
struct Ways {
    elements: usize,
    members: usize,
}

impl Ways {
    const BACK: Self = Self {
        elements: 1,
        members: 1,
    };

    fn most(self) -> usize {
        self.elements.max(self.members)
    }

    fn with(self, other: Self) -> Self {
        Self {
            elements: self.elements.saturating_add(other.elements),
            members: self.members.saturating_add(other.members),
        }
    }
}

struct Walk<'a> {
    root: &'a Value,
    most: usize,
    reach: Reach,
    inside: Vec<Inside<'a>>,
    /// What is counted by itself: the whole, and what lies on a way back.
    starts: Vec<&'a str>,
    seen: HashSet<&'a str>,
    /// Whether the whole lies on a way back, too.
    whole_returns: bool,
}

/// A reference that is being followed.
struct Inside<'a> {
    target: &'a str,
    /// Whether a count begins here, of the whole or of what looks at scalars.
    begins: bool,
    /// The outermost that a way back led to from here.
    back_to: usize,
}

impl<'a> Walk<'a> {
    fn resolve(&self, target: &str) -> Result<&'a Value, Unknown> {
        let at = target.strip_prefix('#').ok_or(Unknown::Elsewhere)?;
        if at.contains('%') || at.len() > LONGEST {
            return Err(Unknown::Elsewhere);
        }
        self.root.pointer(at).ok_or(Unknown::Elsewhere)
    }

    /// Counts a value of the schema, and says in how many ways it leads back.
    fn schema(&mut self, value: &'a Value, mut at: At) -> Result<Ways, Unknown> {
        self.reach.visits += 1;
        if self.reach.visits > self.most {
            return Err(Unknown::Large);
        }
        if at.depth == DEEPEST {
            return Err(Unknown::Deep);
        }
        at.depth += 1;
        at.nested += 1;
        self.reach.nested = self.reach.nested.max(at.nested);
        let mut ways = Ways::default();
        match value {
            Value::Array(items) => {
                for item in items {
                    ways = ways.with(self.schema(item, at)?);
                }
            }
            Value::Object(members) => {
                if at.depth > 1 && self.is_a_document(members) {
                    return Err(Unknown::Elsewhere);
                }
                for (name, value) in members {
                    ways = ways.with(self.keyword(name, value, at)?);
                }
            }
            _ => {}
        }
        Ok(ways)
    }

    /// Whether references inside of this mean something else than in the whole.
    fn is_a_document(&self, members: &serde_json::Map<String, Value>) -> bool {
        let named = |name| members.get(name).is_some_and(Value::is_string);
        let dialect = self.root.get("$schema").and_then(Value::as_str);
        named("$id") || (named("id") && dialect.is_some_and(|it| it.contains("draft-04")))
    }

    fn keyword(&mut self, name: &str, value: &'a Value, at: At) -> Result<Ways, Unknown> {
        match (name, value) {
            ("$ref", Value::String(target)) => return self.follow(target, at),
            ("uniqueItems", _) => self.reach.visits += UNIQUE,
            (_, Value::String(_)) if DYNAMIC.contains(&name) => return Err(Unknown::Elsewhere),
            _ if DEFINITIONS.contains(&name) => return Ok(Ways::default()),
            _ => {}
        }
        let (elements, members) = (ELEMENTS.contains(&name), MEMBERS.contains(&name));
        if !elements && !members {
            return self.schemas(name, value, at);
        }
        if at.scalar {
            return Ok(Ways::default());
        }
        let ways = self.schemas(name, value, At { nested: 0, ..at })?.most();
        Ok(Ways {
            elements: if elements { ways } else { 0 },
            members: if members { ways } else { 0 },
        })
    }

    /// The schemas of a keyword.
    fn schemas(&mut self, name: &str, value: &'a Value, at: At) -> Result<Ways, Unknown> {
        let apart: Vec<&Value> = match value {
            Value::Object(members) if BY_NAME.contains(&name) => members.values().collect(),
            Value::Array(items) if ELEMENTS.contains(&name) => items.iter().collect(),
            _ => return self.schema(value, at),
        };
        // Each property and each position has a schema of its own.
        let own = name == "properties" || ELEMENTS.contains(&name);
        let mut ways = Ways::default();
        for value in apart {
            let more = self.schema(value, at)?;
            ways = match own {
                true if ways.most() >= more.most() => ways,
                true => more,
                false => ways.with(more),
            };
        }
        Ok(ways)
    }

    fn follow(&mut self, target: &'a str, at: At) -> Result<Ways, Unknown> {
        let value = self.resolve(target)?;
        let since = self.inside.iter().rposition(|entered| entered.begins);
        let since = since.unwrap_or(0);
        let mut entered = self.inside.iter().enumerate().skip(since);
        let met = entered.find(|(_, entered)| entered.target == target);
        let Some((met, _)) = met else {
            return self.enter(target, value, at, false);
        };
        self.reach.returns = true;
        if !at.scalar {
            if let Some(innermost) = self.inside.last_mut() {
                innermost.back_to = innermost.back_to.min(met);
            }
            // No verdict about a scalar is remembered.
            self.enter(target, value, At { scalar: true, ..at }, true)?;
        }
        Ok(Ways::BACK)
    }

    /// Counts a schema that is referred to.
    fn enter(
        &mut self,
        target: &'a str,
        value: &'a Value,
        at: At,
        begins: bool,
    ) -> Result<Ways, Unknown> {
        let own = self.inside.len();
        self.inside.push(Inside {
            target,
            begins,
            back_to: usize::MAX,
        });
        let ways = self.schema(value, at)?;
        let back_to = self
            .inside
            .pop()
            .map_or(usize::MAX, |entered| entered.back_to);
        if back_to <= own {
            self.whole_returns |= target == WHOLE;
            if self.seen.insert(target) {
                self.starts.push(target);
            }
        }
        if let Some(outer) = self.inside.last_mut().filter(|_| back_to < own) {
            outer.back_to = outer.back_to.min(back_to);
        }
        Ok(ways)
    }
}

#[cfg(test)]
mod tests;
