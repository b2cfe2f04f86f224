//! One session: an engine, the streams its messages leave by, and the handlers that run for it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use mcp_core::engine::{
    Call, Changes, Exchange, ExchangeId, Mail, Principal, Route, ServerEngine, Signals, Ticket,
};
use mcp_core::{Feature, Revision};
use tokio::task::AbortHandle;

use super::log::{Primed, StreamLog};
use super::pump::Pump;
use super::sessions::Held;
use super::stream::Stream;
use crate::driver::now;
use crate::http::events::EventStore;
use crate::http::session_id::SessionId;
use crate::sync::{Mutex, MutexGuard};

/// One legacy client. Without an id it is a client of whom nothing is remembered: one message
/// long, or as long as its handler runs.
pub(super) struct Session<H> {
    pub(super) id: Option<SessionId>,
    pub(super) principal: Principal,
    pub(super) handler: Arc<H>,
    pub(super) signals: Arc<Signals>,
    store: Arc<dyn EventStore>,
    inner: Mutex<Inner>,
}

/// What changes in a session. Whoever feeds the engine drains it before letting go of the lock, so
/// that what is in the outbox always belongs to what was done last.
pub(super) struct Inner {
    pub(super) engine: ServerEngine,
    /// Which stream the messages of an exchange leave by: one and no other (HTTP-L-06).
    streams: BTreeMap<ExchangeId, Arc<Stream>>,
    calls: BTreeMap<ExchangeId, Led>,
    /// The handlers that run, cancelled ones included.
    tasks: BTreeMap<ExchangeId, AbortHandle>,
    /// The stream of what belongs to no request (HTTP-L-05).
    unasked: Option<Arc<Stream>>,
    /// Everything else leaves by that stream, too.
    one_stream: bool,
    /// The server was told to shut down.
    stopping: bool,
    /// Exchanges whose messages wait for room on their stream.
    waiting: Vec<Arc<Exchange>>,
    /// Changes to announce once somebody listens.
    changes: Changes,
    next_stream: u64,
    /// What watches the mailbox and the time, if there is cause; boxed, since most sessions idle.
    pub(super) pump: Option<Box<Pump>>,
    pumps: u32,
    used: Instant,
    /// What it has from when it is found until its end.
    pub(super) held: Option<Held>,
    ended: bool,
}

/// A call whose messages leave by a stream, and which is not over.
struct Led {
    /// `None` as long as it is still to be begun.
    ticket: Option<Ticket>,
    stream: Arc<Stream>,
}

/// A message that left for no stream: the answer to what was just taken in.
#[derive(Debug, Default)]
pub(super) struct Direct {
    /// What came before the response.
    pub(super) before: Vec<Vec<u8>>,
    pub(super) response: Option<Vec<u8>>,
    /// The answer to what was no message.
    pub(super) refusal: Option<Vec<u8>>,
}

impl<H> Session<H> {
    pub(super) fn new(
        id: Option<SessionId>,
        engine: ServerEngine,
        principal: Principal,
        handler: Arc<H>,
        store: Arc<dyn EventStore>,
    ) -> Arc<Self> {
        Arc::new(Self {
            id,
            principal,
            handler,
            store,
            signals: Arc::clone(engine.signals()),
            inner: Mutex::new(Inner {
                engine,
                streams: BTreeMap::new(),
                calls: BTreeMap::new(),
                tasks: BTreeMap::new(),
                unasked: None,
                one_stream: false,
                stopping: false,
                waiting: Vec::new(),
                changes: Changes::default(),
                next_stream: 0,
                pump: None,
                pumps: 0,
                used: now(),
                held: None,
                ended: false,
            }),
        })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stream of its own number.
    pub(super) fn new_stream(&self, inner: &mut Inner) -> Arc<Stream> {
        let number = inner.next_stream;
        inner.next_stream += 1;
        if inner.one_stream
            && let Some(stream) = &inner.unasked
        {
            let log = StreamLog::new(number, None, Primed::No);
            return Stream::onto(log, Arc::clone(stream));
        }
        let kept = self.id.map(|id| (Arc::clone(&self.store), id));
        let primed = match inner.revision().has(Feature::PrimingEvent) {
            true => Primed::Yes,
            false => Primed::No,
        };
        Stream::new(StreamLog::new(number, kept, primed))
    }

    /// Lets everything leave by one stream, which it returns, for as long as that is read.
    pub(super) fn on_one_stream(&self) -> Arc<Stream> {
        let mut inner = self.lock();
        let stream = self.new_stream(&mut inner);
        stream.begin_events();
        inner.unasked = Some(Arc::clone(&stream));
        inner.one_stream = true;
        stream
    }

    /// Ends the session: what runs is cancelled, every stream ends (fault 80).
    pub(super) fn end(&self) {
        let mut inner = self.lock();
        inner.end();
        let held = inner.held.take();
        drop(inner);
        drop(held);
        if let Some(id) = &self.id {
            self.store.end_session(id);
        }
    }

    /// Whether nothing has happened for `idle`, and nothing goes on.
    pub(super) fn is_idle(&self, now: Instant, idle: Duration) -> bool {
        let inner = self.lock();
        inner.calls.is_empty()
            && inner.tasks.is_empty()
            && !inner.is_heard()
            && now.saturating_duration_since(inner.used) >= idle
    }
}

impl Inner {
    pub(super) fn revision(&self) -> Revision {
        self.engine.negotiated().unwrap_or(Revision::NEWEST_LEGACY)
    }

    /// Notes a sign of life. False when the session is over.
    pub(super) fn touch(&mut self) -> bool {
        self.used = now();
        !self.ended
    }

    /// Whether somebody reads what belongs to no request.
    fn is_heard(&self) -> bool {
        self.unasked.as_ref().is_some_and(|stream| stream.is_read())
    }

    /// The stream of what belongs to no request.
    pub(super) fn unasked(&mut self) -> &mut Option<Arc<Stream>> {
        &mut self.unasked
    }

    /// The stream of this number, as long as more may come on it.
    pub(super) fn live_stream(&self, number: u64) -> Option<Arc<Stream>> {
        let of_calls = self.calls.values().map(|call| &call.stream);
        of_calls
            .chain(&self.unasked)
            .find(|stream| stream.number() == number)
            .cloned()
    }

    /// Whether the mailbox and the time need watching.
    pub(super) fn needs_pump(&mut self) -> bool {
        !self.ended
            && (self.engine.in_flight() > 0
                || self.engine.poll_timeout().is_some()
                || self.is_heard())
    }

    /// The number of a pump to be.
    pub(super) fn next_pump(&mut self) -> u32 {
        self.pumps = self.pumps.wrapping_add(1);
        self.pumps
    }

    /// Notes a call that is to be begun; its messages leave by `stream`.
    pub(super) fn lead(&mut self, call: &Call<'_>, stream: &Arc<Stream>) {
        let exchange = call.exchange().id();
        self.streams.insert(exchange, Arc::clone(stream));
        self.streams
            .insert(call.answered_under(), Arc::clone(stream));
        let stream = Arc::clone(stream);
        let ticket = None;
        self.calls.insert(exchange, Led { ticket, stream });
    }

    /// Notes that a call was begun, or has to be begun once more: without a ticket, no engine knows
    /// of it meanwhile.
    pub(super) fn note(&mut self, exchange: ExchangeId, ticket: Option<Ticket>) {
        if let Some(call) = self.calls.get_mut(&exchange) {
            call.ticket = ticket;
        }
    }

    /// Notes that a call was over as soon as it was begun.
    pub(super) fn was_ready(&mut self, exchange: ExchangeId) {
        self.calls.remove(&exchange);
    }

    /// Notes the task of a call, so that it can be stopped.
    pub(super) fn set_task(&mut self, exchange: ExchangeId, task: AbortHandle) {
        self.tasks.insert(exchange, task);
    }

    /// Forgets the task of a call: it is over.
    pub(super) fn clear_task(&mut self, exchange: ExchangeId) {
        self.tasks.remove(&exchange);
    }

    /// Takes the mail, and everything the engine has to say, to where it belongs.
    pub(super) fn turn(&mut self, signals: &Signals) -> Direct {
        if let Some(mail) = signals.take() {
            let Mail {
                exchanges,
                changes,
                shutdown,
            } = mail;
            self.waiting.extend(exchanges);
            self.changes.merge(changes);
            self.stopping |= shutdown;
        }
        let leaving = self.flush_waiting();
        let direct = self.route();
        for stream in leaving {
            stream.leave();
        }
        self.announce();
        self.stop_aborted();
        self.end_unasked();
        direct
    }

    /// Ends the stream of what belongs to no request when the server shuts down: at once, or when
    /// every response has left by it.
    fn end_unasked(&mut self) {
        let answered = !self.one_stream || self.engine.in_flight() == 0;
        if self.stopping
            && answered
            && let Some(stream) = self.unasked.take()
        {
            stream.end();
        }
    }

    /// Lets exchanges speak whose streams have room; the others coalesce. Returns the streams that
    /// are to be left after what was said.
    fn flush_waiting(&mut self) -> Vec<Arc<Stream>> {
        let mut leaving = Vec::new();
        if self.waiting.is_empty() {
            return leaving;
        }
        let now = now();
        for exchange in std::mem::take(&mut self.waiting) {
            match self.streams.get(&exchange.id()) {
                Some(stream) if stream.has_room() => {
                    self.engine.flush(now, &exchange);
                    if exchange.take_close() {
                        leaving.push(Arc::clone(stream));
                    }
                }
                // Nobody else knows it any more: it is over.
                _ if Arc::strong_count(&exchange) == 1 => {}
                _ => self.waiting.push(exchange),
            }
        }
        leaving
    }

    fn announce(&mut self) {
        let Some(stream) = &self.unasked else {
            return;
        };
        if self.changes == Changes::default() || !stream.is_read() || !stream.has_room() {
            return;
        }
        self.engine.announce(&std::mem::take(&mut self.changes));
        let mut message = Vec::new();
        while self.engine.poll_output(&mut message).is_some() {
            stream.push(&message);
            message.clear();
        }
    }

    /// Whether messages wait for readers to catch up.
    pub(super) fn is_held_up(&self) -> bool {
        !self.waiting.is_empty() || self.changes != Changes::default()
    }

    fn route(&mut self) -> Direct {
        let mut direct = Direct::default();
        let mut message = Vec::new();
        while let Some(route) = self.engine.poll_output(&mut message) {
            match route {
                Route::Request(exchange) => match self.streams.get(&exchange) {
                    Some(stream) => stream.push(&message),
                    None => direct.before.push(message.clone()),
                },
                Route::Response(exchange) => match self.streams.remove(&exchange) {
                    Some(stream) => {
                        stream.finish(&message);
                        self.forget(&stream);
                    }
                    None => direct.response = Some(std::mem::take(&mut message)),
                },
                // Legacy clients have no subscriptions of the modern kind.
                Route::Connection | Route::Subscription(_) => {
                    direct.refusal = Some(message.clone());
                }
            }
            message.clear();
        }
        direct
    }

    fn forget(&mut self, stream: &Arc<Stream>) {
        self.streams.retain(|_, other| !Arc::ptr_eq(other, stream));
        self.calls
            .retain(|_, call| !Arc::ptr_eq(&call.stream, stream));
    }

    /// Ends the streams whose requests will never be answered, because they were cancelled.
    pub(super) fn sweep(&mut self) {
        let open = |call: &&Led| {
            let ticket = call.ticket.as_ref();
            ticket.is_none_or(|ticket| self.engine.is_unanswered(ticket))
        };
        let open: Vec<_> = self.calls.values().filter(open).collect();
        let over: Vec<_> = self
            .calls
            .values()
            .filter(|call| !open.iter().any(|o| Arc::ptr_eq(&o.stream, &call.stream)))
            .map(|call| Arc::clone(&call.stream))
            .collect();
        for stream in over {
            stream.end();
            self.forget(&stream);
        }
    }

    pub(super) fn stop_aborted(&mut self) {
        while let Some(exchange) = self.engine.poll_abort() {
            if let Some(task) = self.tasks.remove(&exchange) {
                task.abort();
            }
        }
    }

    fn end(&mut self) {
        self.ended = true;
        self.engine.handle_close(now());
        for task in std::mem::take(&mut self.tasks).into_values() {
            task.abort();
        }
        for call in std::mem::take(&mut self.calls).into_values() {
            call.stream.end();
        }
        self.streams.clear();
        if let Some(stream) = self.unasked.take() {
            stream.end();
        }
        if let Some(pump) = self.pump.take() {
            pump.task.abort();
        }
    }
}
