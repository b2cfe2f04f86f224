//! Who may call what (AUTH-S-04), and what lists show them of it.

use std::borrow::Cow;

use mcp_core::engine::{Principal, Scopes};
use mcp_core::lifecycle::{Method, Params};
use mcp_core::model::{CompleteParams, CompletionReference, SubscriptionsListenParams};

use super::Server;
use super::core::{Core, Settings};
use super::registry::Registry;

/// What lists show to a caller of whom not every entry's scopes were granted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScopedLists {
    /// What the caller may call. Such a list is for this caller alone, and marked as private
    /// (CCH-M-03).
    #[default]
    Callable,
    /// Everything: a client then learns by a challenge which scopes it needs for what it was
    /// shown, and can ask its user for them.
    Everything,
}

impl Server {
    /// What lists show to a caller who may not call everything, because entries need scopes: only
    /// what the caller may call, by default.
    pub fn scoped_lists(mut self, lists: ScopedLists) -> Self {
        self.settings.scoped_lists = lists;
        self
    }
}

impl Settings {
    /// Whom a list of this registry has to be made for; `None` when it is the same for all.
    pub(super) fn viewer<'p>(
        &self,
        registry: &Registry,
        principal: &'p Principal,
    ) -> Option<&'p Principal> {
        let filtered = self.scoped_lists == ScopedLists::Callable
            && registry.is_scoped()
            && !principal.is_local();
        filtered.then_some(principal)
    }
}

impl Core {
    /// All scopes that a request needs, when `principal` lacks one of them.
    pub(super) fn lacking(
        &self,
        principal: &Principal,
        method: &str,
        params: &Params<'_>,
    ) -> Option<Scopes> {
        let registry = self.registry();
        if !registry.is_scoped() || principal.is_local() {
            return None;
        }
        let needed = needed(&registry, Method::from_wire(method)?, params)?;
        (!principal.may(&needed)).then(|| needed.into_owned())
    }
}

/// What a request needs. What cannot be read or is not there needs nothing: whoever answers the
/// request says so.
fn needed<'r>(
    registry: &'r Registry,
    method: Method,
    params: &Params<'_>,
) -> Option<Cow<'r, Scopes>> {
    let name = || Params::text(params.name, "name").ok();
    let needed = match method {
        Method::CallTool => &registry.tools.get(&name()?)?.scopes,
        Method::GetPrompt => &registry.prompts.get(&name()?)?.scopes,
        Method::ReadResource | Method::Subscribe => {
            let uri = Params::text(params.uri, "uri").ok()?;
            registry.scopes_at(&uri)?
        }
        Method::Complete => {
            let asked: CompleteParams = params.parse().ok()?;
            completed(registry, &asked.reference)?
        }
        Method::Listen => {
            let asked: SubscriptionsListenParams = params.parse().ok()?;
            let uris = asked.notifications.resource_subscriptions?;
            let each = uris.iter().filter_map(|uri| registry.scopes_at(uri));
            return Some(Cow::Owned(each.flat_map(Scopes::iter).collect()));
        }
        _ => return None,
    };
    Some(Cow::Borrowed(needed))
}

/// The scopes of that whose argument is completed: proposals tell as much as the thing itself.
fn completed<'r>(registry: &'r Registry, reference: &CompletionReference) -> Option<&'r Scopes> {
    match reference {
        CompletionReference::Prompt(prompt) => {
            let entry = registry.prompts.get(&prompt.name)?;
            Some(&entry.scopes)
        }
        CompletionReference::Resource(resource) => {
            let entry = registry.templates.get(&resource.uri)?;
            Some(&entry.entry.scopes)
        }
        CompletionReference::Other(_) => None,
    }
}
