//! A built server: to serve, and to change while it runs.

use std::sync::Arc;

use mcp_core::Limits;
use mcp_core::engine::Change;
use mcp_core::model::Implementation;

use super::core::Core;
use super::error::BuildError;
use super::registry::Registry;
use crate::ask::Journals;
use crate::handler::{PromptEntry, ResourceEntry, StateMap, ToolEntry, ToolList};

/// A built server. Cheap to clone; every clone is the same server.
///
/// It serves any number of connections at once, and can be changed meanwhile: what is added or
/// removed is announced to the clients that want to know.
#[derive(Debug, Clone)]
pub struct ServerHandle(pub(super) Arc<Core>);

impl ServerHandle {
    /// Who the server is.
    pub fn info(&self) -> &Implementation {
        self.0.profile.info()
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.settings.limits
    }

    pub(crate) fn journals(&self) -> &Journals {
        &self.0.settings.journals
    }

    /// The values that handlers share.
    pub(crate) fn states(&self) -> &StateMap {
        &self.0.state
    }

    /// Adds a tool, and announces the change.
    ///
    /// # Errors
    /// [`BuildError`] when there is one of that name, when the server does not offer tools at all
    /// (see [`Server::offer_tools`](super::Server::offer_tools)), or when it needs a state the
    /// server lacks.
    pub fn add_tool(&self, tool: impl Into<ToolEntry>) -> Result<(), BuildError> {
        let tool = tool.into();
        if self.0.profile.capabilities().tools.is_none() {
            return Err(BuildError::not_offered("tool", &tool.definition.name));
        }
        self.0.check_needs(&tool.definition.name, &tool.needs)?;
        let settings = &self.0.settings;
        self.0
            .change(Change::Tools, |registry| registry.add_tool(tool, settings))
    }

    /// Adds annotated functions as tools, and announces the change: `.add_tools::<add>()`,
    /// `.add_tools::<(add, math::sub)>()`.
    ///
    /// # Errors
    /// As [`ServerHandle::add_tool`], for the first that cannot be added; those before it are.
    pub fn add_tools<T: ToolList>(&self) -> Result<(), BuildError> {
        let mut tools = Vec::new();
        T::entries(&self.0.settings.schemas, &mut tools);
        tools.into_iter().try_for_each(|tool| self.add_tool(tool))
    }

    /// Removes a tool, announces the change, and says whether it was there. Calls that run go on.
    pub fn remove_tool(&self, name: &str) -> bool {
        self.removed(Change::Tools, |registry| registry.tools.remove(name))
    }

    /// Adds a prompt, and announces the change.
    ///
    /// # Errors
    /// As [`ServerHandle::add_tool`].
    pub fn add_prompt(&self, prompt: PromptEntry) -> Result<(), BuildError> {
        let name = &prompt.definition.name;
        if self.0.profile.capabilities().prompts.is_none() {
            return Err(BuildError::not_offered("prompt", name));
        }
        self.0.check_needs(name, &prompt.needs)?;
        self.0
            .change(Change::Prompts, |registry| registry.add_prompt(prompt))
    }

    /// Removes a prompt, announces the change, and says whether it was there.
    pub fn remove_prompt(&self, name: &str) -> bool {
        self.removed(Change::Prompts, |registry| registry.prompts.remove(name))
    }

    /// Adds a resource or a resource template, and announces the change.
    ///
    /// # Errors
    /// As [`ServerHandle::add_tool`].
    pub fn add_resource(&self, resource: ResourceEntry) -> Result<(), BuildError> {
        let uri = resource.uri().to_owned();
        if self.0.profile.capabilities().resources.is_none() {
            return Err(BuildError::not_offered("resource", &uri));
        }
        self.0.check_needs(&uri, &resource.needs)?;
        self.0.change(Change::Resources, |registry| {
            registry.add_resource(resource)
        })
    }

    /// Removes a resource by its URI, or a template by its text; announces the change, and says
    /// whether it was there.
    pub fn remove_resource(&self, uri: &str) -> bool {
        self.removed(Change::Resources, |registry| {
            registry.resources.remove(uri) || registry.templates.remove(uri)
        })
    }

    fn removed(&self, change: Change, remove: impl FnOnce(&mut Registry) -> bool) -> bool {
        let removed = self
            .0
            .change(change, |registry| remove(registry).then_some(()).ok_or(()));
        removed.is_ok()
    }

    /// Announces that the list of tools changed, for lists that depend on something outside.
    pub fn tools_changed(&self) {
        self.0.bus.publish(&Change::Tools);
    }

    /// Announces that the list of prompts changed.
    pub fn prompts_changed(&self) {
        self.0.bus.publish(&Change::Prompts);
    }

    /// Announces that the list of resources or templates changed.
    pub fn resources_changed(&self) {
        self.0.bus.publish(&Change::Resources);
    }

    /// Announces that the content of a resource changed, to those who subscribed to it.
    pub fn resource_updated(&self, uri: impl Into<String>) {
        self.0.bus.publish(&Change::Resource(uri.into()));
    }

    /// Asks every connection to end: nothing more is read, subscriptions end with a result, and
    /// calls in flight are answered within [`Limits::drain`](crate::Limits::drain).
    pub fn shutdown(&self) {
        self.0.shutdown();
    }
}
