//! How long, and by whom, a modern result may be kept.

use serde::{Deserialize, Serialize};

/// Who may share a cached copy of a result (CCH-M-01). What is not known to be public is private.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheScope {
    /// Everybody.
    Public,
    /// Only the authorization context that asked (CCH-M-03).
    #[default]
    #[serde(other)]
    Private,
}
