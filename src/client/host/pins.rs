//! What tools were when somebody agreed to them.

use std::collections::BTreeMap;

use mcp_core::model::Tool;
use serde::{Deserialize, Serialize};

/// A tool's definition, as it was. Two are equal when name, description, schemas, annotations and
/// everything else of the definitions are.
///
/// It is the definition itself in one canonical form, not a digest: nothing can be made to
/// collide with it, and a host can show what changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a tool.
    pub fn of(tool: &Tool) -> Self {
        // A tree sorts its keys, so the order in which a server writes them does not matter.
        let tree = serde_json::to_value(tool).unwrap_or_default();
        Self(tree.to_string())
    }

    /// The definition as JSON.
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

/// The fingerprints of many servers' tools: what a host stores, and checks when it starts again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pins(BTreeMap<String, BTreeMap<String, Fingerprint>>);

impl Pins {
    /// None: every tool is taken as it is first seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Pins a tool of a server as it is.
    pub fn pin(&mut self, server: &str, tool: &Tool) {
        let of_server = self.0.entry(server.to_owned()).or_default();
        of_server.insert(tool.name.clone(), Fingerprint::of(tool));
    }

    /// What a tool was.
    pub fn get(&self, server: &str, tool: &str) -> Option<&Fingerprint> {
        self.0.get(server)?.get(tool)
    }
}

/// What becomes of a tool whose definition is not the pinned one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnRedefined {
    /// There is an event, and then the new definition is the pinned one.
    #[default]
    Report,
    /// There is an event, and calls are refused until [`Host::accept`](super::Host::accept).
    Refuse,
}
