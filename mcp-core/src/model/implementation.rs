//! Who a peer says it is.

use serde::{Deserialize, Serialize};

use super::{Icon, JsonObject};

/// Name and version of a client or server. Informational: nothing may depend on it (META-M-07).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Implementation {
    /// The name a program knows it by.
    pub name: String,
    /// The name a person reads. 2025-06-18 and later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its version.
    pub version: String,
    /// What it is for. 2025-11-25 and later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Pictures for it. 2025-11-25 and later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icons: Option<Vec<Icon>>,
    /// Its home page. 2025-11-25 and later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website_url: Option<String>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

impl Implementation {
    /// An implementation of this name and version.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            ..Self::default()
        }
    }

    /// The same without icons that no client may load (ICON-A-02, fault 100).
    #[must_use]
    pub fn with_safe_icons(mut self) -> Self {
        Icon::keep_safe(&mut self.icons);
        self
    }
}
