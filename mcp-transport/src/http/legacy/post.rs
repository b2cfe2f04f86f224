//! What a posted message sets in motion.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use mcp_core::engine::{Call, Incoming, Outcome, Principal, Received, Ticket};
use mcp_core::jsonrpc::{Malformed, encode};

use super::session::{Direct, Inner, Session};
use super::stream::{Reading, Stream};
use crate::driver::{Dispatch, Handler, now};
use crate::sync::MutexGuard;

/// What became of a message.
#[derive(Debug)]
pub(super) enum Posted {
    /// There is nothing to say to it (HTTP-L-02).
    Accepted,
    /// It is answered: what came before the response, and the response.
    Answered(Vec<Vec<u8>>, Vec<u8>),
    /// It may not stand here, and this says why.
    Refused(Vec<u8>),
    /// The answer comes on this stream.
    Waiting(Arc<Stream>),
    /// The session is over.
    Gone,
}

impl From<Direct> for Posted {
    fn from(direct: Direct) -> Self {
        match (direct.response, direct.refusal) {
            (Some(response), _) => Self::Answered(direct.before, response),
            (None, Some(refusal)) => Self::Refused(refusal),
            (None, None) => Self::Accepted,
        }
    }
}

/// What was nothing is refused, whatever question it ended beside. Its id is one of ours if it is a
/// response: said to the client, it would be taken for one of its own (fault 31).
impl From<&Malformed> for Posted {
    fn from(broken: &Malformed) -> Self {
        let mut message = Vec::new();
        encode::error(&mut message, None, &broken.error);
        Self::Refused(message)
    }
}

type Work = Pin<Box<dyn Future<Output = Outcome> + Send>>;

impl<H: Handler> Session<H> {
    /// Takes a message. Its sender is the session's own principal, as it is known by now.
    pub(super) fn post(
        self: &Arc<Self>,
        message: &Incoming<'_>,
        body: &[u8],
        principal: Principal,
    ) -> Posted {
        let mut inner = self.lock();
        if !inner.touch() {
            return Posted::Gone;
        }
        inner.engine.set_principal(principal);
        let received = match message {
            Incoming::Request(request) => inner.engine.handle_request(request),
            _ => inner.engine.handle_message(now(), body),
        };
        match received {
            Received::Call(call) => {
                drop(inner);
                self.start(call)
            }
            Received::Batch(calls) if !calls.is_empty() => {
                let stream = self.new_stream(&mut inner);
                for call in &calls {
                    inner.lead(call, &stream);
                }
                drop(inner);
                for call in calls {
                    self.start_or_park(call);
                }
                Posted::Waiting(stream)
            }
            Received::Handled | Received::Batch(_) => {
                let direct = inner.turn(&self.signals);
                // It may have been a cancellation.
                inner.sweep();
                self.mind(&mut inner);
                match (message, direct.into()) {
                    (Incoming::Malformed(broken), Posted::Accepted) => broken.into(),
                    (_, posted) => posted,
                }
            }
        }
    }

    /// Starts a call that came alone, and answers it if it can be answered without waiting.
    fn start(self: &Arc<Self>, call: Call<'_>) -> Posted {
        let mut inner = self.lock();
        if !inner.touch() {
            return Posted::Gone;
        }
        if !inner.engine.has_capacity() {
            let stream = self.new_stream(&mut inner);
            inner.lead(&call, &stream);
            self.park(&mut inner, call);
            return Posted::Waiting(stream);
        }
        drop(inner);
        let dispatch = self.handler.handle(&call);
        let mut inner = self.lock();
        match dispatch {
            Dispatch::Ready(outcome) => {
                inner.engine.complete(&call, outcome);
                inner.turn(&self.signals).into()
            }
            Dispatch::Pending(work) if !inner.touch() => {
                too_late(inner, &call, work);
                Posted::Gone
            }
            Dispatch::Pending(work) => {
                let stream = self.new_stream(&mut inner);
                inner.lead(&call, &stream);
                self.begin(&mut inner, &call, work);
                Posted::Waiting(stream)
            }
        }
    }

    /// Keeps a call that has its stream until it is its turn.
    fn park(self: &Arc<Self>, inner: &mut Inner, call: Call<'_>) {
        let exchange = call.exchange().id();
        let ticket = inner.engine.park(now(), call);
        inner.note(exchange, Some(ticket));
        self.mind(inner);
    }

    /// Starts a call that has its stream, or lets it wait for its turn.
    fn start_or_park(self: &Arc<Self>, call: Call<'_>) {
        let mut inner = self.lock();
        match inner.engine.has_capacity() {
            _ if !inner.touch() => {}
            true => {
                drop(inner);
                self.start_led(&call);
            }
            false => self.park(&mut inner, call),
        }
    }

    /// Starts a call that has its stream.
    fn start_led(self: &Arc<Self>, call: &Call<'_>) {
        let dispatch = self.handler.handle(call);
        let mut inner = self.lock();
        match dispatch {
            Dispatch::Ready(outcome) => {
                inner.was_ready(call.exchange().id());
                inner.engine.complete(call, outcome);
                inner.turn(&self.signals);
                inner.sweep();
            }
            Dispatch::Pending(work) if !inner.touch() => too_late(inner, call, work),
            Dispatch::Pending(work) => self.begin(&mut inner, call, work),
        }
    }

    /// Lets a handler go on in the session: a client that disconnects does not cancel it.
    fn begin(self: &Arc<Self>, inner: &mut Inner, call: &Call<'_>, work: Work) {
        let ticket = inner.engine.begin(now(), call);
        let exchange = ticket.exchange();
        inner.note(exchange, Some(ticket.clone()));
        let session = Arc::clone(self);
        let task = tokio::spawn(async move {
            let outcome = work.await;
            session.finish(&ticket, outcome);
        });
        inner.set_task(exchange, task.abort_handle());
        inner.turn(&self.signals);
        self.mind(inner);
    }

    /// Answers a call, and gives the next one its turn.
    fn finish(self: &Arc<Self>, ticket: &Ticket, outcome: Outcome) {
        let mut inner = self.lock();
        inner.clear_task(ticket.exchange());
        inner.engine.finish(ticket, outcome);
        inner.touch();
        inner.turn(&self.signals);
        inner.sweep();
        while let Some(parked) = inner.engine.unpark() {
            let call = parked.call();
            inner.note(call.exchange().id(), None);
            drop(inner);
            self.start_led(&call);
            inner = self.lock();
        }
        self.mind(&mut inner);
    }
}

/// Cancels a call whose session ended while its handler was polled for the first time, when nobody
/// could stop it yet (fault 80).
fn too_late(mut inner: MutexGuard<'_, Inner>, call: &Call<'_>, work: Work) {
    inner.engine.begin(now(), call);
    inner.engine.handle_close(now());
    // What is dropped with it is the user's.
    drop(inner);
    drop(work);
}

/// A connection that reads a stream of a session.
pub(super) struct SessionReading<H>(pub(super) Arc<Session<H>>);

impl<H: Handler> Reading for SessionReading<H> {
    fn caught_up(&self) {
        let mut inner = self.0.lock();
        if inner.is_held_up() {
            inner.turn(&self.0.signals);
            // A question that could not be sent before has its time from now on.
            self.0.mind(&mut inner);
        }
    }

    fn gone(&self) {
        let mut inner = self.0.lock();
        inner.touch();
        // What waited for a reader waits no longer.
        inner.turn(&self.0.signals);
        self.0.mind(&mut inner);
    }
}
