//! `completion/complete`: finding the completer of an argument (CMP-A-01).

use std::cell::OnceCell;

use mcp_core::engine::Reply;
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::lifecycle::Params;
use mcp_core::model::{CompleteParams, CompleteResult, Completion, CompletionReference};
use mcp_transport::driver;

use super::guard;
use super::registry::Registry;
use super::watchdog::Subject;
use crate::handler::{Completers, CompletionContext};

/// Completes an argument. One without a completer has no proposals, which is not an error.
pub(super) fn complete(
    registry: &Registry,
    params: &Params<'_>,
) -> Result<driver::Dispatch, ErrorObject> {
    let asked: CompleteParams = params.parse()?;
    let completers = completers(registry, &asked.reference)?;
    let context = asked.context.map(CompletionContext::from);
    let context = context.unwrap_or_default();
    let argument = &asked.argument;
    let completer = completers.iter().find(|(name, _)| *name == argument.name);
    let finish = |completion| {
        let mut result = CompleteResult::new(Vec::new());
        result.completion = completion;
        Ok(Reply::Complete(result))
    };
    Ok(match completer {
        None => driver::Dispatch::Ready(finish(Completion::default())),
        Some((name, completer)) => guard::start(
            name,
            Subject::NONE,
            &OnceCell::new(),
            || Ok(completer.complete(&argument.value, &context)),
            finish,
        ),
    })
}

/// The completers of what is referred to.
fn completers<'r>(
    registry: &'r Registry,
    reference: &CompletionReference,
) -> Result<&'r Completers, ErrorObject> {
    let (kind, name, found) = match reference {
        CompletionReference::Prompt(prompt) => {
            let entry = registry.prompts.get(&prompt.name);
            let found = entry.map(|entry| &entry.completers);
            ("prompt", &prompt.name, found)
        }
        CompletionReference::Resource(resource) => {
            let entry = registry.templates.get(&resource.uri);
            let found = entry.map(|entry| &entry.entry.completers);
            ("resource template", &resource.uri, found)
        }
        CompletionReference::Other(_) => {
            return Err(ErrorObject::invalid_params(
                "Invalid params: `ref` must have the type `ref/prompt` or `ref/resource`",
            ));
        }
    };
    found.ok_or_else(|| {
        let shown: String = name.chars().take(80).collect();
        ErrorObject::invalid_params(format!("Unknown {kind}: {shown}"))
    })
}
