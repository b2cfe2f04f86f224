//! What is remembered of servers, so that the next connection need not ask.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use http::Uri;
use mcp_core::engine::Peer;
use mcp_core::{Era, Revision};

use super::reference::origin;

/// Servers that are remembered at most. Beyond that all are forgotten, which costs one question
/// each.
const MOST: usize = 1024;

/// The eras of servers by their origins (VER-D-13), and what those of the modern era told of
/// themselves by their URLs. Clones share what they know.
#[derive(Debug, Clone, Default)]
pub struct KnownServers(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    revisions: BTreeMap<String, Revision>,
    peers: BTreeMap<String, Peer>,
}

impl KnownServers {
    /// Nothing known yet, and shared with nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// What this process knows: where connections look unless told otherwise.
    pub fn of_process() -> Self {
        static PROCESS: OnceLock<KnownServers> = OnceLock::new();
        PROCESS.get_or_init(Self::new).clone()
    }

    /// The revision that the server at `url` spoke last.
    pub fn revision(&self, url: &Uri) -> Option<Revision> {
        self.known().revisions.get(&origin(url)?).copied()
    }

    /// What the modern server at `url` told of itself.
    pub fn peer(&self, url: &Uri) -> Option<Peer> {
        self.known().peers.get(&url.to_string()).cloned()
    }

    pub(super) fn remember(&self, url: &Uri, peer: &Peer) {
        let Some(origin) = origin(url) else {
            return;
        };
        let mut known = self.known();
        if known.revisions.len() >= MOST || known.peers.len() >= MOST {
            *known = Known::default();
        }
        known.revisions.insert(origin, peer.revision);
        if peer.revision.era() == Era::Modern {
            known.peers.insert(url.to_string(), peer.clone());
        }
    }

    pub(super) fn forget(&self, url: &Uri) {
        let mut known = self.known();
        if let Some(origin) = origin(url) {
            known.revisions.remove(&origin);
        }
        known.peers.remove(&url.to_string());
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
