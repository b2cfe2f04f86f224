//! A protected resource (§24 AUTH-S): who may come is what an authorization server says.
//!
//! [`ResourceServer`] verifies the tokens of one issuer and tells clients where to get them.
//! [`StaticKeys`] are for deployments without an issuer, [`TokenVerifier`] is the seam for
//! anything else.

mod authenticate;
mod cache;
mod claims;
mod credentials;
mod dpop;
mod issuer;
mod static_keys;
mod token;
mod verify;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use http::Uri;
use mcp_core::Limits;
use mcp_core::engine::Scopes;
use tokio::sync::Semaphore;

use self::authenticate::Memory;
use self::claims::Rules;
pub use self::dpop::Dpop;
use self::dpop::Proofs;
use self::issuer::Issuer;
pub use self::static_keys::{StaticKeys, WeakKey};
pub use self::token::{PresentedToken, TokenVerifier, Unverified, Verified, Verifying};
use self::verify::Introspection;
use super::jwk::Algorithm;
pub use super::metadata::InvalidUrl;
use super::metadata::{
    ProtectedResource, issuer_url, resource_metadata_paths, resource_metadata_url, resource_url,
};
use super::{Fetcher, Secret};
use crate::http_client::HttpClient;

/// How far the clocks of an issuer and this server may be apart.
const LEEWAY: Duration = Duration::from_secs(30);
/// For how long the answer to a question about a token is kept.
const KEEP_INTROSPECTED: Duration = Duration::from_secs(30);

/// Lets in who presents a token that an authorization server issued for this server (AUTH-S-03).
///
/// It serves the metadata by which clients find that server, challenges who has no token, and
/// verifies those who have one: signed tokens with the keys of the issuer, which it finds by
/// itself, and others by [`ResourceServer::introspection`].
///
/// ```
/// use mcp_transport::auth::resource::ResourceServer;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let auth = ResourceServer::new("https://login.example.com", "https://shop.example.com/mcp")?
///     .scopes(["orders:read", "orders:write"])
///     .implies("orders:write", ["orders:read"]);
/// # let _ = auth;
/// # Ok(())
/// # }
/// ```
pub struct ResourceServer {
    resource: Uri,
    metadata: ProtectedResource,
    metadata_paths: Vec<String>,
    metadata_url: String,
    scopes: Scopes,
    required: Scopes,
    dpop: Dpop,
    algorithms: Vec<Algorithm>,
    rules: Rules,
    issuer: Arc<Issuer>,
    introspection: Option<Introspection>,
    verifier: Option<Box<dyn TokenVerifier>>,
    client: Option<Arc<dyn HttpClient>>,
    /// Made when it is first needed, from the client and the limits as they are then.
    fetcher: OnceLock<Fetcher>,
    proofs: Proofs,
    memory: Mutex<Memory>,
    limits: Limits,
}

impl ResourceServer {
    /// A server at the URL `resource` that takes the tokens of `issuer`. Both as clients and
    /// tokens name them: the issuer is compared as a text, and so is the resource with what a
    /// token was issued for.
    ///
    /// # Errors
    /// [`InvalidUrl`] when one of them cannot stand for what it is.
    pub fn new(issuer: impl Into<String>, resource: impl Into<String>) -> Result<Self, InvalidUrl> {
        let (issuer, resource) = (issuer.into(), resource.into());
        let issuer_uri = issuer_url(&issuer)?;
        let uri = resource_url(&resource)?;
        let limits = Limits::default();
        Ok(Self {
            metadata: ProtectedResource {
                resource: resource.clone(),
                authorization_servers: vec![issuer.clone()],
                bearer_methods_supported: vec!["header".to_owned()],
                ..ProtectedResource::default()
            },
            metadata_paths: resource_metadata_paths(&uri),
            metadata_url: resource_metadata_url(&uri),
            scopes: Scopes::NONE,
            required: Scopes::NONE,
            dpop: Dpop::default(),
            algorithms: Algorithm::ALL.to_vec(),
            rules: Rules {
                issuer: issuer.clone(),
                audiences: vec![resource],
                leeway: LEEWAY,
                implied: Vec::new(),
            },
            issuer: Arc::new(Issuer::new(issuer, issuer_uri)),
            introspection: None,
            verifier: None,
            client: None,
            fetcher: OnceLock::new(),
            proofs: Proofs::new(&uri, limits.dpop_proofs),
            memory: Mutex::new(Memory::new(limits.tokens)),
            limits,
            resource: uri,
        })
    }

    /// The scopes there are, for clients that ask for all of them (AUTH-C-09). Which of them a
    /// tool needs stands on the tool.
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item: AsRef<str>>) -> Self {
        self.scopes.extend(scopes);
        self
    }

    /// The scopes without which nothing may be asked at all, and for which clients are told to
    /// ask first. None by default: then they are told of all scopes there are.
    #[must_use]
    pub fn requires(mut self, scopes: impl IntoIterator<Item: AsRef<str>>) -> Self {
        self.required.extend(scopes);
        self
    }

    /// Who was granted `scope` was granted `others`, too (AUTH-S-04).
    #[must_use]
    pub fn implies(
        mut self,
        scope: impl Into<Box<str>>,
        others: impl IntoIterator<Item: AsRef<str>>,
    ) -> Self {
        let others = others.into_iter().collect();
        self.rules.implied.push((scope.into(), others));
        self
    }

    /// Takes tokens that were issued for this audience as well: for an issuer that knows the
    /// server by another name than its URL.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.rules.audiences.push(audience.into());
        self
    }

    /// The algorithms that tokens and proofs may be signed with; all of [`Algorithm::ALL`] by
    /// default.
    #[must_use]
    pub fn algorithms(mut self, algorithms: &[Algorithm]) -> Self {
        self.algorithms = algorithms.to_vec();
        self
    }

    /// How far the clocks of the issuer and this server may be apart; 30 seconds by default.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.rules.leeway = leeway;
        self
    }

    /// Asks the issuer about tokens that are not signed (RFC 7662), as the client that it knows by
    /// these credentials. An answer is kept for 30 seconds: a token that was revoked is taken for
    /// as long.
    #[must_use]
    pub fn introspection(
        mut self,
        client_id: impl Into<String>,
        secret: impl Into<Secret<String>>,
    ) -> Self {
        self.introspection = Some(Introspection {
            client_id: client_id.into(),
            secret: secret.into(),
            keep: KEEP_INTROSPECTED,
            room: Semaphore::new(self.limits.introspections),
        });
        self
    }

    /// Lets `verifier` tell what tokens are worth, instead of their signature or their issuer.
    #[must_use]
    pub fn verifier(mut self, verifier: impl TokenVerifier) -> Self {
        self.verifier = Some(Box::new(verifier));
        self
    }

    /// Whether tokens have to be bound to a key. One that is bound is never taken without a proof.
    #[must_use]
    pub fn dpop(mut self, dpop: Dpop) -> Self {
        self.dpop = dpop;
        self
    }

    /// What the server is called, in its metadata.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.metadata.resource_name = Some(name.into());
        self
    }

    /// Where people read about the server, in its metadata.
    #[must_use]
    pub fn documentation(mut self, url: impl Into<String>) -> Self {
        self.metadata.resource_documentation = Some(url.into());
        self
    }

    /// What fetches the documents and keys of the issuer.
    #[must_use]
    pub fn http_client(mut self, client: impl HttpClient) -> Self {
        self.client = Some(Arc::new(client));
        self
    }

    /// The bounds on what is fetched and remembered: [`Limits::credentials`], [`Limits::tokens`],
    /// [`Limits::dpop_proofs`], [`Limits::introspections`], [`Limits::auth_document`] and
    /// [`Limits::auth_timeout`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.proofs = Proofs::new(&self.resource, limits.dpop_proofs);
        self.memory = Mutex::new(Memory::new(limits.tokens));
        if let Some(introspection) = &mut self.introspection {
            introspection.room = Semaphore::new(limits.introspections);
        }
        self.limits = limits;
        self
    }

    /// The metadata of the resource (RFC 9728), as JSON.
    fn metadata(&self) -> String {
        let mut metadata = self.metadata.clone();
        metadata.scopes_supported = self.scopes.clone();
        metadata.dpop_signing_alg_values_supported = self
            .algorithms
            .iter()
            .map(|known| known.name().to_owned())
            .collect();
        metadata.dpop_bound_access_tokens_required = (self.dpop == Dpop::Required).then_some(true);
        serde_json::to_string(&metadata).expect("texts and lists are JSON")
    }

    fn fetcher(&self) -> &Fetcher {
        self.fetcher.get_or_init(|| match &self.client {
            Some(client) => Fetcher::with(Arc::clone(client), &self.limits),
            None => Fetcher::new(&self.limits),
        })
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ResourceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceServer")
            .field("resource", &self.metadata.resource)
            .field("issuer", &self.issuer.name)
            .field("scopes", &self.scopes)
            .field("introspection", &self.introspection)
            .finish_non_exhaustive()
    }
}
