//! What a server declares.

use mcp_core::model::{
    JsonObject, PromptsCapability, ResourcesCapability, ServerCapabilities, ToolsCapability,
};

use super::Server;
use super::registry::Registry;

/// What is declared even while there is none of it.
#[derive(Default)]
pub(super) struct Offers {
    tools: bool,
    prompts: bool,
    resources: bool,
}

impl Server {
    /// Declares prompts, and completion for them, although there may be none yet, for those that
    /// [`ServerHandle::add_prompt`](super::ServerHandle::add_prompt) adds later.
    pub fn offer_prompts(mut self) -> Self {
        self.offers.prompts = true;
        self
    }

    /// Declares resources, and completion for templates, although there may be none yet, for those
    /// that [`ServerHandle::add_resource`](super::ServerHandle::add_resource) adds later.
    pub fn offer_resources(mut self) -> Self {
        self.offers.resources = true;
        self
    }

    /// Declares tools although there may be none yet, for those that
    /// [`ServerHandle::add_tool`](super::ServerHandle::add_tool) adds later.
    pub fn offer_tools(mut self) -> Self {
        self.offers.tools = true;
        self
    }
}

impl Offers {
    /// Every implemented feature is declared, and nothing else (DISC-M-02).
    pub(super) fn capabilities(&self, registry: &Registry) -> ServerCapabilities {
        let mut capabilities = ServerCapabilities {
            logging: Some(JsonObject::new()),
            ..ServerCapabilities::default()
        };
        if self.tools || !registry.tools.is_empty() {
            capabilities.tools = Some(ToolsCapability {
                list_changed: Some(true),
                ..ToolsCapability::default()
            });
        }
        if self.prompts || !registry.prompts.is_empty() {
            capabilities.prompts = Some(PromptsCapability {
                list_changed: Some(true),
                ..PromptsCapability::default()
            });
        }
        if self.resources || !registry.resources.is_empty() || !registry.templates.is_empty() {
            capabilities.resources = Some(ResourcesCapability {
                subscribe: Some(true),
                list_changed: Some(true),
                ..ResourcesCapability::default()
            });
        }
        // What is added later may complete its arguments, and cannot declare it then.
        let completes = registry.completes() || self.prompts || self.resources;
        capabilities.completions = completes.then(JsonObject::new);
        capabilities
    }
}
