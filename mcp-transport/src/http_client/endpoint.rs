//! Where a server is, and how requests get there.

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, Uri};
use mcp_core::Limits;

use super::{Authorize, HttpClient, HyperClient, KnownServers};
use crate::backoff::Backoff;

/// A server's URL, and all that a connection to it can be told.
#[derive(Clone)]
pub struct Endpoint {
    pub(super) url: Uri,
    pub(super) headers: HeaderMap,
    pub(super) client: Option<Arc<dyn HttpClient>>,
    pub(super) authorize: Option<Arc<dyn Authorize>>,
    pub(super) known: KnownServers,
    pub(super) backoff: Backoff,
}

impl Endpoint {
    /// The server at this URL.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`].
    pub fn new(url: &str) -> Result<Self, InvalidUrl> {
        let invalid = |why| InvalidUrl { why };
        let parsed: Uri = url.parse().map_err(|_| invalid("it is no URL"))?;
        if !matches!(parsed.scheme_str(), Some("http" | "https")) {
            return Err(invalid("it must begin with https:// or http://"));
        }
        let authority = parsed.authority().ok_or(invalid("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(invalid("credentials go into a header, not into the URL"));
        }
        Ok(Self {
            url: parsed,
            headers: HeaderMap::new(),
            client: None,
            authorize: None,
            known: KnownServers::of_process(),
            backoff: Backoff::new(),
        })
    }

    /// Sends these along with every request to this server, and to no other (fault 88). The
    /// protocol's own headers cannot be replaced.
    #[must_use]
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    /// Uses this HTTP client, rather than a [`HyperClient`] of its own.
    #[must_use]
    pub fn client(mut self, client: Arc<dyn HttpClient>) -> Self {
        self.client = Some(client);
        self
    }

    /// Asks this what to show to the server.
    #[must_use]
    pub fn authorize(mut self, authorize: Arc<dyn Authorize>) -> Self {
        self.authorize = Some(authorize);
        self
    }

    /// Remembers the server's era here, rather than in [`KnownServers::of_process`].
    #[must_use]
    pub fn known(mut self, known: KnownServers) -> Self {
        self.known = known;
        self
    }

    /// Waits like this before a stream that broke is opened again (fault 87).
    #[must_use]
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    pub(super) fn http(&self, limits: &Limits) -> Arc<dyn HttpClient> {
        match &self.client {
            Some(client) => Arc::clone(client),
            None => Arc::new(HyperClient::new(limits)),
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and the URL's query may hold secrets.
        f.debug_struct("Endpoint")
            .field("host", &self.url.host())
            .field("headers", &self.headers.keys())
            .finish_non_exhaustive()
    }
}

/// Why a URL is not that of a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the server's URL: {why}")]
pub struct InvalidUrl {
    why: &'static str,
}
