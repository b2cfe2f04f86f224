//! What was wrong with the arguments of a call, in words that a model can act on.

use std::fmt::Write as _;

use mcp_core::jsonrpc::encode;
use serde_json::Value;

use super::call::{Plan, Planned};
use super::diagnose::expected;
use super::nearest::nearest;

/// Above this many, the rest is only counted.
const SHOWN: usize = 20;
/// So many characters of a value are shown.
const GOT: usize = 60;

/// One thing that was wrong: a line of the answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Issue(String);

/// Everything that was wrong; beyond what is shown, only the number.
#[derive(Debug, Default)]
pub(super) struct Issues {
    lines: Vec<Issue>,
    more: usize,
}

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
        let got = clip(&encode::text(got), GOT);
        Self(format!("`{path}`: expected {expected}, got {got}"))
    }

    pub(super) fn absent_member(path: &str, expected: &str) -> Self {
        Self(format!("`{path}` is missing; expected {expected}"))
    }

    pub(super) fn unreadable(name: &str, reason: &str, got: &str) -> Self {
        let (reason, got) = (clip(reason, 200), clip(got, GOT));
        Self(format!("`{name}`: {reason}, got {got}"))
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
        self.lines.is_empty()
    }

    /// Notes an issue; one that will not be shown is not even put into words.
    pub(super) fn push(&mut self, issue: impl FnOnce() -> Issue) {
        if self.lines.len() < SHOWN {
            self.lines.push(issue());
        } else {
            self.more += 1;
        }
    }

    pub(super) fn extend(&mut self, issues: Vec<Issue>) {
        issues.into_iter().for_each(|issue| self.push(|| issue));
    }

    /// All of it, a line each.
    pub(super) fn describe(&self, handler: &str) -> String {
        let mut text = format!("The arguments of {handler} do not fit:");
        for Issue(line) in &self.lines {
            let _ = write!(text, "\n- {line}");
        }
        if self.more > 0 {
            let _ = write!(text, "\n- and {} more", self.more);
        }
        text
    }
}

/// The first characters of a text: an answer never echoes a megabyte.
fn clip(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some((end, _)) => {
            let (head, _) = text.split_at(end);
            format!("{head}…")
        }
    }
}
