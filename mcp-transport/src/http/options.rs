//! What a server over HTTP can be told.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::auth::Authenticate;
use super::cors::Cors;
use super::events::{EventStore, MemoryEventStore};
use super::origin::{AllowedHosts, AllowedOrigins};
use super::probes::Probes;
#[cfg(feature = "tls")]
use super::tls::Tls;

/// How clients of the handshake revisions (2025-03-26 to 2025-11-25) are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Legacy {
    /// With a session each, which the server remembers (HTTP-L-07).
    #[default]
    Sessions,
    /// Without sessions: every request stands alone, so that any replica can answer it. The
    /// server can send nothing unasked, and nothing can be resumed.
    Stateless,
    /// Not at all.
    Off,
}

/// The two paths of HTTP+SSE.
#[derive(Debug, Clone)]
pub(super) struct SsePaths {
    /// Where a client hears.
    pub(super) events: String,
    /// Where it speaks.
    pub(super) messages: String,
}

/// How a server is served over HTTP.
#[derive(Clone)]
pub struct HttpOptions {
    pub(super) path: String,
    pub(super) hosts: Option<AllowedHosts>,
    pub(super) origins: AllowedOrigins,
    pub(super) legacy: Legacy,
    pub(super) http_sse: Option<SsePaths>,
    pub(super) events: Option<Arc<dyn EventStore>>,
    pub(super) patience: Duration,
    pub(super) keep_alive: Duration,
    pub(super) authenticate: Option<Arc<dyn Authenticate>>,
    pub(super) cors: Option<Cors>,
    pub(super) probes: Probes,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<Tls>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            path: "/mcp".to_owned(),
            hosts: None,
            origins: AllowedOrigins::loopback(),
            legacy: Legacy::default(),
            http_sse: None,
            events: None,
            patience: Duration::from_secs(10),
            keep_alive: Duration::from_secs(15),
            authenticate: None,
            cors: None,
            probes: Probes::default(),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

impl HttpOptions {
    /// The path of the endpoint, where the server listens itself; `/mcp` by default. A service
    /// that is mounted elsewhere answers wherever it was mounted.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// The hosts that requests may name; those of this machine by default. To listen on any other
    /// address, they have to be named.
    #[must_use]
    pub fn hosts(mut self, hosts: AllowedHosts) -> Self {
        self.hosts = Some(hosts);
        self
    }

    /// The origins that pages in a browser may have (HTTP-M-02); those of this machine by default.
    #[must_use]
    pub fn origins(mut self, origins: AllowedOrigins) -> Self {
        self.origins = origins;
        self
    }

    /// How clients of the handshake revisions are served.
    #[must_use]
    pub fn legacy(mut self, legacy: Legacy) -> Self {
        self.legacy = legacy;
        self
    }

    /// Serves clients of the deprecated HTTP+SSE transport (HTTP-L-40) besides: they hear at the path
    /// `events` and post to the path `messages`, both other than the endpoint's. Off by default:
    /// only for clients that know nothing newer, whatever revision they speak.
    ///
    /// Their sessions are counted apart from those at the endpoint, and end with their stream. A
    /// service that is mounted in a router has to be mounted at both paths as well, and sees them
    /// whole.
    #[must_use]
    pub fn http_sse(mut self, events: impl Into<String>, messages: impl Into<String>) -> Self {
        self.http_sse = Some(SsePaths {
            events: events.into(),
            messages: messages.into(),
        });
        self
    }

    /// Where the events of sessions are kept, for clients that lost their connection (HTTP-L-10).
    /// In memory by default, bounded by [`EventBounds`](super::events::EventBounds).
    #[must_use]
    pub fn events(mut self, store: impl EventStore) -> Self {
        self.events = Some(Arc::new(store));
        self
    }

    pub(super) fn event_store(&self) -> Arc<dyn EventStore> {
        let own = || Arc::new(MemoryEventStore::default()) as Arc<dyn EventStore>;
        self.events.clone().unwrap_or_else(own)
    }

    /// How long an answer may take before its stream begins without it, so that no proxy takes
    /// the silence for an end. 10 seconds by default. Until then an error has its own status.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How often a silent stream says that it lives (HTTP-M-32). 15 seconds by default.
    #[must_use]
    pub fn keep_alive(mut self, period: Duration) -> Self {
        self.keep_alive = period;
        self
    }

    /// Who finds out whom a request is from. Without one, everybody is
    /// [`Principal::ANONYMOUS`](mcp_core::engine::Principal::ANONYMOUS), and may do what needs no
    /// scopes.
    #[must_use]
    pub fn auth(mut self, authenticate: impl Authenticate) -> Self {
        self.authenticate = Some(Arc::new(authenticate));
        self
    }
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("path", &self.path)
            .field("hosts", &self.hosts)
            .field("origins", &self.origins)
            .field("legacy", &self.legacy)
            .field("http_sse", &self.http_sse)
            .field("authenticates", &self.authenticate.is_some())
            .field("cors", &self.cors)
            .field("probes", &self.probes)
            .finish_non_exhaustive()
    }
}
