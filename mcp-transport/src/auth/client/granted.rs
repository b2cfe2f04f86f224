//! Each grant's way to a token.

use std::sync::Arc;

use mcp_core::engine::Scopes;

use super::Registration;
use super::builder::Proves;
use super::discovery::Found;
use super::dpop::Prover;
use super::error::AuthError;
use super::grant::{Grant, IdentityProvider};
use super::oauth::Inner;
use super::page::LoginPage;
use super::random;
use super::registration::register;
use super::scopes::OFFLINE;
use super::sign::SigningKey;
use super::store::CredentialKey;
use super::stored;
use super::token::{TokenEndpoint, Tokens, form};
use super::user::UserAgent;
use super::work::Work;
use crate::auth::Fetcher;
use crate::auth::metadata::AuthorizationServer;

/// The grant of an assertion (RFC 7523).
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// The grant of one token for another (RFC 8693).
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// What an identity provider vouches with.
const ID_JAG: &str = "urn:ietf:params:oauth:token-type:id-jag";
/// What a user got by logging in to an identity provider.
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";

impl Work {
    /// Tokens with these scopes, by the grant that was configured.
    pub(super) async fn granted(
        &mut self,
        inner: &Inner,
        fetcher: &Fetcher,
        found: &Found,
        scopes: Scopes,
    ) -> Result<Tokens, AuthError> {
        let asked = text(&scopes);
        let resource = resource(found);
        self.prove(inner, found)?;
        let form = match &inner.config.grant {
            Grant::Login(user) => {
                return self.logged_in(inner, fetcher, found, scopes, &**user).await;
            }
            Grant::ClientCredentials => form(&[
                ("grant_type", Some("client_credentials")),
                ("scope", asked.as_deref()),
                ("resource", resource),
            ]),
            Grant::Enterprise(provider) => {
                let vouched = vouched(fetcher, provider, found, asked.as_deref()).await?;
                form(&[
                    ("grant_type", Some(JWT_BEARER)),
                    ("assertion", Some(vouched.expose())),
                    ("scope", asked.as_deref()),
                    ("resource", resource),
                ])
            }
            Grant::Workload(identity) => {
                let assertion = identity.assertion(&found.issuer.issuer).await;
                let assertion = assertion.map_err(AuthError::Assertion)?;
                form(&[
                    ("grant_type", Some(JWT_BEARER)),
                    ("assertion", Some(assertion.expose())),
                    ("scope", asked.as_deref()),
                    ("resource", resource),
                ])
            }
        };
        let client = self.configured(inner, &found.issuer);
        let client = client.ok_or_else(|| AuthError::NoClient(found.issuer.issuer.clone()))?;
        self.endpoint(fetcher, found, &client)
            .tokens(form, scopes)
            .await
    }

    /// Tokens in place of `old`, if they can be had without a user.
    pub(super) async fn refreshed(
        &mut self,
        inner: &Inner,
        fetcher: &Fetcher,
        found: &Found,
        old: &Tokens,
    ) -> Result<Option<Tokens>, AuthError> {
        let Grant::Login(_) = &inner.config.grant else {
            let scopes = old.asked.clone();
            return self.granted(inner, fetcher, found, scopes).await.map(Some);
        };
        let Some(refresh) = &old.refresh else {
            return Ok(None);
        };
        let client = match &self.client {
            Some(client) => Some(client.clone()),
            None => self.known_client(inner, &found.issuer).await,
        };
        let Some(client) = client else {
            return Ok(None);
        };
        let form = form(&[
            ("grant_type", Some("refresh_token")),
            ("refresh_token", Some(refresh.expose())),
            ("resource", resource(found)),
        ]);
        let endpoint = self.endpoint(fetcher, found, &client);
        let mut tokens = endpoint.tokens(form, old.asked.clone()).await?;
        // One that is not replaced goes on to count.
        tokens.refresh = tokens.refresh.or_else(|| old.refresh.clone());
        self.client = Some(client);
        Ok(Some(tokens))
    }

    /// Has the user log in (AUTH-C-06 to AUTH-C-08).
    async fn logged_in(
        &mut self,
        inner: &Inner,
        fetcher: &Fetcher,
        found: &Found,
        scopes: Scopes,
        user: &dyn UserAgent,
    ) -> Result<Tokens, AuthError> {
        let endpoint = login_endpoint(&found.issuer)?;
        let login = user.ready().await.map_err(AuthError::User)?;
        let redirect_uri = login.redirect_uri().to_owned();
        let client = self
            .client(inner, fetcher, &found.issuer, &redirect_uri)
            .await?;
        let verifier = random::text()?;
        let challenge = random::challenge(&verifier);
        let asked = text(&scopes);
        let bound = self.prover.as_ref().map(|prover| prover.thumbprint());
        let mut members = vec![
            ("response_type", "code"),
            ("client_id", &*client.client_id),
            ("code_challenge", &*challenge),
            ("code_challenge_method", "S256"),
        ];
        members.extend(asked.as_deref().map(|scope| ("scope", scope)));
        members.extend(resource(found).map(|resource| ("resource", resource)));
        members.extend(bound.as_deref().map(|bound| ("dpop_jkt", bound)));
        if scopes.contains(OFFLINE) {
            // OpenID Connect gives no lasting login without asking for it each time.
            members.push(("prompt", "consent"));
        }
        let page = LoginPage::new(endpoint, &redirect_uri, random::text()?, &members)?;
        let patience = inner.config.limits.login_timeout;
        let answer = tokio::time::timeout(patience, login.visit(page.clone())).await;
        let answer = answer.map_err(|_| AuthError::Late(patience))?;
        let code = page.code(&answer.map_err(AuthError::User)?, &found.issuer)?;
        let form = form(&[
            ("grant_type", Some("authorization_code")),
            ("code", Some(&code)),
            ("redirect_uri", Some(&redirect_uri)),
            ("code_verifier", Some(&verifier)),
            ("resource", resource(found)),
        ]);
        let tokens = self
            .endpoint(fetcher, found, &client)
            .tokens(form, scopes)
            .await;
        if let Err(AuthError::Token { answer, .. }) = &tokens
            && answer.code == "invalid_client"
        {
            // It was forgotten there; the next login registers anew.
            let key = CredentialKey::new(&found.issuer.issuer, None);
            stored::remove(&*inner.config.store, &key).await;
        }
        self.client = Some(client);
        tokens
    }

    /// Who this client is to an authorization server, in the order of AUTH-C-04.
    async fn client(
        &mut self,
        inner: &Inner,
        fetcher: &Fetcher,
        issuer: &AuthorizationServer,
        redirect_uri: &str,
    ) -> Result<Registration, AuthError> {
        if let Some(client) = self.configured(inner, issuer) {
            return Ok(client);
        }
        if let Some(client) = documented(inner, issuer) {
            return Ok(client);
        }
        let Some(endpoint) = &issuer.registration_endpoint else {
            return Err(AuthError::NoClient(issuer.issuer.clone()));
        };
        let store = &*inner.config.store;
        let key = CredentialKey::new(&issuer.issuer, None);
        if let Some(client) = stored::load_client(store, &key, Some(redirect_uri)).await {
            return Ok(client);
        }
        let name = &inner.config.name;
        let client = register(fetcher, issuer, endpoint, name, redirect_uri).await?;
        stored::save_client(store, &key, &client).await;
        Ok(client)
    }

    /// Who this client was to an authorization server in a run before this one.
    async fn known_client(
        &mut self,
        inner: &Inner,
        issuer: &AuthorizationServer,
    ) -> Option<Registration> {
        if let Some(client) = self
            .configured(inner, issuer)
            .or_else(|| documented(inner, issuer))
        {
            return Some(client);
        }
        let key = CredentialKey::new(&issuer.issuer, None);
        stored::load_client(&*inner.config.store, &key, None).await
    }

    /// The client that was configured for an authorization server, and for no other (fault 93).
    fn configured(&mut self, inner: &Inner, issuer: &AuthorizationServer) -> Option<Registration> {
        let clients = &inner.config.clients;
        let named = clients
            .iter()
            .find(|client| client.issuer.as_ref() == Some(&issuer.issuer));
        let found = named.or_else(|| {
            let first = self
                .first_issuer
                .get_or_insert_with(|| issuer.issuer.clone());
            let here = *first == issuer.issuer;
            clients
                .iter()
                .find(|client| here && client.issuer.is_none())
        });
        found.cloned()
    }

    /// Makes a key where tokens are to be bound to one.
    fn prove(&mut self, inner: &Inner, found: &Found) -> Result<(), AuthError> {
        let resource = found.resource.as_ref();
        let required = resource.and_then(|resource| resource.dpop_bound_access_tokens_required);
        let wanted = inner.config.proves == Proves::Always || required == Some(true);
        if wanted && self.prover.is_none() {
            self.prover = Some(Arc::new(Prover::new(SigningKey::generate()?)));
        }
        Ok(())
    }

    fn endpoint<'a>(
        &'a self,
        fetcher: &'a Fetcher,
        found: &'a Found,
        client: &'a Registration,
    ) -> TokenEndpoint<'a> {
        TokenEndpoint {
            fetcher,
            issuer: &found.issuer,
            client,
            prover: self.prover.as_ref(),
        }
    }
}

/// The client that a document describes, where such are taken.
fn documented(inner: &Inner, issuer: &AuthorizationServer) -> Option<Registration> {
    let document = inner.config.document.as_ref();
    document
        .filter(|_| issuer.client_id_metadata_document_supported)
        .map(Registration::new)
}

/// Where users log in, if it is with PKCE (fault 92).
fn login_endpoint(issuer: &AuthorizationServer) -> Result<&str, AuthError> {
    let unsuitable = |why| AuthError::Unsuitable {
        issuer: issuer.issuer.clone(),
        why,
    };
    let methods = issuer.code_challenge_methods_supported.iter().flatten();
    if !methods.into_iter().any(|method| method == "S256") {
        return Err(unsuitable("it does not say that it knows PKCE with S256"));
    }
    let endpoint = issuer.authorization_endpoint.as_deref();
    endpoint.ok_or_else(|| unsuitable("it has no `authorization_endpoint`"))
}

/// Has an identity provider vouch for its user (AUTH-X-02).
async fn vouched(
    fetcher: &Fetcher,
    provider: &IdentityProvider,
    found: &Found,
    scopes: Option<&str>,
) -> Result<crate::auth::Secret<String>, AuthError> {
    let id_token = provider.id_tokens.assertion(&provider.token_endpoint).await;
    let id_token = id_token.map_err(AuthError::Assertion)?;
    let form = form(&[
        ("grant_type", Some(EXCHANGE)),
        ("requested_token_type", Some(ID_JAG)),
        ("audience", Some(&found.issuer.issuer)),
        ("resource", resource(found)),
        ("scope", scopes),
        ("subject_token", Some(id_token.expose())),
        ("subject_token_type", Some(ID_TOKEN)),
    ]);
    let issuer = AuthorizationServer {
        token_endpoint: Some(provider.token_endpoint.clone()),
        ..AuthorizationServer::named(provider.token_endpoint.clone())
    };
    let endpoint = TokenEndpoint {
        fetcher,
        issuer: &issuer,
        client: &provider.client,
        prover: None,
    };
    endpoint.exchanged(form, ID_JAG).await
}

fn resource(found: &Found) -> Option<&str> {
    found.resource.as_ref().map(|resource| &*resource.resource)
}

fn text(scopes: &Scopes) -> Option<String> {
    (!scopes.is_empty()).then(|| scopes.to_string())
}
