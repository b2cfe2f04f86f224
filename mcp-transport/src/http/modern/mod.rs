//! A modern exchange (§11): one POST, a straight line of pure calls in the request's own future.
//!
//! There is no engine and no table behind it. A handler that is not ready at once lives
//! in the future of the answer, and in a task beside its body once the answer is a stream. It goes
//! when they go: a client that closes the connection cancels its request (HTTP-M-33).

mod listen;
mod mirror;
mod running;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::SystemTime;

use bytes::Bytes;
use http::StatusCode;
use mcp_core::engine::{
    IncomingRequest, Opened, Outcome, Principal, ServerProfile, Subscription, open,
};
use mcp_core::jsonrpc::RequestId;
use mcp_core::lifecycle::Params;
use mcp_core::{Limits, Revision};

use self::listen::ListenStream;
use self::running::{Running, Step};
use super::accept::Acceptable;
use super::expiry::Expiry;
use super::fields::Fields;
use super::keep_alive::KeepAlive;
use super::options::HttpOptions;
use super::permit::Permit;
use super::reply::{self, Answering, HttpResponse};
use crate::driver::{Dispatch, Handler, Noted};

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
    ) -> Answering<'a> {
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
            return Answering::Done(refusal);
        }
        let call = match opened {
            Ok(Opened::Call(call)) => call,
            Ok(Opened::Answered(message)) => return Answering::Done(self.whole(message)),
            Ok(Opened::Listen(subscription)) => {
                return Answering::Done(self.listen(subscription, expires));
            }
            Err((id, error)) => {
                let status = reply::status_of_refusal(error.code);
                return Answering::Done(reply::error(status, Some(&id), &error));
            }
        };
        match self.handler.handle(&call) {
            Dispatch::Pending(future) => {
                let running = Running::new(&call, future, self.profile, self.limits);
                Answering::Later(Box::pin(self.wait(running)))
            }
            Dispatch::Ready(outcome) => {
                let mut events = Vec::new();
                if let Some(exchange) = call.existing_exchange() {
                    running::push_events(&mut events, exchange.finish(), call.revision);
                }
                Answering::Done(self.answer(events, call.id(), call.revision, outcome))
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
                self.answer(events, running.id(), running.revision(), outcome)
            }
            Some(Step::Events(events)) => self.stream(running, events.into()),
            None => self.stream(running, KeepAlive::comment()),
        }
    }

    fn stream(&self, running: Running, first: Bytes) -> HttpResponse {
        let keep_alive = KeepAlive::new(self.options.keep_alive);
        reply::stream(running.into_stream(first, keep_alive))
    }

    /// An outcome: one message with a status of its own, or a stream when something was sent
    /// before it (HTTP-M-30).
    fn answer(
        &self,
        mut events: Vec<u8>,
        id: &RequestId,
        revision: Revision,
        outcome: Outcome,
    ) -> HttpResponse {
        let error = outcome.as_ref().err().map(|error| error.code);
        let mut message = Vec::with_capacity(512);
        let encoder = self.profile.encoder();
        encoder.respond(&mut message, id, revision, outcome);
        let nothing_before = events.is_empty() || !self.accept.event_stream();
        if nothing_before && self.accept.json() {
            return reply::json(reply::status_of(error), message);
        }
        reply::push_event(&mut events, &message);
        reply::whole_stream(events)
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
