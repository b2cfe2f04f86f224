//! A modern exchange (§11): one POST, a straight line of pure calls in the request's own future.
//!
//! There is no engine and no table behind it. A handler that is not ready at once lives
//! in the future of the answer, and in a task beside its body once the answer is a stream. It goes
//! when they go: a client that closes the connection cancels its request (HTTP-M-33).

mod listen;
mod mirror;
mod running;
mod settled;

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::SystemTime;

use bytes::Bytes;
use http::StatusCode;
use mcp_core::Limits;
use mcp_core::engine::{IncomingRequest, Opened, Principal, ServerProfile, Subscription, open};
use mcp_core::lifecycle::Params;

use self::listen::ListenStream;
use self::running::{Running, Step};
pub(super) use self::settled::Settled;
use super::accept::Acceptable;
use super::expiry::Expiry;
use super::fields::Fields;
use super::keep_alive::KeepAlive;
use super::options::HttpOptions;
use super::permit::Permit;
use super::reply::{self, Answering, HttpResponse};
use crate::driver::{Dispatch, Handler, Noted};

/// How far a request got without waiting.
pub(super) enum Started<'a> {
    /// To its answer.
    Done(HttpResponse),
    /// To what its answer says.
    Settled(Settled),
    /// To what has to be waited for.
    Later(Pin<Box<dyn Future<Output = HttpResponse> + Send + 'a>>),
}

impl<'a> From<Answering<'a>> for Started<'a> {
    fn from(answering: Answering<'a>) -> Self {
        match answering {
            Answering::Done(response) => Self::Done(response),
            Answering::Later(future) => Self::Later(future),
        }
    }
}

/// What a modern exchange needs of its server.
pub(super) struct Modern<'a, H> {
    pub(super) handler: &'a Arc<H>,
    pub(super) profile: &'a Arc<ServerProfile>,
    pub(super) limits: &'a Limits,
    pub(super) options: &'a HttpOptions,
    pub(super) accept: Acceptable,
}

impl<'a, H: Handler> Modern<'a, H> {
    /// Starts a request, and finishes it if it can be finished without waiting.
    pub(super) fn start(
        self,
        fields: &Fields<'_>,
        request: IncomingRequest<'_>,
        principal: Principal,
    ) -> Started<'a> {
        let check = |version: &str, method: &str, params: &Params<'_>| {
            mirror::check(&**self.handler, fields, version, method, params)
        };
        // Told when nothing else is wrong; looked for before the request is taken apart.
        let permit = Permit {
            handler: &**self.handler,
            authenticate: self.options.authenticate.as_ref(),
            principal: &principal,
        };
        let lacking = permit.lacking(&request);
        let refusal = lacking.map(|needed| permit.forbid(Some(&request.id), &needed));
        let expires = principal.expires();
        let opened = open(self.profile, self.limits, request, principal, &check);
        if let Some(refusal) = refusal
            && let Ok(Opened::Call(_) | Opened::Listen(_)) = opened
        {
            return Started::Done(refusal);
        }
        let call = match opened {
            Ok(Opened::Call(call)) => call,
            Ok(Opened::Answered(message)) => return Started::Done(self.whole(message)),
            Ok(Opened::Listen(subscription)) => {
                return Started::Done(self.listen(subscription, expires));
            }
            Err((id, error)) => {
                let status = reply::status_of_refusal(error.code);
                return Started::Done(reply::error(status, Some(&id), &error));
            }
        };
        match self.handler.handle(&call) {
            Dispatch::Pending(future) => {
                let running = Running::new(&call, future, self.profile, self.limits);
                Started::Later(Box::pin(self.wait(running)))
            }
            Dispatch::Ready(outcome) => {
                let mut events = Vec::new();
                if let Some(exchange) = call.existing_exchange() {
                    running::push_events(&mut events, exchange.finish(), call.revision);
                }
                let revision = call.revision;
                Started::Settled(Settled {
                    accept: self.accept,
                    events,
                    id: call.into_id(),
                    revision,
                    outcome,
                })
            }
        }
    }

    /// Waits for a handler that goes on: for its outcome, or for a reason to begin the answer
    /// without it.
    async fn wait(self, mut running: Running) -> HttpResponse {
        let mut patience = pin!(tokio::time::sleep(self.options.patience));
        let streams = self.accept.event_stream();
        let step = poll_fn(|cx| {
            loop {
                match running.poll_step(cx) {
                    Poll::Ready(Step::Events(_)) if !streams => {}
                    Poll::Ready(step) => return Poll::Ready(Some(step)),
                    Poll::Pending if streams => return patience.as_mut().poll(cx).map(|()| None),
                    Poll::Pending => return Poll::Pending,
                }
            }
        });
        match step.await {
            Some(Step::Over { events, outcome }) => {
                let settled = Settled {
                    accept: self.accept,
                    events,
                    id: running.id().clone(),
                    revision: running.revision(),
                    outcome,
                };
                settled.answer(self.profile.encoder(), Vec::with_capacity(512))
            }
            Some(Step::Events(events)) => self.stream(running, events.into()),
            None => self.stream(running, KeepAlive::comment()),
        }
    }

    fn stream(&self, running: Running, first: Bytes) -> HttpResponse {
        let keep_alive = KeepAlive::new(self.options.keep_alive);
        reply::stream(running.into_stream(first, keep_alive))
    }

    /// A response that was encoded beforehand.
    fn whole(&self, message: Vec<u8>) -> HttpResponse {
        if self.accept.json() {
            return reply::json(StatusCode::OK, message);
        }
        let mut events = Vec::new();
        reply::push_event(&mut events, &message);
        reply::whole_stream(events)
    }

    /// A subscription is answered at once: its first event is the acknowledgement (SUB-M-02).
    fn listen(&self, subscription: Subscription, expires: Option<SystemTime>) -> HttpResponse {
        if !self.accept.event_stream() {
            return *reply::refusal(
                StatusCode::NOT_ACCEPTABLE,
                "a subscription is answered by text/event-stream",
            );
        }
        let noted = Noted::by(self.handler, subscription.signals());
        let keep_alive = KeepAlive::new(self.options.keep_alive);
        let (profile, expiry) = (Arc::clone(self.profile), Expiry::at(expires));
        let stream = ListenStream::new(subscription, noted, profile, keep_alive, expiry);
        reply::stream(stream)
    }
}
