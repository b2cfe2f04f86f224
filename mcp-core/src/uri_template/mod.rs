//! URI templates (RFC 6570, levels 1 to 3): expansion, and matching the other way round.
//!
//! Matching never backtracks: each variable takes the shortest text up to what follows it, so the
//! time is linear in the URI for a given template, and a template is bounded.

mod percent;

use std::borrow::Cow;
use std::fmt;

use percent::{decode, encode};

/// Longest template in bytes.
const MAX_LENGTH: usize = 2048;
/// Most variables of a template.
const MAX_VARIABLES: usize = 32;

/// A template such as `users://{id}/profile` or `file:///{+path}` (RES-A-04).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UriTemplate {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// Text, encoded as it stands in a URI.
    Literal(String),
    Expression(Operator, Vec<String>),
}

/// How an expression is written and read: RFC 6570's table of operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Operator {
    /// The character that introduces a value that is there.
    first: Option<char>,
    separator: char,
    form: Form,
    /// Whether reserved characters stand for themselves.
    reserved: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Only the value.
    Bare,
    /// `name=value`; an empty value keeps its `=`.
    Query,
    /// `name=value`; an empty value is only its name.
    Parameter,
}

/// Why a text is no template that can be matched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} (at byte {offset} of the template)")]
pub struct UriTemplateError {
    offset: usize,
    problem: Cow<'static, str>,
}

impl UriTemplate {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// Malformed braces or names, a variable that occurs twice or touches the one before it, the
    /// modifiers of level 4 (`*`, `:n`), more than 2048 bytes or 32 variables.
    pub fn parse(text: &str) -> Result<Self, UriTemplateError> {
        let fail = |offset: usize, problem: &'static str| UriTemplateError {
            offset,
            problem: Cow::Borrowed(problem),
        };
        if text.len() > MAX_LENGTH {
            return Err(fail(MAX_LENGTH, "a template is at most 2048 bytes long"));
        }
        let mut template = Self {
            text: text.to_owned(),
            parts: Vec::new(),
        };
        let mut rest = text;
        while !rest.is_empty() {
            let offset = text.len() - rest.len();
            if let Some(inner) = rest.strip_prefix('{') {
                let Some((expression, tail)) = inner.split_once('}') else {
                    return Err(fail(offset, "a `{` is not closed"));
                };
                template.push_expression(expression, offset)?;
                rest = tail;
            } else {
                let end = rest.find('{').unwrap_or(rest.len());
                let (literal, tail) = rest.split_at(end);
                if literal.contains(|c: char| c <= ' ' || "\"<>\\^`|}\u{7f}".contains(c)) {
                    return Err(fail(
                        offset,
                        "a character that no URI has, or a `}` that closes nothing",
                    ));
                }
                template.parts.push(Part::Literal(encode(literal, true)));
                rest = tail;
            }
        }
        Ok(template)
    }

    fn push_expression(&mut self, text: &str, offset: usize) -> Result<(), UriTemplateError> {
        let fail = |problem: String| UriTemplateError {
            offset,
            problem: Cow::Owned(problem),
        };
        let (operator, list) = operator(text);
        if operator.first.is_none() && matches!(self.parts.last(), Some(Part::Expression(..))) {
            return Err(fail(format!(
                "nothing separates `{{{text}}}` from the variable before it"
            )));
        }
        let mut names = Vec::new();
        for name in list.split(',') {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
            if name.ends_with('*') || name.contains(':') {
                return Err(fail(format!(
                    "`{name}`: `*` and `:n` (level 4) are not supported"
                )));
            }
            if name.is_empty() || !name.chars().all(plain) {
                return Err(fail(format!("`{name}` is not a variable's name")));
            }
            if self.variables().any(|other| other == name)
                || names.iter().any(|other| other == name)
            {
                return Err(fail(format!("`{name}` occurs twice")));
            }
            names.push(name.to_owned());
        }
        if self.variables().count() + names.len() > MAX_VARIABLES {
            return Err(fail("a template has at most 32 variables".to_owned()));
        }
        self.parts.push(Part::Expression(operator, names));
        Ok(())
    }

    /// The template as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of its variables, in order.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        let names = self.parts.iter().filter_map(|part| match part {
            Part::Expression(_, names) => Some(names),
            Part::Literal(_) => None,
        });
        names.flatten().map(String::as_str)
    }

    /// The URI with these values; a variable without one leaves nothing behind.
    pub fn expand<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> String {
        let mut uri = String::with_capacity(self.text.len());
        for part in &self.parts {
            match part {
                Part::Literal(text) => uri.push_str(text),
                Part::Expression(operator, names) => {
                    let given = names.iter().filter_map(|name| Some((name, value(name)?)));
                    for (index, (name, value)) in given.enumerate() {
                        let lead = if index == 0 {
                            operator.first
                        } else {
                            Some(operator.separator)
                        };
                        uri.extend(lead);
                        if operator.form != Form::Bare {
                            uri.push_str(name);
                            if operator.form == Form::Query || !value.is_empty() {
                                uri.push('=');
                            }
                        }
                        uri.push_str(&encode(value, operator.reserved));
                    }
                }
            }
        }
        uri
    }

    /// The variables of a URI that has this form, decoded; `None` if it has not.
    ///
    /// A variable takes the shortest text up to what follows it. One without an operator is never
    /// empty and never crosses `/`, `?` or `#`, encoded ones excepted: a decoded value can hold
    /// anything, so one that becomes a path must be checked as such (RES-A-05).
    pub fn matches<'t, 'u>(&'t self, uri: &'u str) -> Option<Vec<(&'t str, Cow<'u, str>)>> {
        let mut found = Vec::new();
        let mut rest = uri;
        let mut parts = self.parts.as_slice();
        while let Some((part, after)) = parts.split_first() {
            parts = after;
            match part {
                Part::Literal(text) => rest = rest.strip_prefix(text.as_str())?,
                Part::Expression(operator, names) => {
                    let body = match operator.first {
                        None => rest,
                        Some(first) => match rest.strip_prefix(first) {
                            Some(body) => body,
                            None => continue,
                        },
                    };
                    let (taken, tail) =
                        body.split_at_checked(extent(body, operator.least(body), after)?)?;
                    take(*operator, names, taken, &mut found)?;
                    rest = tail;
                }
            }
        }
        rest.is_empty().then_some(found)
    }
}

impl fmt::Display for UriTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The operator that an expression starts with, and the list of names after it.
fn operator(text: &str) -> (Operator, &str) {
    let new = |first, separator, form, reserved| Operator {
        first,
        separator,
        form,
        reserved,
    };
    let mut rest = text.chars();
    let operator = match rest.next() {
        Some('+') => new(None, ',', Form::Bare, true),
        Some('#') => new(Some('#'), ',', Form::Bare, true),
        Some('.') => new(Some('.'), '.', Form::Bare, false),
        Some('/') => new(Some('/'), '/', Form::Bare, false),
        Some(';') => new(Some(';'), ';', Form::Parameter, false),
        Some('?') => new(Some('?'), '&', Form::Query, false),
        Some('&') => new(Some('&'), '&', Form::Query, false),
        _ => return (new(None, ',', Form::Bare, false), text),
    };
    (operator, rest.as_str())
}

impl Operator {
    /// How much of `text` a value takes at least: without an operator it is never empty.
    fn least(self, text: &str) -> usize {
        match (self.first, self.reserved, text.chars().next()) {
            (None, false, Some(c)) => c.len_utf8(),
            _ => 0,
        }
    }
}

/// How much of `text` belongs to an expression that `after` follows, `least` at least.
fn extent(whole: &str, least: usize, after: &[Part]) -> Option<usize> {
    let (_, text) = whole.split_at_checked(least)?;
    let mut end = text.len();
    for (index, part) in after.iter().enumerate() {
        match part {
            // Whatever has an introducing character may be absent: look further.
            Part::Expression(operator, _) => {
                if let Some(found) = operator.first.and_then(|first| text.find(first)) {
                    end = end.min(found);
                }
            }
            Part::Literal(literal) => {
                let last = index + 1 == after.len();
                let found = match last {
                    true => text.strip_suffix(literal.as_str()).map(str::len),
                    false => find_whole(whole, least, literal),
                };
                return Some(least + end.min(found?));
            }
        }
    }
    Some(least + end)
}

/// How far behind the first `least` bytes of `text` the literal stands, which does not begin in the
/// middle of an encoded byte: the `1` of `%D1` is none.
fn find_whole(text: &str, least: usize, literal: &str) -> Option<usize> {
    let mut from = least;
    loop {
        let at = from + text.get(from..)?.find(literal)?;
        let before = text.as_bytes().get(at.saturating_sub(2)..at);
        if !before.is_some_and(|before| before.contains(&b'%')) {
            return Some(at - least);
        }
        from = at + 1;
    }
}

/// Reads the values of one expression.
fn take<'t, 'u>(
    operator: Operator,
    names: &'t [String],
    text: &'u str,
    found: &mut Vec<(&'t str, Cow<'u, str>)>,
) -> Option<()> {
    if !operator.reserved {
        let outside = |c: char| matches!(c, '/' | '?' | '#') && c != operator.separator;
        let empty = operator.first.is_none() && text.is_empty();
        if empty || text.contains(outside) {
            return None;
        }
    }
    if let ([name], Form::Bare) = (names, operator.form) {
        // A single value may hold the separator, except where it is structure.
        if !operator.reserved && operator.separator == '/' && text.contains('/') {
            return None;
        }
        found.push((name, decode(text)?));
        return Some(());
    }
    let start = found.len();
    for (index, piece) in text.split(operator.separator).enumerate() {
        let (name, value) = match operator.form {
            Form::Bare => (names.get(index)?, piece),
            Form::Query | Form::Parameter => {
                let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
                (names.iter().find(|name| *name == key)?, value)
            }
        };
        let twice = found.iter().skip(start).any(|(other, _)| other == name);
        if twice {
            return None;
        }
        found.push((name, decode(value)?));
    }
    Some(())
}
