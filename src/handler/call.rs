//! One call: its arguments, found in one pass, and what was wrong with them.

use std::borrow::Cow;
use std::fmt;

use mcp_core::json::{JsonText, Scanner};
use mcp_core::jsonrpc::ErrorObject;
use serde_json::{Value, json};

use super::issue::{Issue, Issues};
use super::{Coercion, Scope, UnknownArguments, coerce, diagnose};

/// What is known of a handler's arguments before any call.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// What the handler is, for messages: "tool `add`".
    pub(super) handler: String,
    pub(super) arguments: Vec<Planned>,
    /// The schemas that the arguments' schemas refer to.
    pub(super) definitions: Value,
}

/// One argument of a plan.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) name: &'static str,
    pub(super) schema: Value,
}

impl Planned {
    /// An argument that is a text on the wire.
    pub(super) fn text(name: &'static str) -> Self {
        Self {
            name,
            schema: json!({"type": "string"}),
        }
    }
}

/// A call in the making: parameters take their values from it, and note what they miss.
pub struct Call<'a, 'c> {
    scope: &'c Scope<'a>,
    plan: &'c Plan,
    raw: &'c [Option<JsonText<'a>>],
    issues: Issues,
    refusal: Option<ErrorObject>,
}

impl<'a, 'c> Call<'a, 'c> {
    /// Finds every argument of the plan. `raw` has a place for each.
    pub(super) fn open(
        scope: &'c Scope<'a>,
        plan: &'c Plan,
        raw: &'c mut [Option<JsonText<'a>>],
    ) -> Result<Self, ErrorObject> {
        let mut issues = Issues::default();
        let options = scope.options();
        if let Some(arguments) = scope.arguments()
            && arguments.get() != "null"
        {
            // AMB-09: only arguments that are no object are the protocol's error.
            if !arguments.get().starts_with('{') {
                let text = format!("`arguments` of {} must be an object", plan.handler);
                return Err(ErrorObject::invalid_params(text));
            }
            let found = Scanner::new(arguments.get()).members(|name, scanner| {
                let value = scanner.value()?;
                let mut planned = plan.arguments.iter();
                match planned.position(|planned| planned.name == name) {
                    Some(index) => match raw.get_mut(index)? {
                        Some(_) => issues.push(|| Issue::duplicate(plan, index)),
                        empty => *empty = Some(value),
                    },
                    None if options.unknown == UnknownArguments::Reject => {
                        let name: String = name.chars().take(80).collect();
                        issues.push(|| Issue::unknown(plan, &name));
                    }
                    None => {}
                }
                Some(())
            });
            if found.is_none() {
                let reason = "a name in it is not valid Unicode";
                issues.push(|| Issue::unreadable("arguments", reason, "an object"));
            }
        }
        Ok(Self {
            scope,
            plan,
            raw,
            issues,
            refusal: None,
        })
    }

    /// Whether nothing is wrong so far.
    pub fn is_sound(&self) -> bool {
        self.issues.is_empty() && self.refusal.is_none()
    }

    pub(super) fn scope(&self) -> &'c Scope<'a> {
        self.scope
    }

    pub(super) fn raw(&self, index: usize) -> Option<JsonText<'a>> {
        self.raw.get(index).copied().flatten()
    }

    pub(super) fn is_null(&self, index: usize) -> bool {
        self.raw(index).is_some_and(|raw| raw.get() == "null")
    }

    /// An argument that is a text on the wire: a template's variable, or a prompt's argument.
    pub(super) fn text(&self, index: usize) -> Option<Result<Cow<'a, str>, (String, String)>> {
        let planned = self.plan.arguments.get(index)?;
        if self.scope.uri().is_some() {
            let mut variables = self.scope.variables().iter();
            let (_, text) = variables.find(|(name, _)| *name == planned.name)?;
            return Some(Ok(Cow::Borrowed(text)));
        }
        let raw = self.raw(index)?;
        let refused = || ("expected a string".to_owned(), raw.get().to_owned());
        Some(raw.text().ok_or_else(refused))
    }

    /// The argument as its schema would have it, if its text can be read so.
    pub(super) fn coerced(&self, index: usize) -> Option<Value> {
        if self.scope.options().coercion == Coercion::Off {
            return None;
        }
        let planned = self.plan.arguments.get(index)?;
        let value = serde_json::from_str(self.raw(index)?.get()).ok()?;
        coerce::coerce(&planned.schema, &self.plan.definitions, value)
    }

    pub(super) fn refuse(&mut self, error: ErrorObject) {
        self.refusal.get_or_insert(error);
    }

    pub(super) fn missing(&mut self, index: usize) {
        if let Some(planned) = self.plan.arguments.get(index) {
            self.issues.push(|| Issue::missing(planned));
        }
    }

    /// Notes what keeps an argument from fitting, as deep inside it as can be told.
    pub(super) fn mismatch(&mut self, index: usize, error: &serde_json::Error) {
        let (Some(planned), Some(raw)) = (self.plan.arguments.get(index), self.raw(index)) else {
            return;
        };
        // What can be read from its text is no mistake, even beside one.
        let value = self
            .coerced(index)
            .or_else(|| serde_json::from_str(raw.get()).ok());
        let found = value.map_or_else(Vec::new, |value| {
            diagnose::diagnose(planned, &self.plan.definitions, &value)
        });
        if found.is_empty() {
            self.issues
                .push(|| Issue::unreadable(planned.name, &diagnose::reason(error), raw.get()));
        } else {
            self.issues.extend(found);
        }
    }

    pub(super) fn unreadable(&mut self, index: usize, reason: &str, got: &str) {
        if let Some(planned) = self.plan.arguments.get(index) {
            self.issues
                .push(|| Issue::unreadable(planned.name, reason, got));
        }
    }

    /// Why the call cannot be made: the protocol's error, or else what is wrong with the arguments.
    pub(super) fn into_refusal(self) -> Result<String, ErrorObject> {
        match self.refusal {
            Some(error) => Err(error),
            None => Ok(self.issues.describe(&self.plan.handler)),
        }
    }
}

impl fmt::Debug for Call<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("handler", &self.plan.handler)
            .finish_non_exhaustive()
    }
}
