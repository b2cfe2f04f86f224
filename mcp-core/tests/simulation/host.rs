//! The simulated server: an engine, exchanges that have none, and the handlers of both.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use mcp_core::Limits;
use mcp_core::engine::{
    Call, Change, Changes, ExchangeId, Incoming, IncomingRequest, Opened, Principal, Received,
    Route, ServerEngine, ServerProfile, Subscription, open,
};
use mcp_core::jsonrpc::{ErrorObject, encode};
use serde_json::Value;

use crate::clock::at;
use crate::diary::Diary;
use crate::dice::Dice;
use crate::handlers::{Run, Script, Way, answer, order};
use crate::nonces::nonces_of;

/// A message of the server, and the stream it leaves by; without one it leaves by the connection.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) post: Option<u64>,
    pub(crate) bytes: Vec<u8>,
}

/// Whether requests have a stream each, or share one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    Pipe,
    Exchanges,
}

pub(crate) struct Host {
    profile: Arc<ServerProfile>,
    limits: Arc<Limits>,
    wire: Wire,
    engine: ServerEngine,
    runs: BTreeMap<u64, Run>,
    next_run: u64,
    ticks: BTreeSet<(u64, u64)>,
    /// The calls that an exchange of the engine answers, and the stream it has.
    exchanges: BTreeMap<ExchangeId, (Option<u64>, BTreeSet<u64>)>,
    answered: BTreeSet<ExchangeId>,
    listening: BTreeMap<u64, Subscription>,
    /// How often each call was begun.
    begun: BTreeMap<u64, u64>,
    out: Vec<Sent>,
}

impl Host {
    pub(crate) fn new(profile: Arc<ServerProfile>, limits: Arc<Limits>, wire: Wire) -> Self {
        let engine = ServerEngine::new(Arc::clone(&profile), Arc::clone(&limits));
        Self {
            engine: match wire {
                Wire::Pipe => engine,
                Wire::Exchanges => engine.with_streams(),
            },
            profile,
            limits,
            wire,
            runs: BTreeMap::new(),
            next_run: 0,
            ticks: BTreeSet::new(),
            exchanges: BTreeMap::new(),
            answered: BTreeSet::new(),
            listening: BTreeMap::new(),
            begun: BTreeMap::new(),
            out: Vec::new(),
        }
    }

    /// Takes a message that came by the stream `post`.
    pub(crate) fn receive(
        &mut self,
        now: u64,
        post: u64,
        bytes: &[u8],
        dice: &mut Dice,
        diary: &mut Diary,
    ) {
        if self.wire == Wire::Exchanges
            && let Incoming::Request(request) = Incoming::read(bytes, self.limits.batch)
            && request.is_modern()
        {
            return self.receive_alone(now, post, request, dice);
        }
        let calls = match self.engine.handle_message(at(now), bytes) {
            Received::Handled => Vec::new(),
            Received::Call(call) => vec![call],
            Received::Batch(calls) => {
                diary.count("batches");
                calls
            }
        };
        let stream = (self.wire == Wire::Exchanges).then_some(post);
        for call in calls {
            let exchange = self.exchanges.entry(call.answered_under()).or_default();
            exchange.0 = stream;
            exchange.1.insert(order(&call).0);
            // What it reports leaves under its own, which is another one in a batch.
            let own = (stream, BTreeSet::from([order(&call).0]));
            self.exchanges.entry(call.exchange().id()).or_insert(own);
            if self.engine.parked() == 0 && self.engine.has_capacity() {
                self.dispatch(now, &call, dice);
            } else {
                diary.count("calls that waited for their turn");
                self.engine.park(at(now), call);
            }
        }
        self.collect(stream);
    }

    fn dispatch(&mut self, now: u64, call: &Call<'_>, dice: &mut Dice) {
        let (nonce, script) = order(call);
        self.begin(nonce);
        if script == Script::Quick {
            return self.engine.complete(call, answer(nonce));
        }
        let ticket = self.engine.begin(at(now), call);
        let run = Run::new(call, Way::Engine(ticket), dice);
        self.start(now, run, dice);
    }

    /// Counts a call. It runs as often as it came: only the network of exchanges doubles.
    fn begin(&mut self, nonce: u64) {
        let begun = self.begun.entry(nonce).or_default();
        *begun += 1;
        let most = match self.wire {
            Wire::Pipe => 1,
            Wire::Exchanges => 2,
        };
        assert!(*begun <= most, "call {nonce} was begun {begun} times");
    }

    fn start(&mut self, now: u64, run: Run, dice: &mut Dice) {
        self.ticks
            .insert((now + dice.between(1, 60), self.next_run));
        self.runs.insert(self.next_run, run);
        self.next_run += 1;
    }

    /// A modern request over HTTP needs no engine.
    fn receive_alone(
        &mut self,
        now: u64,
        post: u64,
        request: IncomingRequest<'_>,
        dice: &mut Dice,
    ) {
        let agree = |_: &str, _: &str, _: &_| Ok(());
        let who = Principal::ANONYMOUS;
        match open(&self.profile, &self.limits, request, who, &agree) {
            Err((id, error)) => {
                self.push(post, |buffer| encode::error(buffer, Some(&id), &error));
            }
            Ok(Opened::Answered(response)) => self.push(post, |buffer| *buffer = response),
            Ok(Opened::Listen(subscription)) => {
                self.push(post, |buffer| subscription.acknowledge(buffer));
                self.listening.insert(post, subscription);
            }
            Ok(Opened::Call(call)) => {
                let id = call.id().clone();
                self.begin(order(&call).0);
                let mut run = Run::new(&call, Way::Alone { post, id }, dice);
                run.deadline = Some(now + millis(self.limits.call_timeout));
                if order(&call).1 == Script::Quick {
                    let outcome = answer(run.nonce);
                    return self.answer_alone(&run, outcome);
                }
                self.start(now, run, dice);
            }
        }
    }

    fn push(&mut self, post: u64, write: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = Vec::new();
        write(&mut bytes);
        let post = Some(post);
        self.out.push(Sent { post, bytes });
    }

    fn answer_alone(&mut self, run: &Run, outcome: mcp_core::engine::Outcome) {
        let Way::Alone { post, id } = &run.way else {
            panic!("it has no stream of its own");
        };
        for event in run.exchange.finish() {
            self.push(*post, |buffer| {
                event.encode(run.exchange.revision(), buffer);
            });
        }
        let profile = Arc::clone(&self.profile);
        let revision = run.exchange.revision();
        self.push(*post, |buffer| {
            profile.encoder().respond(buffer, id, revision, outcome);
        });
    }

    /// The stream has closed: what was asked by it in the modern era is cancelled (HTTP-M-33).
    pub(crate) fn disconnect(&mut self, post: u64) {
        self.listening.remove(&post);
        let is_its = |run: &Run| matches!(run.way, Way::Alone { post: own, .. } if own == post);
        self.runs.retain(|_, run| {
            let gone = is_its(run);
            if gone {
                run.exchange.finish();
                run.exchange.cancel();
            }
            !gone
        });
    }

    pub(crate) fn change(&mut self, change: Change) {
        for subscription in self.listening.values() {
            subscription.signals().change(change.clone());
        }
        self.engine.signals().change(change);
        self.collect(None);
    }

    pub(crate) fn end_subscriptions(&mut self) {
        self.engine.end_subscriptions();
        for (post, subscription) in std::mem::take(&mut self.listening) {
            let profile = Arc::clone(&self.profile);
            self.push(post, |buffer| subscription.end(buffer, profile.encoder()));
        }
        self.collect(None);
    }

    pub(crate) fn close(&mut self, now: u64) {
        self.engine.handle_close(at(now));
    }

    /// When something is due.
    pub(crate) fn poll_timeout(&mut self) -> Option<u64> {
        let engine = self.engine.poll_timeout().map(crate::clock::millis_of);
        let tick = self.ticks.first().map(|(due, _)| *due);
        let deadlines = self.runs.values().filter_map(|run| run.deadline);
        [engine, tick, deadlines.min()].into_iter().flatten().min()
    }

    /// Does what is due.
    pub(crate) fn wake(&mut self, now: u64, dice: &mut Dice, diary: &mut Diary) {
        while let Some((_, number)) = self.ticks.first().filter(|(due, _)| *due <= now).copied() {
            self.ticks.pop_first();
            let Some(run) = self.runs.get_mut(&number) else {
                continue;
            };
            match run.tick(dice, diary) {
                None => {
                    self.ticks.insert((now + dice.between(1, 60), number));
                }
                Some(outcome) => self.finish(number, outcome),
            }
        }
        let late = |(number, run): (&u64, &Run)| {
            let late = run.deadline.is_some_and(|deadline| deadline <= now);
            late.then_some(*number)
        };
        let late: Vec<u64> = self.runs.iter().filter_map(late).collect();
        for number in late {
            diary.count("calls out of time");
            self.runs[&number].exchange.cancel();
            self.finish(number, Err(ErrorObject::internal("limit `call_timeout`")));
        }
        self.engine.handle_timeout(at(now));
        self.pump(now, dice, diary);
    }

    fn finish(&mut self, number: u64, outcome: mcp_core::engine::Outcome) {
        let run = self.runs.remove(&number).expect("it runs");
        match &run.way {
            Way::Engine(ticket) => self.engine.finish(ticket, outcome),
            Way::Alone { .. } => self.answer_alone(&run, outcome),
        }
    }

    /// Passes on what handlers queued, and lets those run whose turn it is.
    pub(crate) fn pump(&mut self, now: u64, dice: &mut Dice, diary: &mut Diary) {
        while let Some(parked) = self.engine.unpark() {
            self.dispatch(now, &parked.call(), dice);
        }
        if let Some(mail) = self.engine.signals().take() {
            for exchange in mail.exchanges {
                self.engine.flush(at(now), &exchange);
            }
            self.engine.announce(&mail.changes);
        }
        self.pump_alone();
        while let Some(stopped) = self.engine.poll_abort() {
            self.abort(stopped, dice, diary);
        }
        self.collect(None);
    }

    fn pump_alone(&mut self) {
        let mut said = Vec::new();
        for run in self.runs.values() {
            if let Way::Alone { post, .. } = &run.way
                && run.exchange.signals().take().is_some()
            {
                for event in run.exchange.drain() {
                    let mut bytes = Vec::new();
                    event.encode(run.exchange.revision(), &mut bytes);
                    said.push((*post, bytes));
                }
            }
        }
        for (post, subscription) in &self.listening {
            let mail = subscription.signals().take();
            let changes = mail.map_or_else(Changes::default, |mail| mail.changes);
            subscription.announce(&changes, |bytes| said.push((*post, bytes.to_vec())));
        }
        for (post, bytes) in said {
            self.push(post, |buffer| *buffer = bytes);
        }
    }

    /// Stops a handler, which may have ended just before without having said so.
    fn abort(&mut self, stopped: ExchangeId, dice: &mut Dice, diary: &mut Diary) {
        let is_it =
            |run: &Run| matches!(&run.way, Way::Engine(ticket) if ticket.exchange() == stopped);
        let mut runs = self.runs.iter();
        let Some((&number, _)) = runs.find(|(_, run)| is_it(run)) else {
            return;
        };
        let run = self.runs.remove(&number).expect("it runs");
        diary.count("handlers stopped");
        if let Way::Engine(ticket) = &run.way
            && dice.one_in(2)
        {
            diary.count("answers that came too late");
            self.engine.finish(ticket, answer(run.nonce));
        }
    }

    /// Takes what the engine says, and holds it against what it may say.
    fn collect(&mut self, stream: Option<u64>) {
        let mut bytes = Vec::new();
        while let Some(route) = self.engine.poll_output(&mut bytes) {
            let message = std::mem::take(&mut bytes);
            let post = match route {
                Route::Connection => None,
                Route::Subscription(_) => stream,
                Route::Request(exchange) => self.beside(exchange, &message),
                Route::Response(exchange) => {
                    assert!(self.answered.insert(exchange), "answered twice");
                    self.beside(exchange, &message).or(stream)
                }
            };
            let bytes = message;
            self.out.push(Sent { post, bytes });
        }
    }

    /// The stream of an exchange, on which nothing of another may travel.
    fn beside(&self, exchange: ExchangeId, message: &[u8]) -> Option<u64> {
        let message: Value = serde_json::from_slice(message).expect("JSON");
        let (post, own) = self.exchanges.get(&exchange)?;
        let strangers: Vec<u64> = nonces_of(&message)
            .into_iter()
            .filter(|nonce| !own.contains(nonce))
            .collect();
        assert!(strangers.is_empty(), "{message} is of {strangers:?}");
        let is_answer = message.get("method").is_none();
        let over = self.answered.contains(&exchange) && !is_answer;
        assert!(!over, "{message} after the answer");
        *post
    }

    /// What has to be sent.
    pub(crate) fn take_sent(&mut self) -> Vec<Sent> {
        std::mem::take(&mut self.out)
    }

    /// That nothing is left behind.
    pub(crate) fn assert_at_rest(&mut self) {
        assert!(self.runs.is_empty(), "{} handlers run", self.runs.len());
        assert!(self.listening.is_empty(), "subscriptions are open");
        assert!(self.engine.is_at_rest(), "not at rest: {:?}", self.engine);
        assert_eq!(self.engine.asking(), 0);
        assert_eq!(self.engine.poll_timeout(), None, "something is due");
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).expect("a short time")
}
