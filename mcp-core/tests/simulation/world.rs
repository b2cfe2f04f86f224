//! A client, a server, and what is between them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use mcp_core::engine::{CallError, Change, ClientConfig, Outbound, ServerProfile};
use mcp_core::jsonrpc::RequestId;
use mcp_core::model::legacy::LoggingLevel;
use mcp_core::model::{ClientCapabilities, Implementation, ServerCapabilities};
use mcp_core::{Era, Feature, Limits, Revision};
use serde_json::json;

use crate::caller::Caller;
use crate::clock::at;
use crate::diary::Diary;
use crate::dice::Dice;
use crate::host::{Host, Wire};

/// When nothing new is begun any more, in milliseconds.
const EVENING: u64 = 4_000;
/// When everything has arrived.
const NIGHT: u64 = 8_000;
/// When everything must have come to rest.
const MIDNIGHT: u64 = 120_000;

/// Something that happens at its time.
#[derive(Debug)]
pub(super) enum Event {
    /// A message of the client arrives, by a stream and for a session.
    Up {
        post: u64,
        session: u64,
        bytes: Vec<u8>,
    },
    /// A message of the server arrives.
    Down { post: Option<u64>, bytes: Vec<u8> },
    /// The stream of a request breaks.
    Break { post: u64 },
    /// The client sees that.
    Lost { post: u64 },
    /// The client does something.
    Act,
    /// Something changes at the server.
    Change,
    /// The connection is cut.
    Cut,
    /// The server is gone, and another one is there.
    Crash,
    /// Nothing new is begun.
    Evening,
}

pub(crate) struct World {
    pub(super) now: u64,
    pub(super) dice: Dice,
    pub(super) diary: Diary,
    pub(super) caller: Caller,
    pub(super) host: Host,
    pub(super) wire: Wire,
    pub(super) events: BTreeMap<(u64, u64), Event>,
    pub(super) next_event: u64,
    pub(super) next_post: u64,
    /// The streams of requests.
    pub(super) posts: BTreeMap<u64, RequestId>,
    pub(super) broken: BTreeSet<u64>,
    /// Until when a pipe carries what was said before.
    pub(super) last_up: u64,
    /// Until when each stream carries what was said before; a pipe is one.
    pub(super) last_down: BTreeMap<Option<u64>, u64>,
    /// The server that the client's session belongs to, and the one there is.
    pub(super) session: u64,
    pub(super) server: u64,
    profile: Arc<ServerProfile>,
    limits: Arc<Limits>,
}

/// Lets a world run until it is at rest.
pub(crate) fn simulate(seed: u64) -> Diary {
    let mut world = World::new(seed);
    world.live();
    world.assert_at_rest();
    world.diary
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let wire = dice.pick(&[Wire::Pipe, Wire::Exchanges]);
        let limits = Arc::new(limits(&mut dice));
        let profile = Arc::new(ServerProfile::new(
            Implementation::new("simulated", "1"),
            capabilities(),
            None,
            &Revision::ALL,
        ));
        let mut config = ClientConfig::new("simulated", "1").limits(client_limits(&mut dice));
        let asked = json!({ "elicitation": { "form": {}, "url": {} } });
        config.capabilities = serde_json::from_value::<ClientCapabilities>(asked).expect("JSON");
        config.probe_timeout = Duration::from_millis(500);
        config.log_level = dice.one_in(2).then_some(LoggingLevel::Debug);
        // Without a pin it probes.
        let pins = Revision::ALL.len() as u64;
        let pin = usize::try_from(dice.between(0, pins)).expect("an index");
        config.pinned = Revision::ALL.get(pin).copied();
        Self {
            now: 0,
            host: Host::new(Arc::clone(&profile), Arc::clone(&limits), wire),
            caller: Caller::new(config),
            wire,
            dice,
            diary: Diary::new(seed),
            events: BTreeMap::new(),
            next_event: 0,
            next_post: 0,
            posts: BTreeMap::new(),
            broken: BTreeSet::new(),
            last_up: 0,
            last_down: BTreeMap::new(),
            session: 0,
            server: 0,
            profile,
            limits,
        }
    }

    pub(super) fn schedule(&mut self, due: u64, event: Event) {
        self.events.insert((due, self.next_event), event);
        self.next_event += 1;
    }

    /// What is going to happen, whatever comes of it.
    fn plan(&mut self) {
        for _ in 0..self.dice.between(5, 25) {
            let due = self.dice.below(EVENING);
            self.schedule(due, Event::Act);
        }
        for _ in 0..self.dice.below(4) {
            let due = self.dice.below(EVENING);
            self.schedule(due, Event::Change);
        }
        if self.dice.one_in(6) {
            let due = self.dice.below(EVENING);
            self.schedule(due, Event::Cut);
        }
        if self.dice.one_in(6) {
            let due = self.dice.below(EVENING);
            self.schedule(due, Event::Crash);
        }
        self.schedule(EVENING, Event::Evening);
        // Once more, for the subscriptions that were on their way.
        self.schedule(NIGHT, Event::Evening);
    }

    fn live(&mut self) {
        self.plan();
        self.caller.engine.connect(at(0));
        self.settle();
        while let Some(next) = self.next() {
            assert!(next < MIDNIGHT, "it does not come to rest");
            self.now = self.now.max(next);
            while let Some(entry) = self.events.first_entry() {
                if entry.key().0 > self.now {
                    break;
                }
                let event = entry.remove();
                self.happen(event);
                self.settle();
            }
            self.host.wake(self.now, &mut self.dice, &mut self.diary);
            self.caller.wake(self.now, &mut self.dice);
            self.settle();
        }
    }

    fn next(&mut self) -> Option<u64> {
        let event = self.events.first_key_value().map(|((due, _), _)| *due);
        let sides = [self.host.poll_timeout(), self.caller.poll_timeout()];
        sides.into_iter().chain([event]).flatten().min()
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Up {
                post,
                session,
                bytes,
            } => self.arrive(post, session, &bytes),
            Event::Down { post, bytes } => self.come_back(post, &bytes),
            Event::Break { post } => {
                self.diary.count("streams broken");
                self.host.disconnect(post);
                self.lose(post);
            }
            Event::Lost { post } => self.report_lost(post),
            Event::Act => self.act(),
            Event::Change => {
                self.diary.count("changes");
                let resource = Change::Resource("file:///a".to_owned());
                let change = [Change::Tools, resource];
                let which = self.dice.pick(&[0, 1]);
                self.host.change(change[which].clone());
            }
            Event::Cut if self.wire == Wire::Pipe => self.cut(),
            Event::Crash if self.wire == Wire::Exchanges => self.crash(),
            Event::Cut | Event::Crash => {}
            Event::Evening => {
                if self.dice.one_in(2) {
                    self.caller.end_subscriptions(self.now, &mut self.diary);
                }
                self.host.end_subscriptions();
            }
        }
    }

    /// The client does something: often several things at once.
    fn act(&mut self) {
        if self.caller.is_over() {
            return;
        }
        if !self.caller.is_connected() {
            // It has to wait until it is connected.
            if self.now < EVENING {
                let due = self.now + self.dice.between(50, 200);
                self.schedule(due, Event::Act);
            }
            return;
        }
        let (now, dice, diary) = (self.now, &mut self.dice, &mut self.diary);
        let modern = |revision: Revision| revision.era() == Era::Modern;
        match dice.below(10) {
            0 | 1 => self.caller.cancel(now, dice, diary),
            2 => self.caller.small(now, dice, diary),
            3 if self.caller.engine.revision().is_some_and(modern) && now < EVENING => {
                self.caller.listen(now, diary);
            }
            _ => {
                for _ in 0..dice.between(1, 4) {
                    self.caller.call(now, dice, diary);
                }
            }
        }
    }

    fn cut(&mut self) {
        self.diary.note(self.now, "the connection is cut");
        self.diary.count("connections cut");
        self.caller.close();
        self.host.close(self.now);
        let is_message = |event: &Event| matches!(event, Event::Up { .. } | Event::Down { .. });
        self.events.retain(|_, event| !is_message(event));
    }

    /// Every stream breaks, and no session is known any more.
    fn crash(&mut self) {
        self.diary.note(self.now, "the server crashes");
        self.diary.count("crashes");
        self.server += 1;
        let (profile, limits) = (Arc::clone(&self.profile), Arc::clone(&self.limits));
        self.host = Host::new(profile, limits, self.wire);
        let posts: Vec<u64> = self.posts.keys().copied().collect();
        posts.into_iter().for_each(|post| self.lose(post));
    }

    /// Lets everything that is said be on its way.
    fn settle(&mut self) {
        self.host.pump(self.now, &mut self.dice, &mut self.diary);
        for sent in self.host.take_sent() {
            self.carry_down(sent);
        }
        loop {
            let (now, dice, diary) = (self.now, &mut self.dice, &mut self.diary);
            self.caller.take_events(now, dice, diary);
            if !self.carry_up() {
                break;
            }
        }
    }

    /// Messages of the client, each of which may be an array by itself.
    fn carry_up(&mut self) -> bool {
        let mut requests: Vec<Vec<u8>> = Vec::new();
        let mut bytes = Vec::new();
        let mut any = false;
        let batching = self.wire == Wire::Pipe && self.batches();
        while let Some(outbound) = self.caller.engine.poll_output(&mut bytes) {
            any = true;
            let message = std::mem::take(&mut bytes);
            let can_wait = matches!(outbound, Outbound::Request(_) | Outbound::Cancelled(_));
            if batching && can_wait {
                requests.push(message);
            } else {
                self.send_up(&outbound, message);
            }
        }
        if requests.len() > 1 {
            let array = [b"[", &requests.join(&b","[..])[..], b"]"].concat();
            self.pipe_up(array);
        } else {
            requests
                .into_iter()
                .for_each(|message| self.pipe_up(message));
        }
        any
    }

    fn batches(&self) -> bool {
        let revision = self.caller.engine.revision();
        revision.is_some_and(|revision| revision.has(Feature::Batching))
    }

    pub(super) fn report_lost(&mut self, post: u64) {
        if let Some(id) = self.posts.remove(&post) {
            let lost = CallError::Lost("the stream broke".to_owned());
            self.caller.engine.handle_failure(at(self.now), &id, lost);
        }
    }

    fn assert_at_rest(&mut self) {
        self.diary.count(match self.wire {
            Wire::Pipe => "pipes",
            Wire::Exchanges => "exchanges",
        });
        self.caller.assert_at_rest();
        self.host.assert_at_rest();
        self.host.close(self.now);
        self.host.assert_at_rest();
    }
}

fn capabilities() -> ServerCapabilities {
    serde_json::from_value(json!({
        "logging": {},
        "resources": { "subscribe": true, "listChanged": true },
        "tools": { "listChanged": true },
    }))
    .expect("capabilities")
}

/// Bounds that are met.
fn limits(dice: &mut Dice) -> Limits {
    let millis = Duration::from_millis;
    Limits {
        in_flight: usize::try_from(dice.between(4, 12)).expect("small"),
        concurrency: usize::try_from(dice.between(1, 6)).expect("small"),
        queue: usize::try_from(dice.between(1, 8)).expect("small"),
        call_timeout: millis(dice.between(200, 2_000)),
        ask_timeout: millis(dice.between(100, 1_000)),
        cancel_grace: millis(dice.between(1, 200)),
        ..Limits::default()
    }
}

fn client_limits(dice: &mut Dice) -> Limits {
    Limits {
        request_timeout: Duration::from_millis(dice.between(200, 3_000)),
        request_total: Duration::from_millis(dice.between(400, 5_000)),
        ..Limits::default()
    }
}
