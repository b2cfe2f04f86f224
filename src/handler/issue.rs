//! What was wrong with the arguments of a call, in words that a model can act on.

use std::fmt::Write as _;

use serde_json::Value;

use super::call::{Plan, Planned};
use super::diagnose::expected;
use super::nearest::nearest;

/// Above this many, the rest is only counted.
const SHOWN: usize = 20;

/// One thing that was wrong: a line of the answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Issue(String);

/// Everything that was wrong.
#[derive(Debug, Default)]
pub(super) struct Issues(Vec<Issue>);

impl Issue {
    pub(super) fn missing(planned: &Planned) -> Self {
        let expected = expected(&planned.schema);
        Self(format!(
            "`{}` is missing; expected {expected}",
            planned.name
        ))
    }

    /// `path` names the parameter and the place inside it.
    pub(super) fn mismatch(path: &str, expected: &str, got: &Value) -> Self {
        let got = clip(&got.to_string());
        Self(format!("`{path}`: expected {expected}, got {got}"))
    }

    pub(super) fn absent_member(path: &str, expected: &str) -> Self {
        Self(format!("`{path}` is missing; expected {expected}"))
    }

    pub(super) fn unreadable(name: &str, reason: &str, got: &str) -> Self {
        Self(format!("`{name}`: {reason}, got {}", clip(got)))
    }

    pub(super) fn duplicate(plan: &Plan, index: usize) -> Self {
        let name = plan.arguments.get(index).map_or("", |planned| planned.name);
        Self(format!("`{name}` is given more than once"))
    }

    pub(super) fn unknown(plan: &Plan, name: &str) -> Self {
        let known: Vec<&str> = plan.arguments.iter().map(|planned| planned.name).collect();
        let hint = match nearest(name, &known) {
            Some(near) => format!("; did you mean `{near}`?"),
            None if known.is_empty() => "; there are none".to_owned(),
            None => format!("; there are: {}", known.join(", ")),
        };
        Self(format!(
            "`{name}` is not an argument of {}{hint}",
            plan.handler
        ))
    }
}

impl Issues {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, issue: Issue) {
        self.0.push(issue);
    }

    pub(super) fn extend(&mut self, issues: Vec<Issue>) {
        self.0.extend(issues);
    }

    /// All of it, a line each.
    pub(super) fn describe(&self, handler: &str) -> String {
        let mut text = format!("The arguments of {handler} do not fit:");
        for Issue(line) in self.0.iter().take(SHOWN) {
            let _ = write!(text, "\n- {line}");
        }
        if let Some(more) = self.0.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            let _ = write!(text, "\n- and {more} more");
        }
        text
    }
}

/// The first 60 characters: an answer never echoes a megabyte.
fn clip(text: &str) -> String {
    match text.char_indices().nth(60) {
        None => text.to_owned(),
        Some((end, _)) => {
            let (head, _) = text.split_at(end);
            format!("{head}…")
        }
    }
}
