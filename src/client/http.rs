//! Servers over HTTP: what a connection to one can be told, and the arguments that travel in
//! headers.

use std::sync::{Arc, Mutex};

use http::{HeaderMap, HeaderName, HeaderValue};
use mcp_core::Era;
use mcp_core::jsonrpc::ErrorCode;
use mcp_core::model::{JsonObject, Tool};
use mcp_transport::driver::Mirrored;
use mcp_transport::http_client::{self, Endpoint};
pub use mcp_transport::http_client::{
    Authorize, Authorized, BoxError, Challenged, Exchanging, HttpClient, HttpError, HyperClient,
    Judged, KnownServers, ReceivedBody, Verdict, rustls,
};

use super::forgetting::Forgetting;
use super::{Backoff, CallError, Client, ClientBuilder, Shared, lock};

/// What holds for connections over HTTP.
#[derive(Clone, Default)]
pub(super) struct Http {
    headers: HeaderMap,
    /// A header that is none, and why.
    invalid: Option<String>,
    client: Option<Arc<dyn HttpClient>>,
    authorize: Option<Arc<dyn Authorize>>,
    known: Option<KnownServers>,
    backoff: Backoff,
}

impl ClientBuilder {
    /// Sends this header along with every request over HTTP: an API key, say. It goes to the
    /// server that is connected to and nowhere else, whatever redirects say (fault 88), and its
    /// value is not shown. A name or value that is none is an error when connecting.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(true);
                self.http.headers.append(name, value);
            }
            (Err(_), _) => self.http.invalid = Some(format!("`{name}` is no name of a header")),
            (_, Err(_)) => {
                let why = format!("the header `{name}` cannot have this value");
                self.http.invalid = Some(why);
            }
        }
        self
    }

    /// Makes requests over HTTP by this, rather than by a [`HyperClient`] of each connection:
    /// with certificates of your own, through a proxy, or not over a network at all.
    #[must_use]
    pub fn http_client(mut self, client: impl HttpClient) -> Self {
        self.http.client = Some(Arc::new(client));
        self
    }

    /// Asks this what to show to servers over HTTP, and what to do when they want more.
    #[must_use]
    pub fn authorize(mut self, authorize: impl Authorize) -> Self {
        self.http.authorize = Some(Arc::new(authorize));
        self
    }

    /// Remembers the eras of servers over HTTP here (VER-D-13), rather than for the whole
    /// process.
    #[must_use]
    pub fn known_servers(mut self, known: KnownServers) -> Self {
        self.http.known = Some(known);
        self
    }

    /// How long to wait before a stream over HTTP that broke is opened again (fault 87).
    #[must_use]
    pub fn reconnect(mut self, backoff: Backoff) -> Self {
        self.http.backoff = backoff;
        self
    }

    pub(super) async fn dial(self, url: &str) -> Result<Client, CallError> {
        let (mut shared, listener) = Shared::new(&self);
        shared.mirrored = Some(Mutex::default());
        let endpoint = self.http.endpoint(url, &shared)?;
        let connecting = http_client::connect(endpoint, self.config, listener, self.answerer);
        Ok(Client::new(connecting.await?, shared))
    }
}

impl Http {
    fn endpoint(self, url: &str, shared: &Shared) -> Result<Endpoint, CallError> {
        if let Some(invalid) = self.invalid {
            return Err(CallError::Unreachable(invalid));
        }
        let endpoint = Endpoint::new(url);
        let endpoint = endpoint.map_err(|error| CallError::Unreachable(error.to_string()))?;
        let mut endpoint = endpoint.headers(self.headers).backoff(self.backoff);
        if let Some(client) = self.client {
            endpoint = endpoint.client(client);
        }
        if let Some(authorize) = self.authorize {
            let forgetting = Forgetting::new(authorize, &shared.cache);
            endpoint = endpoint.authorize(Arc::new(forgetting));
        }
        if let Some(known) = self.known {
            endpoint = endpoint.known(known);
        }
        Ok(endpoint)
    }
}

impl Client {
    /// Takes note of the arguments of a tool that travel in headers. False for a tool that says
    /// that wrongly, which is left out (HTTP-M-22, fault 98).
    pub(super) fn take_mirrored(&self, tool: &Tool) -> bool {
        let Some(mirrored) = self.shared.mirrored.as_ref().filter(|_| self.is_modern()) else {
            return true;
        };
        match lock(mirrored).take(&tool.name, &tool.input_schema) {
            Ok(()) => true,
            Err((argument, why)) => {
                tracing::warn!(tool = tool.name, argument, why, "a tool is left out");
                false
            }
        }
    }

    /// The arguments of this request that travel in headers (HTTP-M-23).
    pub(super) fn mirrored(&self, method: &str, params: &JsonObject) -> Option<Arc<[Mirrored]>> {
        if method != "tools/call" {
            return None;
        }
        let mirrored = self.shared.mirrored.as_ref()?;
        lock(mirrored).of(params.get("name")?.as_str()?)
    }

    /// Whether a call may be refused for its headers, and go through with others (HTTP-M-25).
    pub(super) fn has_headers(&self, method: &str) -> bool {
        method == "tools/call" && self.shared.mirrored.is_some() && self.is_modern()
    }

    fn is_modern(&self) -> bool {
        self.peer().revision.era() == Era::Modern
    }
}

/// Whether headers and body of a request disagree, as the server sees it.
pub(super) fn is_mismatch(error: &CallError) -> bool {
    matches!(error, CallError::Server(error) if error.code == ErrorCode::HEADER_MISMATCH)
}
