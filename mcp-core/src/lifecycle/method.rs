//! The requests a server answers.

use crate::{Era, Revision};

/// A request that a client sends and this crate knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `initialize`: the handshake of the legacy era.
    Initialize,
    /// `ping`.
    Ping,
    /// `server/discover`: versions, capabilities and instructions, modern era.
    Discover,
    /// `tools/list`.
    ListTools,
    /// `tools/call`.
    CallTool,
    /// `resources/list`.
    ListResources,
    /// `resources/templates/list`.
    ListResourceTemplates,
    /// `resources/read`.
    ReadResource,
    /// `resources/subscribe`.
    Subscribe,
    /// `resources/unsubscribe`.
    Unsubscribe,
    /// `prompts/list`.
    ListPrompts,
    /// `prompts/get`.
    GetPrompt,
    /// `completion/complete`.
    Complete,
    /// `logging/setLevel`.
    SetLevel,
    /// `subscriptions/listen`.
    Listen,
}

/// A server capability that methods belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Capability {
    /// `tools`.
    Tools,
    /// `resources`.
    Resources,
    /// `resources.subscribe`.
    ResourceSubscriptions,
    /// `prompts`.
    Prompts,
    /// `completions`.
    Completions,
    /// `logging`.
    Logging,
}

impl Capability {
    /// The member of `ServerCapabilities`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Resources => "resources",
            Self::ResourceSubscriptions => "resources.subscribe",
            Self::Prompts => "prompts",
            Self::Completions => "completions",
            Self::Logging => "logging",
        }
    }
}

impl Method {
    /// Every method. `tools/call` comes first because it is looked for most.
    pub const ALL: [Self; 15] = [
        Self::CallTool,
        Self::ListTools,
        Self::Initialize,
        Self::Ping,
        Self::Discover,
        Self::ListResources,
        Self::ListResourceTemplates,
        Self::ReadResource,
        Self::Subscribe,
        Self::Unsubscribe,
        Self::ListPrompts,
        Self::GetPrompt,
        Self::Complete,
        Self::SetLevel,
        Self::Listen,
    ];

    /// The method with this name on the wire, compared exactly.
    pub fn from_wire(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Initialize => "initialize",
            Self::Ping => "ping",
            Self::Discover => "server/discover",
            Self::ListTools => "tools/list",
            Self::CallTool => "tools/call",
            Self::ListResources => "resources/list",
            Self::ListResourceTemplates => "resources/templates/list",
            Self::ReadResource => "resources/read",
            Self::Subscribe => "resources/subscribe",
            Self::Unsubscribe => "resources/unsubscribe",
            Self::ListPrompts => "prompts/list",
            Self::GetPrompt => "prompts/get",
            Self::Complete => "completion/complete",
            Self::SetLevel => "logging/setLevel",
            Self::Listen => "subscriptions/listen",
        }
    }

    /// Whether `revision` has this method (§26; VER-D-02 for the modern era).
    pub const fn exists_in(self, revision: Revision) -> bool {
        let modern = matches!(revision.era(), Era::Modern);
        match self {
            Self::Discover | Self::Listen => modern,
            Self::Initialize
            | Self::Ping
            | Self::Subscribe
            | Self::Unsubscribe
            | Self::SetLevel => !modern,
            _ => true,
        }
    }

    /// The capability a server must have advertised for this method to be answered (DISC-M-02).
    pub const fn capability(self) -> Option<Capability> {
        Some(match self {
            Self::ListTools | Self::CallTool => Capability::Tools,
            Self::ListResources | Self::ListResourceTemplates | Self::ReadResource => {
                Capability::Resources
            }
            Self::Subscribe | Self::Unsubscribe => Capability::ResourceSubscriptions,
            Self::ListPrompts | Self::GetPrompt => Capability::Prompts,
            Self::Complete => Capability::Completions,
            Self::SetLevel => Capability::Logging,
            Self::Initialize | Self::Ping | Self::Discover | Self::Listen => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_found_by_its_own_name_and_case_matters() {
        for method in Method::ALL {
            assert_eq!(Method::from_wire(method.as_str()), Some(method));
            assert_eq!(Method::from_wire(&method.as_str().to_uppercase()), None);
        }
    }
}
