//! The authorization of one server's connections, as its requests see it.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};

use super::builder::OAuthBuilder;
use super::challenge::Asked;
use super::discovery::origin_of;
use super::error::AuthError;
use super::token::Tokens;
use super::work::Work;
use crate::auth::Fetcher;
use crate::http_client::{Authorize, Authorized, Challenged, Judged, Reach, Verdict, same_origin};

/// The proof that goes along with a token.
static DPOP: HeaderName = HeaderName::from_static("dpop");
/// Challenges in a row after which a nonce is not the trouble.
const NONCES: u32 = 3;

/// Gets tokens for one server, shows them to it and to nobody else, and gets others when they end
/// or do not suffice.
///
/// Everything is found out from the server's first refusal: who gives tokens for it, how this
/// client becomes known there, and what to ask for. Concurrent requests share one login and one
/// refresh. An `OAuth` belongs to the first server it is used with: to any other it shows nothing, and
/// when that one refuses, it is an error. A clone shares its tokens.
#[derive(Clone)]
pub struct OAuth(Arc<Inner>);

pub(super) struct Inner {
    pub(super) config: OAuthBuilder,
    server: OnceLock<Server>,
    /// What is shown with requests.
    current: Mutex<Option<Tokens>>,
    /// Held by who gets tokens, so that everybody else waits for the same ones.
    work: Arc<tokio::sync::Mutex<Work>>,
}

/// The server that tokens are for.
pub(super) struct Server {
    pub(super) uri: Uri,
    pub(super) fetcher: Fetcher,
}

impl OAuth {
    pub(super) fn new(config: OAuthBuilder) -> Self {
        Self(Arc::new(Inner {
            config,
            server: OnceLock::new(),
            current: Mutex::default(),
            work: Arc::default(),
        }))
    }
}

/// Shows no token.
impl fmt::Debug for OAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth")
            .field(
                "server",
                &self.0.server.get().map(|server| origin_of(&server.uri)),
            )
            .field("authorized", &self.0.current().is_some())
            .finish_non_exhaustive()
    }
}

impl Authorize for OAuth {
    fn authorize<'a>(&'a self, request: &'a Parts) -> Authorized<'a> {
        Box::pin(async {
            let mut headers = HeaderMap::new();
            if self.0.server(&request.uri).is_none() {
                return Ok(headers);
            }
            if let Some(tokens) = self.0.fresh().await {
                headers.insert(AUTHORIZATION, tokens.shown());
                if let Some(prover) = &tokens.prover {
                    let token = tokens.access.expose();
                    let proof = prover.proof(&request.method, &request.uri, Some(token))?;
                    let proof = HeaderValue::try_from(proof);
                    headers.insert(DPOP.clone(), proof.expect("a token fits into a header"));
                }
            }
            Ok(headers)
        })
    }

    fn challenged<'a>(&'a self, challenge: Challenged<'a>) -> Judged<'a> {
        Box::pin(async move { Ok(self.0.judge(&challenge).await?) })
    }
}

impl Inner {
    /// The server, if a URL is on it. Whoever comes first says which one it is.
    fn server(&self, uri: &Uri) -> Option<&Server> {
        let server = self.server.get_or_init(|| self.at(uri));
        same_origin(&server.uri, uri).then_some(server)
    }

    fn at(&self, uri: &Uri) -> Server {
        let config = &self.config;
        let reach = config.reach.unwrap_or_else(|| Reach::of_server(uri));
        let fetcher = match &config.http {
            Some(client) => Fetcher::with(Arc::clone(client), &config.limits).reaching(reach),
            None => Fetcher::within(reach, &config.limits),
        };
        Server {
            uri: uri.clone(),
            fetcher,
        }
    }

    pub(super) fn current(&self) -> Option<Tokens> {
        let current = self.current.lock();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn show(&self, tokens: Option<Tokens>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = tokens;
    }

    /// The tokens to show, renewed when it is time for that. Those that cannot be renewed are
    /// shown as they are: the server says what it thinks of them.
    async fn fresh(self: &Arc<Self>) -> Option<Tokens> {
        let tokens = self.current()?;
        if tokens.is_fresh() {
            return Some(tokens);
        }
        let mut work = Arc::clone(&self.work).lock_owned().await;
        let now = self.current()?;
        if now.is_fresh() || work.rests() {
            return Some(now);
        }
        let inner = Arc::clone(self);
        // A refresh that has begun is brought to its end, or its new refresh token would be lost
        // with a caller who does not wait.
        let renewing = tokio::spawn(async move {
            let server = inner.server.get()?;
            match work.renew(&inner, &server.fetcher, &now).await {
                Ok(true) => {}
                Ok(false) => work.rest(),
                Err(error) => {
                    tracing::warn!(%error, "the token could not be renewed");
                    work.rest();
                }
            }
            inner.current()
        });
        renewing.await.ok().flatten()
    }

    /// What becomes of a request that was refused.
    async fn judge(self: &Arc<Self>, refused: &Challenged<'_>) -> Result<Verdict, AuthError> {
        let Some(server) = self.server(refused.uri) else {
            let server = self.server.get().map(|server| origin_of(&server.uri));
            return Err(AuthError::OtherServer(server.unwrap_or_default()));
        };
        let asked = Asked::read(refused.headers);
        let shown = refused.shown.get(AUTHORIZATION);
        let prover = self.current().and_then(|tokens| tokens.prover);
        if let (Some(prover), Some(nonce)) = (prover, &asked.nonce) {
            prover.learn(&origin_of(refused.uri), nonce);
            if asked.says("use_dpop_nonce") && refused.attempt < NONCES {
                return Ok(Verdict::Retry);
            }
        }
        let mut work = self.work.lock().await;
        if let Some(tokens) = self.current()
            && shown != Some(&tokens.shown())
        {
            // Somebody else got others meanwhile.
            return Ok(Verdict::Retry);
        }
        let lacks_scopes = shown.is_some() && asked.says("insufficient_scope");
        match refused.status {
            _ if lacks_scopes => work.step_up(self, server, &asked).await,
            StatusCode::UNAUTHORIZED => work.log_in(self, server, &asked).await,
            _ => Ok(Verdict::GiveUp),
        }
    }
}
