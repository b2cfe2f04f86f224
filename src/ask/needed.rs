//! What a client must be capable of to be asked something.

use std::fmt;

use mcp_core::Revision;
use mcp_core::model::legacy::IncludeContext;
use mcp_core::model::{ClientCapabilities, ElicitParams, InputRequest};
use serde_json::json;

use super::AskError;

/// A capability of a client that a question needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Needed {
    /// Its user fills in forms (ELI-A-01).
    Form,
    /// Its user opens URLs (ELI-A-01).
    Url,
    /// Its model can be asked (SMP-A-01).
    Sampling,
    /// Its model can be offered tools (SMP-A-01).
    SamplingTools,
    /// Its model can be given more of its context (SMP-A-01).
    SamplingContext,
    /// It lists its roots (ROOT-A-01).
    Roots,
}

impl Needed {
    /// What a request needs; or its method, when a server may not ask that (MRTR-M-03).
    fn of(request: &InputRequest) -> Result<Vec<Self>, &str> {
        Ok(match request {
            InputRequest::Elicit(params) => match **params {
                ElicitParams::Form(_) => vec![Self::Form],
                ElicitParams::Url(_) => vec![Self::Url],
            },
            InputRequest::CreateMessage(params) => {
                let mut needed = vec![Self::Sampling];
                if params.tools.is_some() || params.tool_choice.is_some() {
                    needed.push(Self::SamplingTools);
                }
                let more = params.include_context.as_ref();
                if more.is_some_and(|context| *context != IncludeContext::NONE) {
                    needed.push(Self::SamplingContext);
                }
                needed
            }
            InputRequest::ListRoots(_) => vec![Self::Roots],
            InputRequest::Other { method, .. } => return Err(method),
        })
    }

    /// Whether the client declared it.
    pub(super) fn is_declared(self, capabilities: &ClientCapabilities) -> bool {
        let sampling = capabilities.sampling.as_ref();
        match self {
            Self::Form => capabilities.elicits_forms(),
            Self::Url => capabilities.elicits_urls(),
            Self::Sampling => sampling.is_some(),
            Self::SamplingTools => sampling.is_some_and(|sampling| sampling.tools.is_some()),
            Self::SamplingContext => sampling.is_some_and(|sampling| sampling.context.is_some()),
            Self::Roots => capabilities.roots.is_some(),
        }
    }

    /// The shape of `data.requiredCapabilities` (META-M-06).
    pub(super) fn as_capabilities(self) -> serde_json::Value {
        match self {
            Self::Form => json!({ "elicitation": { "form": {} } }),
            Self::Url => json!({ "elicitation": { "url": {} } }),
            Self::Sampling => json!({ "sampling": {} }),
            Self::SamplingTools => json!({ "sampling": { "tools": {} } }),
            Self::SamplingContext => json!({ "sampling": { "context": {} } }),
            Self::Roots => json!({ "roots": {} }),
        }
    }
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "elicitation.form",
            Self::Url => "elicitation.url",
            Self::Sampling => "sampling",
            Self::SamplingTools => "sampling.tools",
            Self::SamplingContext => "sampling.context",
            Self::Roots => "roots",
        })
    }
}

/// Why a client of these capabilities and this revision cannot be asked.
pub(super) fn refusal(
    key: &str,
    request: &InputRequest,
    declared: &ClientCapabilities,
    revision: Revision,
) -> Option<AskError> {
    let key = key.to_owned();
    let unknown = |what: String| AskError::NotInRevision {
        key: key.clone(),
        reason: format!("{what}, which {revision} does not know"),
    };
    let needed = match Needed::of(request) {
        Ok(needed) => needed,
        Err(method) => return Some(unknown(format!("it is a request `{method}`"))),
    };
    if let Some(needed) = needed.iter().find(|needed| !needed.is_declared(declared)) {
        let needed = *needed;
        return Some(AskError::Undeclared { key, needed });
    }
    let InputRequest::Elicit(params) = request else {
        return None;
    };
    let ElicitParams::Form(form) = &**params else {
        return None;
    };
    let field = form.requested_schema.unknown_field(revision)?;
    Some(unknown(format!("the field `{field}` takes several values")))
}
