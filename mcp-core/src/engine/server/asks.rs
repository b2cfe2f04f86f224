//! Requests of the server: their ids, their answers, and what ends them without one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::ServerEngine;
use crate::engine::Route;
use crate::engine::ask::{AskCommand, AskFailure, AskOutcome};
use crate::engine::exchange::{Exchange, ExchangeId};
use crate::jsonrpc::{Malformed, RequestId, Response, encode};
use crate::lifecycle::{Event, transition};
use crate::model::{CancelledParams, InputRequest};

/// The requests this server has sent and that are not answered, in the order of their ids. All
/// have the same time, so that is the order of their deadlines, too.
#[derive(Debug, Default)]
pub(super) struct OpenAsks {
    last_id: i64,
    open: BTreeMap<RequestId, OpenAsk>,
    /// Whether no answer reaches this engine.
    one_way: bool,
}

#[derive(Debug)]
struct OpenAsk {
    exchange: Arc<Exchange>,
    number: u64,
    /// `None` when it is further away than time goes.
    deadline: Option<Instant>,
}

impl OpenAsks {
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn is_one_way(&self) -> bool {
        self.one_way
    }

    /// Whether a question of this exchange waits for its answer.
    pub(super) fn has_open(&self, exchange: ExchangeId) -> bool {
        self.open.values().any(|ask| ask.exchange.id() == exchange)
    }

    pub(super) fn clear(&mut self) {
        self.open.clear();
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.open.values().next().and_then(|ask| ask.deadline)
    }

    fn take_expired(&mut self, now: Instant) -> Option<(RequestId, OpenAsk)> {
        let first = self.open.first_entry()?;
        let expired = first.get().deadline.is_some_and(|deadline| deadline <= now);
        expired.then(|| first.remove_entry())
    }

    fn ids_where(&self, wanted: impl Fn(&OpenAsk) -> bool) -> Vec<RequestId> {
        let open = self.open.iter().filter(|(_, ask)| wanted(ask));
        open.map(|(id, _)| id.clone()).collect()
    }
}

impl ServerEngine {
    /// The same engine, for a connection on which no answer of the client comes back: a legacy
    /// one without a session. Handlers that ask are refused at once.
    #[must_use]
    pub fn one_way(mut self) -> Self {
        self.asks.one_way = true;
        self
    }

    /// Requests of this server that the client has not answered.
    pub fn asking(&self) -> usize {
        self.asks.open.len()
    }

    /// Does what a handler wants about its questions.
    pub(super) fn flush_asks(&mut self, now: Instant, exchange: &Arc<Exchange>) {
        for command in exchange.drain_asks() {
            match command {
                AskCommand::Ask { number, request } => {
                    self.send_ask(now, exchange, number, &request);
                }
                AskCommand::Withdraw(number) => {
                    let id = exchange.id();
                    self.withdraw(|ask| ask.exchange.id() == id && ask.number == number, None);
                }
            }
        }
    }

    fn send_ask(
        &mut self,
        now: Instant,
        exchange: &Arc<Exchange>,
        number: u64,
        request: &InputRequest,
    ) {
        if self.asks.one_way {
            return exchange.answer_ask(number, Err(AskFailure::NoWayBack));
        }
        if transition(self.state, Event::ServerRequest).is_err() {
            return exchange.answer_ask(number, Err(AskFailure::NotReady));
        }
        self.asks.last_id += 1;
        let id = RequestId::from(self.asks.last_id);
        self.outbox.push(Route::Request(exchange.id()), |buffer| {
            write(buffer, &id, request);
        });
        let ask = OpenAsk {
            exchange: Arc::clone(exchange),
            number,
            deadline: now.checked_add(self.limits.ask_timeout),
        };
        self.asks.open.insert(id, ask);
    }

    /// Takes the client's answer. One to nothing, or to something given up, is ignored (fault 28).
    pub(super) fn receive_response(&mut self, response: Response<'_>) {
        if let Some(id) = response.id {
            let outcome = response.outcome.map(ToOwned::to_owned);
            self.end_ask(&id, outcome.map_err(AskFailure::Client));
        }
    }

    /// Tells who asked that the answer was none (fault 31). False when nobody asked under its id. With
    /// neither a result nor an error nor a method, it is taken for what became of an answer.
    pub(super) fn ends_ask(&mut self, malformed: &Malformed) -> bool {
        let id = malformed.id.as_ref().filter(|_| !malformed.has_method);
        id.is_some_and(|id| {
            let why = malformed.error.message.clone().into_owned();
            self.end_ask(id, Err(AskFailure::Protocol(why)))
        })
    }

    /// False when there is no such question.
    fn end_ask(&mut self, id: &RequestId, outcome: AskOutcome) -> bool {
        let ask = self.asks.open.remove(id);
        let is_open = ask.is_some();
        if let Some(ask) = ask {
            ask.exchange.answer_ask(ask.number, outcome);
        }
        is_open
    }

    /// Gives up what the handler of `exchange` still asks.
    pub(super) fn withdraw_asks(&mut self, exchange: ExchangeId) {
        if !self.asks.is_empty() {
            self.withdraw(|ask| ask.exchange.id() == exchange, None);
        }
    }

    fn withdraw(&mut self, wanted: impl Fn(&OpenAsk) -> bool, reason: Option<&str>) {
        for id in self.asks.ids_where(wanted) {
            if let Some(ask) = self.asks.open.remove(&id) {
                self.tell_withdrawn(id, &ask, reason);
            }
        }
    }

    /// Ends the questions whose time is over (LIFE-L-09).
    pub(super) fn expire_asks(&mut self, now: Instant) {
        while let Some((id, ask)) = self.asks.take_expired(now) {
            self.tell_withdrawn(id, &ask, Some("timeout"));
            let timeout = AskFailure::Timeout(self.limits.ask_timeout);
            ask.exchange.answer_ask(ask.number, Err(timeout));
        }
    }

    fn tell_withdrawn(&mut self, id: RequestId, ask: &OpenAsk, reason: Option<&str>) {
        let mut params = CancelledParams::new(id);
        params.reason = reason.map(Into::into);
        let route = Route::Request(ask.exchange.id());
        self.outbox.push(route, |buffer| {
            encode::notification(buffer, "notifications/cancelled", Some(&params));
        });
    }
}

/// Appends what is asked, as a request of its own.
fn write(buffer: &mut Vec<u8>, id: &RequestId, request: &InputRequest) {
    let method = request.method();
    match request {
        InputRequest::Elicit(params) => encode::request(buffer, id, method, Some(params)),
        InputRequest::CreateMessage(params) => encode::request(buffer, id, method, Some(params)),
        InputRequest::ListRoots(params) => encode::request(buffer, id, method, params.as_ref()),
        InputRequest::Other { params, .. } => {
            encode::request(buffer, id, method, params.as_ref());
        }
    }
}
