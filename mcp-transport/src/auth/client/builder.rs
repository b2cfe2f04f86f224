//! What a client can be told about authorization.

use std::fmt;
use std::sync::Arc;

use mcp_core::Limits;
use mcp_core::engine::Scopes;

use super::grant::{Assertions, Grant, IdentityProvider};
use super::oauth::OAuth;
use super::patient::Patient;
use super::registration::Registration;
use super::store::{CredentialStore, MemoryStore};
use super::user::UserAgent;
use crate::http_client::{HttpClient, Reach};

/// An [`OAuth`] that is not built yet.
pub struct OAuthBuilder {
    pub(super) grant: Grant,
    pub(super) name: String,
    pub(super) clients: Vec<Registration>,
    pub(super) document: Option<String>,
    pub(super) scopes: Scopes,
    pub(super) store: Arc<dyn CredentialStore>,
    pub(super) proves: Proves,
    pub(super) http: Option<Arc<dyn HttpClient>>,
    pub(super) reach: Option<Reach>,
    pub(super) limits: Limits,
}

/// When tokens are asked for that are bound to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proves {
    /// When the server takes no others.
    WhereRequired,
    Always,
}

impl OAuth {
    /// A client whose user logs in, with a code and PKCE.
    pub fn login(user: impl UserAgent) -> OAuthBuilder {
        OAuthBuilder::new(Grant::Login(Box::new(user)))
    }

    /// A client that is its own user: the authorization server knows it, by a secret or a key
    /// (AUTH-X-01).
    pub fn client_credentials(client: Registration) -> OAuthBuilder {
        OAuthBuilder::new(Grant::ClientCredentials).client(client)
    }

    /// A client whose user has logged in to an enterprise, which decides what its programs may
    /// use (AUTH-X-02). `client` is who it is to the authorization server of the MCP server.
    pub fn enterprise(provider: IdentityProvider, client: Registration) -> OAuthBuilder {
        OAuthBuilder::new(Grant::Enterprise(Box::new(provider))).client(client)
    }

    /// A client that the platform it runs on says who it is, such as a cluster or a cloud
    /// (AUTH-X-03).
    pub fn workload(client: Registration, identity: impl Assertions) -> OAuthBuilder {
        OAuthBuilder::new(Grant::Workload(Box::new(identity))).client(client)
    }
}

impl OAuthBuilder {
    fn new(grant: Grant) -> Self {
        Self {
            grant,
            name: "MCP client".to_owned(),
            clients: Vec::new(),
            document: None,
            scopes: Scopes::NONE,
            store: Arc::new(MemoryStore::new()),
            proves: Proves::WhereRequired,
            http: None,
            reach: None,
            limits: Limits::default(),
        }
    }

    /// What users and administrators get to see as this client's name, where it registers itself.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// A client that was registered beforehand, tried before any other way. There may be one for
    /// each authorization server (AUTH-C-04).
    #[must_use]
    pub fn client(mut self, client: Registration) -> Self {
        self.clients.push(client);
        self
    }

    /// The URL of a document about this client, which serves as its id wherever such are taken
    /// (AUTH-C-04). You publish it, at an `https` URL with a path; it holds that URL as
    /// `client_id`, a `client_name`, and as `redirect_uris` where logins come back to.
    #[must_use]
    pub fn metadata_document(mut self, url: impl Into<String>) -> Self {
        self.document = Some(url.into());
        self
    }

    /// Asks for these scopes in any case, beside those that the server wants (AUTH-C-09).
    #[must_use]
    pub fn scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }

    /// Keeps credentials here, rather than until the process ends. In an [`Arc`] several can share
    /// a store. One that does not answer within [`Limits::login_timeout`] has failed.
    #[must_use]
    pub fn store(mut self, store: impl CredentialStore) -> Self {
        self.store = Arc::new(store);
        self
    }

    /// Asks for tokens that are worth nothing without a key of this client (DPoP, AUTH-X-03).
    /// Without this it does so where the server takes no others.
    #[must_use]
    pub fn dpop(mut self) -> Self {
        self.proves = Proves::Always;
        self
    }

    /// Uses this HTTP client, which then has to keep within [`OAuthBuilder::reach`] when it looks
    /// names up.
    #[must_use]
    pub fn http_client(mut self, client: impl HttpClient) -> Self {
        self.http = Some(Arc::new(client));
        self
    }

    /// Lets the server lead this client to these addresses. Without this it is the public
    /// Internet, and this machine only if the server is on it (fault 89).
    #[must_use]
    pub fn reach(mut self, reach: Reach) -> Self {
        self.reach = Some(reach);
        self
    }

    /// The bounds on what is fetched and awaited: [`Limits::auth_document`],
    /// [`Limits::auth_timeout`], [`Limits::login_timeout`] and [`Limits::connect_timeout`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Authorization for the connections to one server.
    pub fn build(mut self) -> OAuth {
        self.store = Arc::new(Patient::new(self.store, self.limits.login_timeout));
        OAuth::new(self)
    }
}

/// Shows no secret.
impl fmt::Debug for OAuthBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthBuilder")
            .field("name", &self.name)
            .field("clients", &self.clients)
            .field("document", &self.document)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
