//! What messages of the legacy era carry along, and where they go.

use http::{HeaderMap, HeaderValue, Uri};
use mcp_core::{Feature, Revision};

use super::head;
use crate::http_headers::{PROTOCOL_VERSION, SESSION_ID};

/// A longer id is none that a header should hold.
const LONGEST_ID: usize = 1024;

/// One handshake and what follows it. Of a modern server there is never more than the start.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// The how many-th of the connection.
    pub(super) number: u64,
    id: Option<HeaderValue>,
    version: Option<HeaderValue>,
    /// Whether requests may be sent.
    pub(super) ready: bool,
    /// Where messages go to a server of 2024-11-05 (HTTP-L-40).
    pub(super) endpoint: Option<Uri>,
}

impl Session {
    /// The next one, about which nothing is known yet but where it is.
    pub(super) fn next(&self) -> Self {
        Self {
            number: self.number + 1,
            endpoint: self.endpoint.clone(),
            ..Self::default()
        }
    }

    /// Takes the id that the server gave, if it is one (HTTP-L-07).
    pub(super) fn adopt(&mut self, id: HeaderValue) {
        let visible = |byte: &u8| matches!(byte, 0x21..=0x7e);
        if id.len() <= LONGEST_ID && id.as_bytes().iter().all(visible) {
            self.id = Some(id);
        } else {
            tracing::warn!("the server's session id is none, and is not sent");
        }
    }

    pub(super) fn agree(&mut self, revision: Revision) {
        let said = revision.has(Feature::VersionHeader);
        self.version = said.then(|| head::version(revision));
    }

    /// Whether there is something that can be gone.
    pub(super) fn has_id(&self) -> bool {
        self.id.is_some()
    }

    /// Adds what says which session a message belongs to.
    pub(super) fn mark(&self, headers: &mut HeaderMap) {
        for (name, value) in [(&SESSION_ID, &self.id), (&PROTOCOL_VERSION, &self.version)] {
            if let Some(value) = value {
                headers.insert(name.clone(), value.clone());
            }
        }
    }
}
