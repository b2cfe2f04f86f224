//! Random conversations in both eras at once: every request has exactly one outcome, nothing
//! follows it, and nothing is left behind (faults 45, 46, 49).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mcp_core::Limits;
use mcp_core::engine::{Change, Reply};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::harness::Server;
use crate::messages::{call, cancelled, modern, modern_with, request};

/// One thing that happens. Few ids, so that they clash.
#[derive(Debug, Clone)]
enum Action {
    Call {
        id: i64,
        tool: &'static str,
        modern: bool,
    },
    Listen {
        id: i64,
    },
    Batch(Vec<(i64, &'static str)>),
    Cancel {
        id: i64,
    },
    Finish(prop::sample::Index),
    Progress(prop::sample::Index, f64),
    Change,
    Advance {
        milliseconds: u64,
    },
    Junk(&'static str),
}

fn id() -> impl Strategy<Value = i64> {
    0..5_i64
}

fn tool() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["now", "later", "later", "watch", "needs", "unknown"])
}

fn action() -> impl Strategy<Value = Action> {
    let junk = vec![
        "{",
        "[]",
        "7",
        "{\"id\":1}",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":1}",
    ];
    prop_oneof![
        6 => (id(), tool(), any::<bool>())
            .prop_map(|(id, tool, modern)| Action::Call { id, tool, modern }),
        1 => id().prop_map(|id| Action::Listen { id }),
        2 => vec((id(), tool()), 1..5).prop_map(Action::Batch),
        4 => id().prop_map(|id| Action::Cancel { id }),
        3 => any::<prop::sample::Index>().prop_map(Action::Finish),
        3 => (any::<prop::sample::Index>(), -1.0..9.0)
            .prop_map(|(which, progress)| Action::Progress(which, progress)),
        1 => Just(Action::Change),
        2 => (0..800_u64).prop_map(|milliseconds| Action::Advance { milliseconds }),
        1 => prop::sample::select(junk).prop_map(Action::Junk),
    ]
}

/// What the peer may expect.
struct Peer {
    server: Server,
    /// Answers that are due, by id.
    owed: BTreeMap<i64, usize>,
    /// Progress tokens of requests that run: the request, and the last value.
    tokens: BTreeMap<i64, (i64, f64)>,
    next_token: i64,
    subscribed: BTreeSet<i64>,
    /// Whether answers may wait for others of their batch.
    batches: bool,
}

impl Peer {
    fn new(limits: Limits, batches: bool) -> Self {
        let mut server = Server::limited(Limits {
            call_timeout: Duration::from_secs(2),
            ..limits
        });
        server.handshake("2025-03-26");
        Self {
            server,
            owed: BTreeMap::new(),
            tokens: BTreeMap::new(),
            next_token: 0,
            subscribed: BTreeSet::new(),
            batches,
        }
    }

    fn owe(&mut self, id: i64) {
        *self.owed.entry(id).or_default() += 1;
    }

    /// Whether a request with this id could still be cancelled.
    fn is_open(&self, id: i64) -> bool {
        let mut running = self.server.running.iter();
        let runs = running.any(|run| run.id == id.into() && !run.exchange.is_cancelled());
        let waits = !self.batches && self.owed.get(&id).is_some_and(|owed| *owed > 0);
        runs || waits || self.subscribed.contains(&id)
    }

    fn apply(&mut self, action: Action) {
        let output = match action {
            Action::Call { id, tool, modern } => self.call(id, tool, modern),
            Action::Listen { id } => {
                self.owe(id);
                let filter = json!({ "notifications": { "toolsListChanged": true } });
                self.server
                    .send(&modern(id, "subscriptions/listen", filter))
            }
            Action::Batch(calls) if self.batches => {
                let calls = calls.iter().map(|(id, tool)| {
                    self.owe(*id);
                    call(*id, tool)
                });
                let calls: Vec<Value> = calls.collect();
                self.server.send(&json!(calls))
            }
            Action::Batch(_) => Vec::new(),
            Action::Cancel { id } => {
                self.expect_silence(id);
                self.server.send(&cancelled(id))
            }
            Action::Finish(which) => match self.pick(which) {
                Some(at) => self.finish(at),
                None => Vec::new(),
            },
            Action::Progress(which, progress) => {
                if let Some(at) = self.pick(which) {
                    self.server.running[at]
                        .exchange
                        .progress(progress, None, None);
                }
                self.server.output()
            }
            Action::Change => self.server.change(Change::Tools),
            Action::Advance { milliseconds } => {
                self.server.advance(Duration::from_millis(milliseconds))
            }
            Action::Junk(junk) => {
                let answers = self.server.feed(junk.as_bytes());
                assert!(answers.iter().all(|answer| answer["error"].is_object()));
                Vec::new()
            }
        };
        self.observe(output);
    }

    fn finish(&mut self, at: usize) -> Vec<Value> {
        let run = self.server.running.remove(at);
        self.server.engine.finish(&run.ticket, Ok(Reply::Empty));
        self.server.output()
    }

    fn pick(&self, which: prop::sample::Index) -> Option<usize> {
        let count = self.server.running.len();
        (count > 0).then(|| which.index(count))
    }

    fn call(&mut self, id: i64, tool: &str, modern: bool) -> Vec<Value> {
        if !self.is_open(id) {
            self.next_token += 1;
            self.tokens.insert(self.next_token, (id, f64::NEG_INFINITY));
        }
        self.owe(id);
        let token = json!({ "progressToken": self.next_token });
        let params = json!({ "name": tool, "arguments": {} });
        self.server.send(&if modern {
            modern_with(id, "tools/call", params, token)
        } else {
            let mut params = params;
            params["_meta"] = token;
            request(id, "tools/call", params)
        })
    }

    /// A cancellation is about to be accepted: nothing may follow.
    fn expect_silence(&mut self, id: i64) {
        if self.is_open(id) {
            self.settle(id);
            self.subscribed.remove(&id);
            self.tokens.retain(|_, (request, _)| *request != id);
        }
    }

    fn settle(&mut self, id: i64) {
        let owed = self.owed.entry(id).or_default();
        assert!(*owed > 0, "nobody waits for an answer to {id}");
        *owed -= 1;
    }

    fn observe(&mut self, output: Vec<Value>) {
        for message in output {
            if let Some(answers) = message.as_array() {
                assert!(!answers.is_empty(), "an empty batch is never sent");
                for answer in answers {
                    self.settle(answer["id"].as_i64().expect("an id"));
                }
            } else if let Some(method) = message["method"].as_str() {
                self.notified(method, &message["params"]);
            } else {
                let id = message["id"].as_i64().expect("an id");
                self.settle(id);
                let refused = message["error"]["code"] == -32600;
                if !refused {
                    self.subscribed.remove(&id);
                    self.tokens.retain(|_, (request, _)| *request != id);
                }
            }
        }
    }

    fn notified(&mut self, method: &str, params: &Value) {
        let subscription = &params["_meta"]["io.modelcontextprotocol/subscriptionId"];
        match (method, subscription.as_i64()) {
            ("notifications/subscriptions/acknowledged", Some(id)) => {
                assert!(self.subscribed.insert(id), "acknowledged twice");
            }
            ("notifications/tools/list_changed", Some(id)) => {
                assert!(self.subscribed.contains(&id), "after the end of {id}");
            }
            // The legacy side of the connection hears of it too.
            ("notifications/tools/list_changed", None) => {}
            ("notifications/progress", None) => {
                let token = params["progressToken"].as_i64().expect("a token");
                let progress = params["progress"].as_f64().expect("a number");
                let (_, last) = self.tokens.get_mut(&token).expect("the request runs");
                assert!(progress > *last, "{progress} after {last}");
                *last = progress;
            }
            // After the result of a subscription that the server ended.
            ("notifications/cancelled", None) => {
                let id = params["requestId"].as_i64().expect("an id");
                assert!(!self.subscribed.contains(&id));
            }
            (method, _) => panic!("{method} was not expected"),
        }
    }

    /// Lets everything come to its end: every answer that is owed arrives.
    fn come_to_rest(mut self) {
        self.server.engine.end_subscriptions();
        let output = self.server.output();
        self.observe(output);
        while !self.server.running.is_empty() {
            let output = self.finish(0);
            self.observe(output);
        }
        self.owed.retain(|_, owed| *owed > 0);
        assert!(self.owed.is_empty(), "never answered: {:?}", self.owed);
        self.server.lives();
    }

    /// Ends the connection at once: nothing is said any more, and nothing stays.
    fn close(mut self) {
        self.server.engine.handle_close(self.server.now);
        let tickets: Vec<_> = self
            .server
            .running
            .iter()
            .map(|run| run.ticket.clone())
            .collect();
        assert!(self.server.output().is_empty());
        assert!(self.server.advance(Duration::from_secs(1)).is_empty());
        for ticket in tickets {
            self.server.engine.finish(&ticket, Ok(Reply::Empty));
        }
        assert!(self.server.output().is_empty());
        assert!(self.server.engine.is_at_rest());
    }
}

/// The same cases in every run.
fn fixed() -> ProptestConfig {
    ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(26),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(fixed())]

    #[test]
    fn every_request_has_one_outcome_with_batches(actions in vec(action(), 0..60)) {
        let mut peer = Peer::new(Limits::default(), true);
        actions.into_iter().for_each(|action| peer.apply(action));
        peer.come_to_rest();
    }

    #[test]
    fn every_request_has_one_outcome_where_calls_have_to_wait(actions in vec(action(), 0..60)) {
        let limits = Limits { concurrency: 1, in_flight: 4, ..Limits::default() };
        let mut peer = Peer::new(limits, false);
        actions.into_iter().for_each(|action| peer.apply(action));
        peer.come_to_rest();
    }

    #[test]
    fn a_connection_that_closes_at_any_time_leaves_nothing(actions in vec(action(), 0..60)) {
        let mut peer = Peer::new(Limits::default(), true);
        actions.into_iter().for_each(|action| peer.apply(action));
        peer.close();
    }
}
