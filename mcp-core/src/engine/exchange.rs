//! One request and everything that travels with it: progress, log messages, cancellation.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use serde_json::{Number, Value};

use super::Signals;
use super::ask::ExchangeAsks;
use crate::Revision;
use crate::jsonrpc::encode;
use crate::model::legacy::{LoggingLevel, LoggingMessageParams};
use crate::model::{ElicitCompleteParams, Lower, ProgressParams, ProgressToken};
use crate::sync::{AtomicBool, Mutex, MutexGuard};

/// The number of an exchange on its connection: what replies are routed by, never by an id that
/// the peer chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExchangeId(pub(super) u64);

impl ExchangeId {
    /// Of an exchange that is alone on its stream.
    pub(super) const ALONE: Self = Self(0);
}

/// Something a handler sends while its request runs.
#[derive(Debug, Clone)]
pub enum ExchangeEvent {
    /// How far it is (PROG-A-02): told where its request was made, and nowhere else (PROG-M-03).
    Progress(ProgressParams),
    /// A log message (LOG-A-01).
    Log(LoggingMessageParams),
    /// What a user does at a URL is done (ELI-L-06).
    ElicitationComplete(ElicitCompleteParams),
}

impl ExchangeEvent {
    /// Appends the notification that it is, as a peer of `revision` expects it.
    pub fn encode(self, revision: Revision, buffer: &mut Vec<u8>) {
        match self {
            Self::Progress(mut params) => {
                params.lower(revision);
                encode::notification(buffer, "notifications/progress", Some(&params));
            }
            Self::Log(params) => {
                encode::notification(buffer, "notifications/message", Some(&params));
            }
            Self::ElicitationComplete(params) => {
                encode::notification(buffer, ElicitCompleteParams::METHOD, Some(&params));
            }
        }
    }
}

/// Which log messages a request may send.
#[derive(Debug, Clone, Copy)]
pub(super) enum LogFilter {
    /// None: the server has no `logging`, or a modern request did not ask (LOG-M-02).
    Off,
    /// A modern request's own level (LOG-M-02).
    Fixed(LoggingLevel),
    /// The level of a legacy connection, which may change meanwhile (LOG-L-03).
    OfConnection,
}

/// One request in flight, shared between its handler and the engine.
///
/// The handler's side queues progress, log messages and questions, and asks whether the request was
/// cancelled; the engine's side drains the queue into the connection. The queue is bounded by
/// [`Limits::queue`](crate::Limits::queue): when it is full, progress keeps only its latest value
/// and the oldest log message gives way (fault 50).
#[derive(Debug)]
pub struct Exchange {
    id: ExchangeId,
    revision: Revision,
    token: Option<ProgressToken>,
    filter: LogFilter,
    capacity: usize,
    cancelled: AtomicBool,
    watched: AtomicBool,
    state: Mutex<ExchangeState>,
    signals: Arc<Signals>,
}

#[derive(Debug, Default)]
pub(super) struct ExchangeState {
    events: VecDeque<ExchangeEvent>,
    last_progress: Option<f64>,
    /// Who waits for the cancellation, each under a number of its own.
    wakers: BTreeMap<u64, Waker>,
    next_waker: u64,
    pub(super) asks: ExchangeAsks,
    announced: bool,
    /// The handler wants its stream to be closed.
    leaves_stream: bool,
    pub(super) finished: bool,
}

impl Exchange {
    pub(super) fn new(
        id: ExchangeId,
        revision: Revision,
        token: Option<ProgressToken>,
        filter: LogFilter,
        capacity: usize,
        signals: Arc<Signals>,
    ) -> Self {
        Self {
            id,
            revision,
            token,
            filter,
            capacity: capacity.max(1),
            cancelled: AtomicBool::new(false),
            watched: AtomicBool::new(false),
            state: Mutex::default(),
            signals,
        }
    }

    /// An exchange of no connection: what it sends goes nowhere.
    pub fn detached() -> Arc<Self> {
        let signals = Arc::new(Signals::default());
        let (id, revision) = (ExchangeId::ALONE, Revision::NEWEST_MODERN);
        Arc::new(Self::new(id, revision, None, LogFilter::Off, 1, signals))
    }

    /// Its number on the connection.
    pub fn id(&self) -> ExchangeId {
        self.id
    }

    /// The revision of its request.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The mailbox that is told when the handler queued something.
    pub fn signals(&self) -> &Arc<Signals> {
        &self.signals
    }

    /// Whether the peer asked for progress (PROG-A-01).
    pub fn wants_progress(&self) -> bool {
        self.token.is_some()
    }

    /// Reports how far the request is. Dropped when the peer gave no token, when the request is
    /// over, when `progress` does not increase, or when it is not a finite number (PROG-A-02,
    /// fault 49).
    pub fn progress(self: &Arc<Self>, progress: f64, total: Option<f64>, message: Option<String>) {
        let (Some(token), Some(number)) = (&self.token, number(progress)) else {
            return;
        };
        let mut state = self.state();
        if state.finished || state.last_progress.is_some_and(|last| progress <= last) {
            return;
        }
        state.last_progress = Some(progress);
        let mut params = ProgressParams::new(token.clone(), number);
        params.total = total.and_then(self::number);
        params.message = message;
        if state.events.len() >= self.capacity {
            let superseded = |event: &ExchangeEvent| matches!(event, ExchangeEvent::Progress(_));
            let at = state.events.iter().rposition(superseded).unwrap_or(0);
            state.events.remove(at);
        }
        self.push(state, ExchangeEvent::Progress(params));
    }

    /// Whether a log message of this level would be sent, to save the work of making one.
    pub fn logs(&self, level: LoggingLevel) -> bool {
        match &self.filter {
            LogFilter::Off => false,
            LogFilter::Fixed(least) => level >= *least,
            LogFilter::OfConnection => self.signals.logs(level),
        }
    }

    /// Sends a log message, when its level passes the peer's filter (LOG-M-02, LOG-L-03).
    pub fn log(self: &Arc<Self>, level: LoggingLevel, logger: Option<String>, data: Value) {
        if !self.logs(level) {
            return;
        }
        let mut state = self.state();
        if state.finished {
            return;
        }
        if state.events.len() >= self.capacity {
            state.events.pop_front();
        }
        let mut params = LoggingMessageParams::new(level, data);
        params.logger = logger;
        self.push(state, ExchangeEvent::Log(params));
    }

    /// Tells the peer that what its user does at a URL is done (ELI-L-06). False when the request
    /// is over: then the connection has to tell.
    pub(super) fn complete_elicitation(self: &Arc<Self>, id: &str) -> bool {
        let mut state = self.state();
        if state.finished {
            return false;
        }
        if state.events.len() >= self.capacity {
            state.events.pop_front();
        }
        let params = ElicitCompleteParams::new(id);
        self.push(state, ExchangeEvent::ElicitationComplete(params));
        true
    }

    /// Asks for the stream of the request to be closed, so that its client comes back for the rest
    /// (HTTP-L-11). It is for the transport to do so, where a client can come back.
    pub fn close_stream(self: &Arc<Self>) {
        let mut state = self.state();
        if !state.finished {
            state.leaves_stream = true;
            self.announce(state);
        }
    }

    /// Whether the handler has asked for that since this was last asked.
    pub fn take_close(&self) -> bool {
        std::mem::take(&mut self.state().leaves_stream)
    }

    /// Whether the peer cancelled the request, it ran out of time, or the connection ended.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    /// Waits until the request is cancelled.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + '_ {
        CancelledFuture {
            exchange: self,
            number: None,
        }
    }

    /// Notes that the handler watches for cancellation, so that a cancelled request gets
    /// [`Limits::cancel_grace`](crate::Limits::cancel_grace) to end by itself.
    pub fn watch(&self) {
        self.watched.store(true, Ordering::Release);
    }

    /// Whether the handler watches for cancellation.
    pub fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Acquire)
    }

    /// Marks the request as cancelled and wakes those who wait for that.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        let wakers = std::mem::take(&mut self.state().wakers);
        wakers.into_values().for_each(Waker::wake);
    }

    /// Takes what the handler queued, oldest first.
    pub fn drain(&self) -> VecDeque<ExchangeEvent> {
        let mut state = self.state();
        state.announced = false;
        std::mem::take(&mut state.events)
    }

    /// Takes what is queued and refuses everything that comes after (PROG-A-02, CAN-M-02).
    /// Questions end without an answer.
    pub fn finish(&self) -> VecDeque<ExchangeEvent> {
        let mut state = self.state();
        state.finished = true;
        let events = std::mem::take(&mut state.events);
        let wakers = state.asks.end();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        events
    }

    fn push(self: &Arc<Self>, mut state: MutexGuard<'_, ExchangeState>, event: ExchangeEvent) {
        state.events.push_back(event);
        self.announce(state);
    }

    /// Tells the connection that there is something to take.
    pub(super) fn announce(self: &Arc<Self>, mut state: MutexGuard<'_, ExchangeState>) {
        if !std::mem::replace(&mut state.announced, true) {
            drop(state);
            self.signals.queue(Arc::clone(self));
        }
    }

    /// The most that may wait of each kind.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    pub(super) fn state(&self) -> MutexGuard<'_, ExchangeState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `50.0` as `50`, and nothing for what JSON cannot hold.
fn number(value: f64) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within ±2^53")]
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}

struct CancelledFuture<'a> {
    exchange: &'a Exchange,
    /// Under which its waker stands.
    number: Option<u64>,
}

impl Future for CancelledFuture<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.exchange.state();
        if self.exchange.is_cancelled() {
            return Poll::Ready(());
        }
        let number = self.number.unwrap_or(state.next_waker);
        state.next_waker = state.next_waker.max(number + 1);
        let replaced = state.wakers.insert(number, cx.waker().clone());
        // A waker may own a task that waits here too: it must not go while the lock is held.
        drop(state);
        drop(replaced);
        self.number = Some(number);
        Poll::Pending
    }
}

impl Drop for CancelledFuture<'_> {
    /// A handler may wait for many things in turn; those given up leave nothing behind.
    fn drop(&mut self) {
        if let Some(number) = self.number {
            let waker = self.exchange.state().wakers.remove(&number);
            drop(waker);
        }
    }
}
