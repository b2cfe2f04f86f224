//! Getting tokens: what happens after a refusal, in order.

use std::time::Duration;

use mcp_core::engine::Scopes;
use tokio::time::Instant;

use super::challenge::Asked;
use super::discovery::{self, Found};
use super::error::AuthError;
use super::grant::Grant;
use super::oauth::{Inner, Server};
use super::scopes::Choice;
use super::store::CredentialKey;
use super::stored;
use super::token::Tokens;
use crate::auth::Fetcher;
use crate::auth::metadata::AuthorizationServer;
use crate::http_client::Verdict;

/// Step-ups that ask for nothing new before they are given up: a user may have left something out
/// the first time (fault 95).
const IN_VAIN: u32 = 1;
/// How long a renewal that came to nothing is not tried again unasked.
const REST: Duration = Duration::from_secs(5);

/// What is known of the server and of who gives tokens for it.
#[derive(Default)]
pub(super) struct Work {
    pub(super) found: Option<Found>,
    /// The client that the current tokens were given to.
    pub(super) client: Option<super::Registration>,
    pub(super) prover: Option<std::sync::Arc<super::dpop::Prover>>,
    /// The authorization server that clients without a named one belong to.
    pub(super) first_issuer: Option<String>,
    /// What was asked for so far.
    pub(super) asked: Scopes,
    in_vain: u32,
    /// When a renewal that came to nothing may be tried again.
    rests_until: Option<Instant>,
}

impl Work {
    /// After a 401: finds out who gives tokens (it may be another one than before), and gets some.
    ///
    /// # Errors
    /// [`AuthError`].
    pub(super) async fn log_in(
        &mut self,
        inner: &Inner,
        server: &Server,
        asked: &Asked,
    ) -> Result<Verdict, AuthError> {
        let found = self.discover(inner, server, asked).await?;
        let rejected = self.turn_to(inner, server, found);
        if self.resume(inner, server, rejected).await? {
            return Ok(Verdict::Retry);
        }
        self.ask(inner, server, asked.scopes.as_ref()).await?;
        Ok(Verdict::Retry)
    }

    /// After a 403 that says which scopes are missing: asks for them, and for all that was asked
    /// for before (AUTH-C-09).
    ///
    /// # Errors
    /// [`AuthError`].
    pub(super) async fn step_up(
        &mut self,
        inner: &Inner,
        server: &Server,
        asked: &Asked,
    ) -> Result<Verdict, AuthError> {
        let Some(challenged) = &asked.scopes else {
            return Ok(Verdict::GiveUp);
        };
        if self.asked.contains_all(challenged) {
            self.in_vain += 1;
            if self.in_vain > IN_VAIN {
                return Ok(Verdict::GiveUp);
            }
        } else {
            self.in_vain = 0;
        }
        if self.found.is_none() {
            self.found = Some(self.discover(inner, server, asked).await?);
        }
        self.ask(inner, server, Some(challenged)).await?;
        Ok(Verdict::Retry)
    }

    /// Whether a token was not to be renewed a moment ago: requests that wait for their turn must
    /// not all find that out for themselves.
    pub(super) fn rests(&self) -> bool {
        self.rests_until.is_some_and(|until| Instant::now() < until)
    }

    /// Lets some time pass before a token is renewed unasked again.
    pub(super) fn rest(&mut self) {
        self.rests_until = Some(Instant::now() + REST);
    }

    /// Gets other tokens without a user, in place of `old`. Whether that was possible.
    ///
    /// # Errors
    /// [`AuthError`], when it may be possible later.
    pub(super) async fn renew(
        &mut self,
        inner: &Inner,
        fetcher: &Fetcher,
        old: &Tokens,
    ) -> Result<bool, AuthError> {
        let Some(found) = self.found.clone() else {
            return Ok(false);
        };
        match self.refreshed(inner, fetcher, &found, old).await {
            Ok(Some(tokens)) => {
                self.adopt(inner, tokens).await;
                Ok(true)
            }
            Ok(None) => Ok(false),
            // It is over for good; what remains is to ask anew.
            Err(AuthError::Token { answer, .. }) => {
                tracing::info!(%answer, "the refresh token is not taken any more");
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Goes on with what is kept from before, or with the refresh token of what was `rejected`.
    async fn resume(
        &mut self,
        inner: &Inner,
        server: &Server,
        rejected: Option<Tokens>,
    ) -> Result<bool, AuthError> {
        let old = match rejected {
            Some(rejected) => rejected,
            None => {
                let store = &*inner.config.store;
                let Some(kept) = stored::load_tokens(store, &self.key(server)).await else {
                    return Ok(false);
                };
                self.asked = kept.asked.clone();
                self.prover = kept.prover.clone();
                if kept.is_fresh() {
                    inner.show(Some(kept));
                    return Ok(true);
                }
                kept
            }
        };
        // Without a user, another token is had in the same way as the first.
        let logs_in = matches!(inner.config.grant, Grant::Login(_));
        if logs_in && self.renew(inner, &server.fetcher, &old).await? {
            return Ok(true);
        }
        stored::remove(&*inner.config.store, &self.key(server)).await;
        Ok(false)
    }

    /// Asks for tokens, with a user where the grant has one.
    async fn ask(
        &mut self,
        inner: &Inner,
        server: &Server,
        challenged: Option<&Scopes>,
    ) -> Result<(), AuthError> {
        let found = self.found.clone().ok_or(AuthError::NoIssuer)?;
        const NONE: &Scopes = &Scopes::NONE;
        let resource = found.resource.as_ref();
        let scopes = Choice {
            before: &self.asked,
            wanted: &inner.config.scopes,
            challenged,
            of_resource: resource.map_or(NONE, |resource| &resource.scopes_supported),
            of_issuer: found.issuer.scopes_supported.as_deref(),
        };
        let scopes = scopes.made()?;
        tracing::info!(issuer = found.issuer.issuer, %scopes, "asking for a token");
        let tokens = self.granted(inner, &server.fetcher, &found, scopes).await?;
        self.adopt(inner, tokens).await;
        Ok(())
    }

    async fn adopt(&mut self, inner: &Inner, tokens: Tokens) {
        self.asked = tokens.asked.clone();
        if let Some(found) = &self.found {
            let resource = resource_of(found);
            let key = CredentialKey::new(&found.issuer.issuer, Some(resource));
            stored::save_tokens(&*inner.config.store, &key, &tokens).await;
        }
        inner.show(Some(tokens));
    }

    /// Where the current tokens are kept.
    fn key(&self, server: &Server) -> CredentialKey {
        let found = self.found.as_ref();
        let issuer = found.map_or("", |found| &found.issuer.issuer);
        let resource = found.map_or_else(|| server.uri.to_string(), resource_of);
        CredentialKey::new(issuer, Some(resource))
    }

    /// Takes note of who gives tokens. When that is somebody else than before, nothing that was
    /// had before is used again (AUTH-C-05). Returns the tokens that were not good enough.
    fn turn_to(&mut self, inner: &Inner, server: &Server, found: Found) -> Option<Tokens> {
        let before = self.found.is_some().then(|| self.key(server));
        self.found = Some(found);
        let rejected = inner.current();
        inner.show(None);
        if before.is_some_and(|before| before == self.key(server)) {
            return rejected;
        }
        self.client = None;
        self.prover = None;
        self.asked = Scopes::NONE;
        self.in_vain = 0;
        None
    }

    async fn discover(
        &self,
        inner: &Inner,
        server: &Server,
        asked: &Asked,
    ) -> Result<Found, AuthError> {
        let (fetcher, uri) = (&server.fetcher, &server.uri);
        let resource = discovery::resource(fetcher, uri, asked.metadata.as_deref()).await?;
        let issuer: AuthorizationServer = match &resource {
            Some(resource) => {
                let offered = &resource.authorization_servers;
                let known = |issuer: &&String| {
                    let clients = &inner.config.clients;
                    clients
                        .iter()
                        .any(|client| client.issuer.as_ref() == Some(issuer))
                };
                let chosen = offered.iter().find(known).or(offered.first());
                discovery::issuer(fetcher, chosen.ok_or(AuthError::NoIssuer)?).await?
            }
            None => discovery::own_issuer(fetcher, uri).await?,
        };
        Ok(Found { resource, issuer })
    }
}

/// What tokens are kept under: the resource, or of a server without one its host.
fn resource_of(found: &Found) -> String {
    match &found.resource {
        Some(resource) => resource.resource.clone(),
        None => found.issuer.issuer.clone(),
    }
}
