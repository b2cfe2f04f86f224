//! Icons (2025-11-25 and later).

use serde::{Deserialize, Serialize};

use super::JsonObject;
use super::open::open_string;

/// A picture that stands for a server, tool, prompt or resource (ICON-A-01).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Icon {
    /// Where the picture is: an `https:` or `data:` URI (ICON-A-02).
    pub src: String,
    /// Its media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// The sizes it comes in, such as `48x48`, or `any`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sizes: Option<Vec<String>>,
    /// The background it is drawn for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<IconTheme>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

impl Icon {
    /// An icon at `src`.
    pub fn new(src: impl Into<String>) -> Self {
        Self {
            src: src.into(),
            ..Self::default()
        }
    }

    /// Takes away the icons that no client may load (ICON-A-02, fault 100), so that none is by
    /// mistake, and returns them.
    pub fn keep_safe(icons: &mut Option<Vec<Self>>) -> Vec<Self> {
        let Some(listed) = icons else {
            return Vec::new();
        };
        let (safe, unsafe_ones) = std::mem::take(listed).into_iter().partition(Self::is_safe);
        *icons = Some(safe).filter(|safe: &Vec<Self>| !safe.is_empty());
        unsafe_ones
    }

    /// Whether it may be loaded: it is an `https:` or `data:` URI (ICON-A-02, fault 100).
    pub fn is_safe(&self) -> bool {
        let (scheme, _) = self.src.split_once(':').unwrap_or_default();
        scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("data")
    }
}

open_string! {
    /// The background an icon is drawn for.
    IconTheme {
        /// A light background.
        LIGHT = "light";
        /// A dark background.
        DARK = "dark";
    }
}
