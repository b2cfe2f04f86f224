//! Why a server cannot be built or served.

use std::fmt;
use std::io;

use crate::handler::StateNeed;

/// What keeps a server from being what its builder says.
///
/// All mistakes are collected, so that one run shows them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildError {
    problems: Vec<String>,
}

impl BuildError {
    pub(super) fn new(problem: String) -> Self {
        Self {
            problems: vec![problem],
        }
    }

    pub(super) fn all(problems: Vec<Self>) -> Result<(), Self> {
        let problems: Vec<String> = problems.into_iter().flat_map(|e| e.problems).collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self { problems })
        }
    }

    pub(super) fn duplicate(kind: &str, name: &str) -> Self {
        Self::new(format!(
            "there are two {kind}s named `{name}`; give one of them another name"
        ))
    }

    pub(super) fn not_offered(kind: &str, name: &str) -> Self {
        Self::new(format!(
            "the {kind} `{name}` was added to a server that did not declare {kind}s; call \
             `.offer_{kind}s()` on its builder"
        ))
    }

    #[cfg(feature = "validation")]
    pub(super) fn bad_schema(tool: &str, why: &str) -> Self {
        Self::new(format!(
            "the input schema of the tool `{tool}` cannot be enforced: {why}"
        ))
    }

    pub(super) fn no_object_schema(tool: &str) -> Self {
        Self::new(format!(
            "the input schema of the tool `{tool}` is not one of an object; its root must say \
             `\"type\": \"object\"`"
        ))
    }

    pub(super) fn missing_state(handler: &str, need: &StateNeed) -> Self {
        Self::new(format!(
            "`{handler}` needs `State<{}>`, which the server does not have; give it one with \
             `.state(…)`",
            need.type_name
        ))
    }

    /// What is wrong, a sentence each.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the server cannot start: ")?;
        f.write_str(&self.problems.join("; "))
    }
}

impl std::error::Error for BuildError {}

/// Why serving ended early, or never began.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The builder's parts do not make a server.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The connection failed.
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
}
