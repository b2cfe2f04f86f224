//! A handler that was not ready at once, and the stream it may answer on.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use mcp_core::engine::{Call, Exchange, ExchangeEvent, Outcome, ServerProfile};
use mcp_core::jsonrpc::{ErrorObject, RequestId};
use mcp_core::{Limits, Revision};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::Sleep;

use crate::http::body::Source;
use crate::http::keep_alive::KeepAlive;
use crate::http::reply::push_event;

/// A call whose handler goes on. Dropped before its outcome, it is cancelled (HTTP-M-33).
pub(in crate::http) struct Running {
    /// The handler, until it has come to an end.
    work: Option<Pin<Box<dyn Future<Output = Outcome> + Send>>>,
    exchange: Arc<Exchange>,
    id: RequestId,
    profile: Arc<ServerProfile>,
    timeout: Duration,
    deadline: Pin<Box<Sleep>>,
    grace: Duration,
}

/// What happened to a call.
pub(super) enum Step {
    /// The handler sent something, which stands here as events.
    Events(Vec<u8>),
    /// It is over, after these last events.
    Over {
        /// As in [`Step::Events`], and often empty.
        events: Vec<u8>,
        /// How the request ends.
        outcome: Outcome,
    },
}

impl Running {
    pub(super) fn new(
        call: &Call<'_>,
        work: Pin<Box<dyn Future<Output = Outcome> + Send>>,
        profile: &Arc<ServerProfile>,
        limits: &Limits,
    ) -> Self {
        Self {
            work: Some(work),
            exchange: Arc::clone(call.exchange()),
            id: call.id().clone(),
            profile: Arc::clone(profile),
            timeout: limits.call_timeout,
            deadline: Box::pin(tokio::time::sleep(limits.call_timeout)),
            grace: limits.cancel_grace,
        }
    }

    pub(super) fn id(&self) -> &RequestId {
        &self.id
    }

    pub(super) fn revision(&self) -> Revision {
        self.exchange.revision()
    }

    /// Lets the handler go on until something happens. Not to be asked again after its end.
    pub(super) fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        let Poll::Ready(outcome) = self.poll_outcome(cx) else {
            return poll_events(&self.exchange, cx).map(Step::Events);
        };
        let mut events = Vec::new();
        push_events(&mut events, self.exchange.finish(), self.revision());
        Poll::Ready(Step::Over { events, outcome })
    }

    /// Lets the handler go on until its end, or that of its time.
    fn poll_outcome(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        let Some(work) = &mut self.work else {
            return Poll::Pending;
        };
        match work.as_mut().poll(cx) {
            Poll::Ready(outcome) => {
                self.work = None;
                Poll::Ready(outcome)
            }
            Poll::Pending if self.deadline.as_mut().poll(cx).is_ready() => {
                let error = self.timed_out();
                self.cancel();
                Poll::Ready(Err(error))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn timed_out(&self) -> ErrorObject {
        ErrorObject::internal(format!(
            "The handler did not finish within {} s (limit `call_timeout`)",
            self.timeout.as_secs_f32()
        ))
    }

    /// Cancels the handler. One that watches for that may end by itself, for a while.
    fn cancel(&mut self) {
        let Some(work) = self.work.take() else {
            return;
        };
        self.exchange.cancel();
        let runtime = tokio::runtime::Handle::try_current();
        if self.exchange.is_watched()
            && let Ok(runtime) = runtime
        {
            let grace = self.grace;
            runtime.spawn(async move {
                // Nobody waits for an outcome any more.
                let _ = tokio::time::timeout(grace, work).await;
            });
        }
    }

    /// The stream of a call that goes on. Its handler becomes a task of its own, so that it does not
    /// stand still while a slow reader leaves no room for what it sends.
    pub(super) fn into_stream(mut self, first: Bytes, keep_alive: KeepAlive) -> RunningStream {
        let (id, profile) = (self.id.clone(), Arc::clone(&self.profile));
        let exchange = Arc::clone(&self.exchange);
        let (tell, outcome) = oneshot::channel();
        let task = tokio::spawn(async move {
            let outcome = poll_fn(|cx| self.poll_outcome(cx)).await;
            // Whoever left has cancelled it by that.
            let _ = tell.send(outcome);
        });
        RunningStream {
            id,
            profile,
            exchange,
            outcome: Some(outcome),
            task: task.abort_handle(),
            first: Some(first),
            keep_alive,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.work.is_some() {
            self.exchange.finish();
            self.cancel();
        }
    }
}

/// Waits until a handler has sent something.
fn poll_events(exchange: &Exchange, cx: &mut Context<'_>) -> Poll<Vec<u8>> {
    let signals = exchange.signals();
    loop {
        if signals.take().is_some() {
            let mut events = Vec::new();
            push_events(&mut events, exchange.drain(), exchange.revision());
            if !events.is_empty() {
                return Poll::Ready(events);
            }
        }
        if signals.poll_mail(cx).is_pending() {
            return Poll::Pending;
        }
    }
}

/// Appends what a handler sent.
pub(super) fn push_events(
    buffer: &mut Vec<u8>,
    events: VecDeque<ExchangeEvent>,
    revision: Revision,
) {
    let mut message = Vec::new();
    for event in events {
        message.clear();
        event.encode(revision, &mut message);
        push_event(buffer, &message);
    }
}

/// The stream of a call whose head was sent before its outcome. Dropped before that, it cancels the
/// call (HTTP-M-33).
pub(super) struct RunningStream {
    id: RequestId,
    profile: Arc<ServerProfile>,
    exchange: Arc<Exchange>,
    /// Where the outcome comes from, until it is sent.
    outcome: Option<oneshot::Receiver<Outcome>>,
    task: AbortHandle,
    first: Option<Bytes>,
    keep_alive: KeepAlive,
}

impl RunningStream {
    /// What the handler sent last, and the response.
    fn end(&self, outcome: Outcome) -> Vec<u8> {
        let (mut events, revision) = (Vec::new(), self.exchange.revision());
        push_events(&mut events, self.exchange.finish(), revision);
        let mut message = Vec::new();
        let encoder = self.profile.encoder();
        encoder.respond(&mut message, &self.id, revision, outcome);
        push_event(&mut events, &message);
        events
    }
}

impl Source for RunningStream {
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(first));
        }
        let Some(outcome) = &mut self.outcome else {
            return Poll::Ready(None);
        };
        let bytes = match Pin::new(outcome).poll(cx) {
            Poll::Ready(outcome) => {
                self.outcome = None;
                match outcome {
                    Ok(outcome) => self.end(outcome),
                    // The runtime has stopped it, and soon stops this.
                    Err(_) => return Poll::Ready(None),
                }
            }
            Poll::Pending => match poll_events(&self.exchange, cx) {
                Poll::Ready(events) => events,
                Poll::Pending => return self.keep_alive.poll(cx).map(Some),
            },
        };
        self.keep_alive.put_off();
        Poll::Ready(Some(bytes.into()))
    }

    fn is_over(&self) -> bool {
        self.outcome.is_none() && self.first.is_none()
    }
}

impl Drop for RunningStream {
    fn drop(&mut self) {
        if self.outcome.is_some() {
            self.exchange.finish();
            self.exchange.cancel();
            self.task.abort();
        }
    }
}
