//! Protocol versions: the strings peers exchange, the revisions this crate implements, and the
//! two eras they fall into. The only place that compares versions.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A protocol version as it stands on the wire: any string a peer may name.
///
/// The five versions this crate implements are constants; every other string survives unchanged
/// so that it can be echoed in an error (VER-M-01). [`ProtocolVersion::revision`] says whether a
/// version is implemented.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProtocolVersion(Cow<'static, str>);

impl ProtocolVersion {
    /// 2024-11-05, the first published revision.
    pub const V2024_11_05: Self = Self(Cow::Borrowed("2024-11-05"));
    /// 2025-03-26: Streamable HTTP, batches, audio, tool annotations.
    pub const V2025_03_26: Self = Self(Cow::Borrowed("2025-03-26"));
    /// 2025-06-18: structured output, elicitation, resource links, titles.
    pub const V2025_06_18: Self = Self(Cow::Borrowed("2025-06-18"));
    /// 2025-11-25: icons, URL elicitation, experimental tasks; the last with a handshake.
    pub const V2025_11_25: Self = Self(Cow::Borrowed("2025-11-25"));
    /// 2026-07-28: stateless, every request carries its own `_meta`.
    pub const V2026_07_28: Self = Self(Cow::Borrowed("2026-07-28"));

    /// The version a peer named.
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self(text.into())
    }

    /// The text as it stands on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The revision behind this version, or `None` when this crate does not implement it.
    pub fn revision(&self) -> Option<Revision> {
        Revision::from_wire(&self.0)
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Revision> for ProtocolVersion {
    fn from(revision: Revision) -> Self {
        Self(Cow::Borrowed(revision.as_str()))
    }
}

/// How a connection learns what its peer is: once, by a handshake, or anew with every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Era {
    /// 2024-11-05 to 2025-11-25: `initialize` first, then a stateful connection.
    Legacy,
    /// 2026-07-28: no handshake; each request names its version and the client's capabilities.
    Modern,
}

/// A protocol revision that this crate implements. Ordered by publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Revision {
    /// 2024-11-05.
    V2024_11_05,
    /// 2025-03-26.
    V2025_03_26,
    /// 2025-06-18.
    V2025_06_18,
    /// 2025-11-25.
    V2025_11_25,
    /// 2026-07-28.
    V2026_07_28,
}

impl Revision {
    /// Every implemented revision, oldest first.
    pub const ALL: [Self; 5] = [
        Self::V2024_11_05,
        Self::V2025_03_26,
        Self::V2025_06_18,
        Self::V2025_11_25,
        Self::V2026_07_28,
    ];

    /// The newest revision with a handshake: what an `initialize` that asks for anything unknown,
    /// or for a modern revision, is answered with (LIFE-L-03, VER-D-05).
    pub const NEWEST_LEGACY: Self = Self::V2025_11_25;

    /// What a request over HTTP is taken for when nothing says its revision (HTTP-L-04).
    pub const UNSAID_OVER_HTTP: Self = Self::V2025_03_26;

    /// The newest stateless revision.
    pub const NEWEST_MODERN: Self = Self::V2026_07_28;

    /// The revision that `text` names, if it is implemented.
    pub fn from_wire(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .rev()
            .find(|revision| revision.as_str() == text)
    }

    /// The text as it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// The era this revision belongs to.
    pub const fn era(self) -> Era {
        match self {
            Self::V2026_07_28 => Era::Modern,
            _ => Era::Legacy,
        }
    }

    /// A number from 0 to 4, for tables with one entry per revision.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Whether this revision has `feature` (the table of protocol.md §26).
    pub fn has(self, feature: Feature) -> bool {
        let (first, last) = feature.span();
        first <= self && self <= last
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A difference between revisions that code asks about; one row of protocol.md §26.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Feature {
    /// Arrays of messages (RPC-L-11).
    Batching,
    /// The `audio` content block, tool annotations, progress `message`, the `completions`
    /// capability.
    AudioAndAnnotations,
    /// `title`, `_meta` on types, `resource_link`, `outputSchema`, `structuredContent`,
    /// completion `context`, `lastModified`.
    StructuredOutput,
    /// `structuredContent` and `outputSchema` of any JSON type, not only objects.
    StructuredAny,
    /// Form elicitation.
    Elicitation,
    /// Icons, `Implementation.description` and `websiteUrl`, sampling tools, URL elicitation.
    Icons,
    /// The version stands in a header of every HTTP request after the handshake (HTTP-L-04).
    VersionHeader,
    /// A first event without a message, from which a stream can be resumed (HTTP-L-11).
    PrimingEvent,
    /// The core, experimental tasks of 2025-11-25: `execution`, the `task` parameter.
    CoreTasks,
    /// `elicitationId`, `notifications/elicitation/complete` and -32042 (ELI-L-06).
    ElicitationIds,
    /// `resultType`, `ttlMs`, `cacheScope`, `server/discover`, per-request `_meta`.
    Stateless,
}

impl Feature {
    const fn span(self) -> (Revision, Revision) {
        use Revision::{V2025_03_26, V2025_06_18, V2025_11_25, V2026_07_28};
        match self {
            Self::Batching => (V2025_03_26, V2025_03_26),
            Self::AudioAndAnnotations => (V2025_03_26, V2026_07_28),
            Self::StructuredOutput | Self::Elicitation | Self::VersionHeader => {
                (V2025_06_18, V2026_07_28)
            }
            Self::Icons => (V2025_11_25, V2026_07_28),
            Self::PrimingEvent | Self::CoreTasks | Self::ElicitationIds => {
                (V2025_11_25, V2025_11_25)
            }
            Self::StructuredAny | Self::Stateless => (V2026_07_28, V2026_07_28),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_revision_is_found_by_its_own_text_and_no_other() {
        for revision in Revision::ALL {
            assert_eq!(Revision::from_wire(revision.as_str()), Some(revision));
            assert_eq!(ProtocolVersion::from(revision).revision(), Some(revision));
            assert_eq!(revision.to_string(), revision.as_str());
        }
        for unknown in ["", "2026-07-29", "2025", "v999.0.0", "2025-11-25 "] {
            assert_eq!(Revision::from_wire(unknown), None);
        }
    }

    #[test]
    fn batches_exist_in_2025_03_26_alone() {
        let with: Vec<_> = Revision::ALL
            .into_iter()
            .filter(|r| r.has(Feature::Batching))
            .collect();
        assert_eq!(with, [Revision::V2025_03_26]);
    }

    #[test]
    fn an_unknown_version_survives_unchanged() {
        let version: ProtocolVersion = serde_json::from_str("\"v999.0.0\"").unwrap();
        assert_eq!(version.revision(), None);
        assert_eq!(version.as_str(), "v999.0.0");
        assert_eq!(version.to_string(), "v999.0.0");
        assert_eq!(serde_json::to_string(&version).unwrap(), "\"v999.0.0\"");
    }
}
