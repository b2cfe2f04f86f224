//! What a server says of itself, rendered once at start-up.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::ClientProfile;
use super::reply::ResultEncoder;
use crate::lifecycle::{Capability, Method};
use crate::model::{
    CacheScope, DiscoverResult, Implementation, InitializeResult, Lower, ServerCapabilities,
};
use crate::{Era, ProtocolVersion, Revision};

/// How long a client may keep the answer to `server/discover`: an hour, in milliseconds.
const DISCOVER_TTL_MS: i64 = 3_600_000;

/// A server's identity, capabilities and instructions, with the answers to `initialize` and
/// `server/discover` already encoded for every revision it serves.
#[derive(Debug)]
pub struct ServerProfile {
    /// What the client said that came last: another of the same program says the same.
    last_client: Mutex<Weak<ClientProfile>>,
    info: Implementation,
    capabilities: ServerCapabilities,
    revisions: Vec<Revision>,
    initialize: [Option<String>; Revision::ALL.len()],
    discover: String,
    encoder: ResultEncoder,
}

impl ServerProfile {
    /// A profile that serves `revisions`.
    pub fn new(
        info: Implementation,
        capabilities: ServerCapabilities,
        instructions: Option<String>,
        revisions: &[Revision],
    ) -> Self {
        let revisions: Vec<Revision> = Revision::ALL
            .into_iter()
            .filter(|revision| revisions.contains(revision))
            .collect();
        let encoder = ResultEncoder::new(&info);
        let initialize = Revision::ALL.map(|revision| {
            let served = revision.era() == Era::Legacy && revisions.contains(&revision);
            served.then(|| {
                let mut result = InitializeResult::new(
                    ProtocolVersion::from(revision),
                    capabilities.clone(),
                    info.clone(),
                );
                result.instructions.clone_from(&instructions);
                result.lower(revision);
                serde_json::to_string(&result).expect("a protocol value always serialises")
            })
        });
        let discover = {
            let versions = revisions.iter().rev().copied().map(Into::into).collect();
            let result = DiscoverResult {
                supported_versions: versions,
                capabilities: capabilities.clone(),
                instructions,
                // What a server says of itself lasts as long as the process.
                ttl_ms: Some(DISCOVER_TTL_MS),
                cache_scope: Some(CacheScope::Public),
                ..DiscoverResult::default()
            };
            encoder.render(Revision::NEWEST_MODERN, result)
        };
        Self {
            last_client: Mutex::default(),
            info,
            capabilities,
            revisions,
            initialize,
            discover,
            encoder,
        }
    }

    /// `client`, shared with the one before it if that said the same: what thousands of idle
    /// sessions hold would mostly be this.
    pub(super) fn share(&self, client: ClientProfile) -> Arc<ClientProfile> {
        let last = self.last_client.lock();
        let mut last = last.unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = last.upgrade().filter(|same| **same == client) {
            return same;
        }
        let client = Arc::new(client);
        *last = Arc::downgrade(&client);
        client
    }

    /// Who the server is.
    pub fn info(&self) -> &Implementation {
        &self.info
    }

    /// The revisions it serves, oldest first.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// What turns results into bytes.
    pub fn encoder(&self) -> &ResultEncoder {
        &self.encoder
    }

    /// What it can do.
    pub fn capabilities(&self) -> &ServerCapabilities {
        &self.capabilities
    }

    /// The result of `initialize` in `revision`, if that is a legacy revision it serves.
    pub fn initialize(&self, revision: Revision) -> Option<&str> {
        self.initialize.get(revision.index())?.as_deref()
    }

    /// The result of `server/discover` (DISC-M-01).
    pub fn discover(&self) -> &str {
        &self.discover
    }

    /// The legacy revision to answer `requested` with: that one if it is served, else the newest
    /// (LIFE-L-03, VER-D-05). `None` for a server that is modern only.
    pub fn negotiate(&self, requested: &ProtocolVersion) -> Option<Revision> {
        let legacy = |revision: &Revision| revision.era() == Era::Legacy;
        requested
            .revision()
            .filter(|r| legacy(r) && self.revisions.contains(r))
            .or_else(|| self.revisions.iter().copied().rfind(legacy))
    }

    /// Whether `method` is answered: it needs no capability, or one that is advertised
    /// (DISC-M-02).
    pub fn offers(&self, method: Method) -> bool {
        let capabilities = &self.capabilities;
        match method.capability() {
            None => true,
            Some(Capability::Tools) => capabilities.tools.is_some(),
            Some(Capability::Prompts) => capabilities.prompts.is_some(),
            Some(Capability::Resources) => capabilities.resources.is_some(),
            Some(Capability::ResourceSubscriptions) => {
                let resources = capabilities.resources.as_ref();
                resources.is_some_and(|resources| resources.subscribe == Some(true))
            }
            Some(Capability::Completions) => capabilities.completions.is_some(),
            Some(Capability::Logging) => capabilities.logging.is_some(),
        }
    }
}
