//! The endpoint: every request comes in here.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Buf;
use http::request::Parts;
use http::{Request, StatusCode};
use http_body::Body;
use mcp_core::Limits;
use mcp_core::engine::{IncomingRequest, Principal, ServerProfile};
use mcp_core::lifecycle::unsupported_version;
use mcp_core::model::InitializeParams;
use tower_service::Service;

use super::accept::Acceptable;
use super::address::ClientAddress;
use super::body::{self, Received, Unreadable};
use super::classify::{Route, classify};
use super::cors;
use super::fields::Fields;
use super::gate::{Gate, Wish, too_long};
use super::legacy::{HttpSse, LegacyEndpoint, SsePath};
use super::modern::{Modern, Started};
use super::options::HttpOptions;
use super::permit::Permit;
use super::reply::{self, HttpResponse, Refused};
use crate::driver::Handler;

/// A server behind one HTTP endpoint: a `tower` service, cheap to clone.
///
/// It looks at no path, but for those of the documents of [`Authenticate`](super::Authenticate) and
/// of [`HttpOptions::http_sse`], so that it can be mounted there as well: mount it where the endpoint
/// shall be.
pub struct HttpService<H>(Arc<Endpoint<H>>);

struct Endpoint<H> {
    handler: Arc<H>,
    profile: Arc<ServerProfile>,
    limits: Limits,
    options: HttpOptions,
    gate: Gate,
    legacy: Option<LegacyEndpoint<H>>,
    http_sse: Option<HttpSse<H>>,
}

impl<H: Handler> HttpService<H> {
    /// An endpoint whose requests `handler` answers.
    pub fn new(
        handler: Arc<H>,
        profile: Arc<ServerProfile>,
        limits: Limits,
        options: HttpOptions,
    ) -> Self {
        let legacy = LegacyEndpoint::new(&handler, &profile, &limits, &options);
        let http_sse = HttpSse::new(&handler, &profile, &limits, &options);
        let gate = Gate {
            hosts: options.hosts.clone().unwrap_or_default(),
            origins: options.origins.clone(),
            cors: options.cors.clone(),
            body: limits.body,
            sessions: legacy.as_ref().is_some_and(LegacyEndpoint::has_sessions),
        };
        Self(Arc::new(Endpoint {
            handler,
            profile,
            limits,
            options,
            gate,
            legacy,
            http_sse,
        }))
    }

    /// Answers one request. Where it came from is among its extensions, if that is known: a
    /// [`ClientAddress`].
    pub async fn respond<B>(&self, request: Request<B>) -> HttpResponse
    where
        B: Body,
        B::Data: Buf,
    {
        let (head, body) = request.into_parts();
        let address = head.extensions.get().copied();
        self.respond_to(address, &head, body).await
    }

    /// Answers one request from this address. What it becomes is moved about for every request, so
    /// that what is seldom part of it is boxed.
    pub(super) async fn respond_to<B>(
        &self,
        address: Option<ClientAddress>,
        head: &Parts,
        body: B,
    ) -> HttpResponse
    where
        B: Body,
        B::Data: Buf,
    {
        let path = head.uri.path();
        let answered = if let Some(document) = self.document(path) {
            self.0.gate.document(head, document)
        } else if let Some((sse, path)) = self.http_sse(path) {
            Box::pin(self.0.hear_or_speak(sse, path, head, body, address)).await
        } else {
            self.0.exchange(head, body, address).await
        };
        let mut response = answered.unwrap_or_else(|refused| *refused);
        if self.0.gate.cors.is_some() {
            cors::mark(&head.headers, &self.0.gate.origins, &mut response);
        }
        response
    }

    /// Whether there is something at a path beside the endpoint.
    pub(super) fn is_beside(&self, path: &str) -> bool {
        self.document(path).is_some() || self.http_sse(path).is_some()
    }

    fn http_sse(&self, path: &str) -> Option<(&HttpSse<H>, SsePath)> {
        let sse = self.0.http_sse.as_ref()?;
        Some((sse, sse.at(path)?))
    }

    /// What anybody may read at a path beside the endpoint.
    fn document(&self, path: &str) -> Option<String> {
        self.0.options.authenticate.as_ref()?.document(path)
    }

    pub(super) fn handler(&self) -> &Arc<H> {
        &self.0.handler
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(super) fn options(&self) -> &HttpOptions {
        &self.0.options
    }
}

impl<H: Handler> Endpoint<H> {
    /// Host, origin, method, media type, length, authentication, body, message: in this order.
    async fn exchange<B>(
        &self,
        head: &Parts,
        body: B,
        address: Option<ClientAddress>,
    ) -> Result<HttpResponse, Refused>
    where
        B: Body,
        B::Data: Buf,
    {
        let fields = Fields::of(&head.headers);
        let wish = self.gate.check(head, &fields)?;
        let principal = self.authenticate(head).await?;
        match wish {
            Wish::Post(accept) => {
                let body = self.read(body).await?;
                let from = (principal, address);
                let settled = match self.post(&fields, &body, accept, from)? {
                    Started::Done(response) => return Ok(response),
                    Started::Later(later) => return Ok(later.await),
                    Started::Settled(settled) => settled,
                };
                Ok(settled.answer(self.profile.encoder(), body.into_buffer()))
            }
            Wish::Get => match &self.legacy {
                Some(legacy) => Box::pin(legacy.get(&fields, &principal)).await,
                None => Ok(reply::method_not_allowed("POST")),
            },
            Wish::Delete => match &self.legacy {
                Some(legacy) => legacy.delete(&fields, &principal),
                None => Ok(reply::method_not_allowed("POST")),
            },
        }
    }

    /// The same order at the paths of HTTP+SSE.
    async fn hear_or_speak<B>(
        &self,
        sse: &HttpSse<H>,
        path: SsePath,
        head: &Parts,
        body: B,
        address: Option<ClientAddress>,
    ) -> Result<HttpResponse, Refused>
    where
        B: Body,
        B::Data: Buf,
    {
        match path {
            SsePath::Events => self.gate.check_events(head)?,
            SsePath::Messages => self.gate.check_message(head)?,
        }
        let principal = self.authenticate(head).await?;
        if path == SsePath::Events {
            return sse.open(principal, address);
        }
        let body = self.read(body).await?;
        sse.post(&head.uri, &body, principal)
    }

    async fn authenticate(&self, head: &Parts) -> Result<Principal, Refused> {
        match &self.options.authenticate {
            None => Ok(Principal::ANONYMOUS),
            Some(authenticate) => {
                let principal = authenticate.authenticate(head).await;
                principal.map_err(|challenge| Box::new(challenge.into_response(None)))
            }
        }
    }

    async fn read<B>(&self, body: B) -> Result<Received, Refused>
    where
        B: Body,
        B::Data: Buf,
    {
        let read = body::read(body, self.limits.body, self.limits.body_timeout).await;
        read.map_err(|unreadable| match unreadable {
            Unreadable::TooLong => too_long(self.limits.body),
            Unreadable::TooSlow => reply::refusal(
                StatusCode::REQUEST_TIMEOUT,
                "the body did not come in time (limit `body_timeout`)",
            ),
            Unreadable::Broken => reply::refusal(StatusCode::BAD_REQUEST, "the body is broken"),
        })
    }

    fn post<'s>(
        &'s self,
        fields: &'s Fields<'_>,
        body: &'s [u8],
        accept: Acceptable,
        (principal, address): (Principal, Option<ClientAddress>),
    ) -> Result<Started<'s>, Refused> {
        let done = match classify(fields, body, self.limits.batch, self.legacy.is_some()) {
            Route::Modern(request) => {
                return Ok(self.modern(accept).start(fields, request, principal));
            }
            Route::Notification => reply::empty(StatusCode::ACCEPTED),
            Route::Refused(status, malformed) => {
                reply::error(status, malformed.id.as_ref(), &malformed.error)
            }
            Route::Initialize(request) => match &self.legacy {
                Some(legacy) => {
                    let begun = legacy.initialize(fields, body, accept, principal, address);
                    return Ok(Started::Later(Box::pin(async {
                        begun.await.unwrap_or_else(|refused| *refused)
                    })));
                }
                None => self.refuse_handshake(&request),
            },
            Route::Legacy(message) => match &self.legacy {
                Some(legacy) => {
                    let permit = self.permit(&principal);
                    match permit.refuse(&message, body, self.limits.batch) {
                        Some(refusal) => refusal,
                        None => {
                            let posted = legacy.post(fields, &message, body, accept, principal)?;
                            return Ok(posted.into());
                        }
                    }
                }
                None => reply::empty(StatusCode::BAD_REQUEST),
            },
        };
        Ok(Started::Done(done))
    }

    /// A server without the handshake says what it serves instead (VER-M-06).
    fn refuse_handshake(&self, request: &IncomingRequest<'_>) -> HttpResponse {
        let asked = request.params.clone().and_then(|params| params.parse());
        let error = asked.map_or_else(
            |error| error,
            |asked: InitializeParams| {
                unsupported_version(asked.protocol_version.as_str(), self.profile.revisions())
            },
        );
        reply::error(StatusCode::BAD_REQUEST, Some(&request.id), &error)
    }

    fn permit<'a>(&'a self, principal: &'a Principal) -> Permit<'a, H> {
        Permit {
            handler: &*self.handler,
            authenticate: self.options.authenticate.as_ref(),
            principal,
        }
    }

    fn modern(&self, accept: Acceptable) -> Modern<'_, H> {
        Modern {
            handler: &self.handler,
            profile: &self.profile,
            limits: &self.limits,
            options: &self.options,
            accept,
        }
    }
}

impl<H> Clone for HttpService<H> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<H> fmt::Debug for HttpService<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpService")
            .field("options", &self.0.options)
            .finish_non_exhaustive()
    }
}

impl<H, B> Service<Request<B>> for HttpService<H>
where
    H: Handler,
    B: Body + Send + 'static,
    B::Data: Buf + Send,
{
    type Response = HttpResponse;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { Ok(service.respond(request).await) })
    }
}
