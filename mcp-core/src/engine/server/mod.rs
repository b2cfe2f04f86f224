//! The server's side of one connection.

mod accept;
mod asks;
mod batch;
mod call;
mod in_flight;
mod listen;
mod receive;
mod respond;

use std::sync::Arc;
use std::time::Instant;

pub(in crate::engine) use call::Address;
pub use call::{Call, ClientProfile, ParkedCall, Ticket};

use super::change::Changes;
use super::exchange::{Exchange, ExchangeId};
use super::output::Outbox;
use super::{Outcome, Principal, Route, ServerProfile, Signals};
use crate::jsonrpc::{ErrorObject, encode};
use crate::lifecycle::{Event, State, transition};
use crate::model::{ClientCapabilities, ElicitCompleteParams, Implementation};
use crate::{Limits, Revision};
use asks::OpenAsks;
use batch::Batches;
use in_flight::{Entry, InFlight, Stage};
use listen::Subscriptions;
use receive::JunkLimit;

/// What a message left for the caller to do.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "the common case goes by value: a box would be an allocation per call"
)]
pub enum Received<'m> {
    /// Nothing: it was answered, noted or ignored.
    Handled,
    /// A request for a handler.
    Call(Call<'m>),
    /// The requests of a batch, in order.
    Batch(Vec<Call<'m>>),
}

/// Whether a request may have the id of another that is unanswered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ids {
    /// It may not: the second is refused (fault 27).
    Unique,
    /// It may: every request has a stream of its own, so no answer can be mistaken.
    Repeated,
}

/// The protocol of one connection, server side: both eras at once (VER-D-01), without IO.
///
/// See the [module](super) for the order of calls.
#[derive(Debug)]
pub struct ServerEngine {
    profile: Arc<ServerProfile>,
    limits: Arc<Limits>,
    signals: Arc<Signals>,
    principal: Principal,
    ids: Ids,
    state: State,
    client: Option<Arc<ClientProfile>>,
    in_flight: InFlight,
    asks: OpenAsks,
    subscriptions: Subscriptions,
    batches: Batches,
    outbox: Outbox<Route>,
    junk: JunkLimit,
    next_exchange: u64,
}

impl ServerEngine {
    /// An engine for a new connection. Engines that are many share their limits.
    pub fn new(profile: Arc<ServerProfile>, limits: impl Into<Arc<Limits>>) -> Self {
        let signals = Arc::new(Signals::default());
        Self {
            profile,
            subscriptions: Subscriptions::new(Arc::clone(&signals)),
            signals,
            limits: limits.into(),
            principal: Principal::LOCAL,
            ids: Ids::Unique,
            state: State::Uninitialized,
            client: None,
            in_flight: InFlight::default(),
            asks: OpenAsks::default(),
            batches: Batches::default(),
            outbox: Outbox::default(),
            junk: JunkLimit::default(),
            next_exchange: 0,
        }
    }

    /// The same engine for a connection that belongs to `principal`; without this it is local.
    #[must_use]
    pub fn with_principal(mut self, principal: Principal) -> Self {
        self.principal = principal;
        self
    }

    /// Who sends from now on: the same principal as before, but what it was granted may have
    /// changed.
    pub fn set_principal(&mut self, principal: Principal) {
        self.principal = principal;
    }

    /// The same engine for a connection whose requests have a stream each, as over HTTP: there,
    /// some clients give all of them the same id (fault 27).
    #[must_use]
    pub fn with_streams(mut self) -> Self {
        self.ids = Ids::Repeated;
        self
    }

    /// The same engine after a handshake that nobody remembers, of which only the revision is
    /// known. The client is taken to be capable of nothing.
    #[must_use]
    pub fn after_handshake(mut self, revision: Revision) -> Self {
        self.state = State::Ready;
        self.client = Some(Arc::new(ClientProfile {
            revision,
            info: Implementation::new("", ""),
            capabilities: ClientCapabilities::default(),
        }));
        self
    }

    /// The mailbox of this connection.
    pub fn signals(&self) -> &Arc<Signals> {
        &self.signals
    }

    /// Where the legacy handshake stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The revision the handshake agreed on.
    pub fn negotiated(&self) -> Option<Revision> {
        self.client.as_ref().map(|client| client.revision)
    }

    /// Answers a call whose handler finished at once.
    pub fn complete(&mut self, call: &Call<'_>, outcome: Outcome) {
        if let Some(exchange) = call.exchange.get() {
            self.flush_finished(exchange);
        }
        self.answer(&call.address, outcome);
    }

    /// Takes a call whose handler runs on, to be answered by [`ServerEngine::finish`].
    pub fn begin(&mut self, now: Instant, call: &Call<'_>) -> Ticket {
        self.enter(now, call, Stage::Running)
    }

    /// Takes a call that has to wait for its turn.
    pub fn park(&mut self, now: Instant, call: Call<'_>) -> Ticket {
        let ticket = self.enter(now, &call, Stage::Parked);
        self.in_flight.park(ParkedCall::new(call));
        ticket
    }

    /// The parked call whose turn it is, when fewer than [`Limits::concurrency`] handlers run.
    pub fn unpark(&mut self) -> Option<ParkedCall> {
        self.has_capacity().then(|| self.in_flight.unpark())?
    }

    /// Whether another handler may run now. Cancelled ones that go on for their
    /// [`Limits::cancel_grace`] count, or cancelling would be a way past the limit.
    pub fn has_capacity(&self) -> bool {
        self.in_flight.running() < self.limits.concurrency
    }

    /// Answers a call that was begun. Without effect when it was answered or cancelled meanwhile:
    /// a request has exactly one outcome (fault 46).
    pub fn finish(&mut self, ticket: &Ticket, outcome: Outcome) {
        if let Some(entry) = self.in_flight.take(ticket) {
            self.flush_finished(&entry.exchange);
            self.answer(&entry.address, outcome);
        } else {
            self.in_flight.end_fading(ticket.exchange);
        }
    }

    /// Whether the request of `ticket` is still to be answered.
    pub fn is_unanswered(&self, ticket: &Ticket) -> bool {
        self.in_flight.holds(ticket)
    }

    /// Requests without an answer, subscriptions not counted.
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Calls that wait for their turn.
    pub fn parked(&self) -> usize {
        self.in_flight.parked()
    }

    /// Bytes of parameters held by calls that wait for their turn.
    pub fn parked_bytes(&self) -> usize {
        self.in_flight.parked_bytes()
    }

    /// Bytes of messages that [`ServerEngine::poll_output`] has not returned yet.
    pub fn output_len(&self) -> usize {
        self.outbox.len()
    }

    /// When [`ServerEngine::handle_timeout`] is next due.
    pub fn poll_timeout(&mut self) -> Option<Instant> {
        let timeouts = [self.in_flight.poll_timeout(), self.asks.next_deadline()];
        timeouts.into_iter().flatten().min()
    }

    /// Ends what has run out of time: requests after [`Limits::call_timeout`] with an error that
    /// says so (fault 53), cancelled handlers after [`Limits::cancel_grace`], questions to the
    /// client after [`Limits::ask_timeout`]. A request that waits for such an answer gets its time again.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.expire_asks(now);
        while let Some(entry) = self.in_flight.take_expired(now) {
            if self.asks.has_open(entry.exchange.id()) {
                self.prolong(now, entry);
                continue;
            }
            let what = match entry.stage {
                Stage::Running => "The handler did not finish",
                Stage::Parked => "The request did not get its turn",
            };
            let error = ErrorObject::internal(format!(
                "{what} within {} s (limit `call_timeout`)",
                self.limits.call_timeout.as_secs_f32()
            ));
            self.flush_finished(&entry.exchange);
            self.stop(now, &entry);
            self.answer(&entry.address, Err(error));
        }
        while let Some(exchange) = self.in_flight.take_faded(now) {
            self.in_flight.abort(exchange);
        }
    }

    /// Appends the next message to send to `buffer`, without any framing.
    pub fn poll_output(&mut self, buffer: &mut Vec<u8>) -> Option<Route> {
        self.outbox.pop(buffer)
    }

    /// The next handler to stop: its request was cancelled or ran out of time.
    pub fn poll_abort(&mut self) -> Option<ExchangeId> {
        self.in_flight.poll_abort()
    }

    /// Sends what a running handler queued.
    pub fn flush(&mut self, now: Instant, exchange: &Arc<Exchange>) {
        for event in exchange.drain() {
            self.send_event(exchange, event);
        }
        self.flush_asks(now, exchange);
    }

    /// Tells the peer of changes it asked to hear of: legacy connections unasked, modern
    /// subscriptions each under its id (SUB-D-11).
    pub fn announce(&mut self, changes: &Changes) {
        if self.state == State::Ready {
            let capabilities = self.profile.capabilities();
            for (method, params) in self.subscriptions.legacy(changes, capabilities) {
                self.outbox.push(Route::Connection, |buffer| {
                    encode::notification(buffer, method, params.as_ref());
                });
            }
            for id in changes.elicited.ids() {
                let params = ElicitCompleteParams::new(id);
                self.outbox.push(Route::Connection, |buffer| {
                    encode::notification(buffer, ElicitCompleteParams::METHOD, Some(&params));
                });
            }
        }
        for (exchange, method, params) in self.subscriptions.modern(changes) {
            self.outbox.push(Route::Subscription(exchange), |buffer| {
                encode::notification(buffer, method, Some(&params));
            });
        }
    }

    /// Ends every subscription gracefully: a result, and then the notification that the
    /// cancellation page asks for on connections without streams (SUB-M-08, AMB-01).
    pub fn end_subscriptions(&mut self) {
        for (id, subscription) in self.subscriptions.close_all() {
            self.answer_listen(&id, subscription.exchange);
        }
    }

    /// The connection is gone: everything in flight is cancelled and nothing more is sent.
    pub fn handle_close(&mut self, now: Instant) {
        if let Ok(next) = transition(self.state, Event::Close) {
            self.state = next;
        }
        self.subscriptions.clear();
        self.asks.clear();
        for entry in self.in_flight.take_all() {
            entry.exchange.finish();
            self.stop(now, &entry);
            self.settle(&entry.address);
        }
        self.outbox = Outbox::default();
    }

    /// Whether no request is unanswered and every table is empty.
    pub fn is_at_rest(&mut self) -> bool {
        self.in_flight.is_at_rest()
            && self.asks.is_empty()
            && self.subscriptions.len() == 0
            && self.batches.is_empty()
            && self.outbox.is_empty()
    }

    fn enter(&mut self, now: Instant, call: &Call<'_>, stage: Stage) -> Ticket {
        let ticket = call.ticket();
        let entry = Entry {
            address: call.address.clone(),
            exchange: Arc::clone(call.exchange()),
            stage,
            deadline: now.checked_add(self.limits.call_timeout),
        };
        self.in_flight.insert(ticket.clone(), entry);
        ticket
    }

    /// Gives a request its time once more: somebody is being asked, who has a time of their own.
    fn prolong(&mut self, now: Instant, entry: Entry) {
        let ticket = Ticket {
            id: entry.address.id.clone(),
            exchange: entry.exchange.id(),
        };
        let deadline = now.checked_add(self.limits.call_timeout);
        self.in_flight.insert(ticket, Entry { deadline, ..entry });
    }

    /// Cancels a request's handler: at once, or after a grace when it watches for that.
    fn stop(&mut self, now: Instant, entry: &Entry) {
        let exchange = &entry.exchange;
        exchange.cancel();
        match entry.stage {
            Stage::Running if exchange.is_watched() => {
                let until = now.checked_add(self.limits.cancel_grace);
                self.in_flight.fade(exchange.id(), until);
            }
            Stage::Running => self.in_flight.abort(exchange.id()),
            Stage::Parked => {}
        }
    }
}
