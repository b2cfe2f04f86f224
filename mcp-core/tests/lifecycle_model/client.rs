//! The client's engine: everything that a server can answer while it connects, to the end of each
//! way.

use std::collections::{BTreeSet, VecDeque};
use std::sync::LazyLock;
use std::time::Instant;

use mcp_core::engine::{CallError, ClientConfig, ClientEngine, ClientEvent, RequestOptions};
use mcp_core::{Era, Revision};
use serde_json::{Map, Value, json};

#[expect(
    clippy::disallowed_methods,
    reason = "an `Instant` has no other origin"
)]
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// No way is longer: every answer decides something.
const LONGEST: usize = 8;

/// What a server does next.
#[derive(Debug, Clone, PartialEq)]
enum Does {
    /// It answers what was asked last, by a result.
    Result(Value),
    /// By an error.
    Error(Value),
    /// It says nothing, until the time is over.
    Nothing,
    /// It asks whether anybody is there.
    Ping,
    /// It ends the connection.
    Close,
}

fn initialized(version: &str) -> Does {
    Does::Result(json!({
        "protocolVersion": version,
        "capabilities": {},
        "serverInfo": { "name": "tested", "version": "1" },
    }))
}

fn discovered(versions: &[&str]) -> Does {
    Does::Result(json!({
        "resultType": "complete", "supportedVersions": versions, "capabilities": {},
        "ttlMs": 0, "cacheScope": "private",
    }))
}

/// Everything that is tried at every point.
fn everything() -> Vec<Does> {
    let modern = Revision::NEWEST_MODERN.as_str();
    let mut all = vec![
        Does::Nothing,
        Does::Ping,
        Does::Close,
        Does::Result(Value::Null),
        Does::Error(json!({ "code": -32601, "message": "m" })),
        Does::Error(json!({ "code": -32020, "message": "m" })),
        discovered(&[modern]),
        discovered(&["2024-11-05"]),
        discovered(&["2099-01-01"]),
        initialized("2099-01-01"),
    ];
    for version in Revision::ALL.map(Revision::as_str) {
        all.push(initialized(version));
        let data = json!({ "supported": [version], "requested": "?" });
        for code in [-32022, -32602] {
            let error = json!({ "code": code, "message": "m", "data": data });
            all.push(Does::Error(error));
        }
    }
    all
}

/// A client that connects, and all that was seen of it.
struct Client {
    engine: ClientEngine,
    now: Instant,
    sent: Vec<Value>,
    connected: usize,
    failed: usize,
}

impl Client {
    fn new(pinned: Option<Revision>) -> Self {
        let mut config = ClientConfig::new("client", "1");
        config.pinned = pinned;
        let mut client = Self {
            engine: ClientEngine::new(config),
            now: *START,
            sent: Vec::new(),
            connected: 0,
            failed: 0,
        };
        client.engine.connect(client.now);
        client.look();
        client
    }

    fn look(&mut self) {
        let mut bytes = Vec::new();
        while self.engine.poll_output(&mut bytes).is_some() {
            self.sent
                .push(serde_json::from_slice(&bytes).expect("JSON"));
            bytes.clear();
        }
        while let Some(event) = self.engine.poll_event() {
            match event {
                ClientEvent::Connected(_) => self.connected += 1,
                ClientEvent::Failed(_) => self.failed += 1,
                other => panic!("{other:?} while it connects"),
            }
        }
    }

    fn feed(&mut self, does: &Does) {
        let asked = self.sent.iter().rfind(|m| m.get("method").is_some());
        let id = asked.expect("something was sent")["id"].clone();
        let message = match does {
            Does::Result(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Does::Error(error) => json!({ "jsonrpc": "2.0", "id": id, "error": error }),
            Does::Ping => json!({ "jsonrpc": "2.0", "id": "ping", "method": "ping" }),
            Does::Nothing => {
                if let Some(due) = self.engine.poll_timeout() {
                    self.now = due;
                    self.engine.handle_timeout(due);
                }
                return self.look();
            }
            Does::Close => {
                self.engine.handle_close();
                return self.look();
            }
        };
        let bytes = message.to_string();
        self.engine.handle_message(self.now, bytes.as_bytes());
        self.look();
    }

    fn methods(&self) -> Vec<&str> {
        let methods = self.sent.iter().filter_map(|m| m["method"].as_str());
        methods.collect()
    }

    /// What the engine can still remember: what it has asked for, in which versions, and what came
    /// of it.
    fn seen(&self) -> String {
        // Its answers to pings leave nothing behind.
        let asked = self.sent.iter().filter(|m| m.get("method").is_some());
        let asked = asked.map(|message| {
            let version = &message["params"]["protocolVersion"];
            format!("{} {version}", message["method"])
        });
        let asked: Vec<String> = asked.collect();
        format!("{asked:?} {} {}", self.connected, self.failed)
    }

    fn is_decided(&self) -> bool {
        self.connected + self.failed > 0
    }
}

fn replay(pinned: Option<Revision>, way: &[Does]) -> Client {
    let mut client = Client::new(pinned);
    way.iter().for_each(|does| client.feed(does));
    client
}

/// Goes every way to its end; one way to each thing that can be seen is enough to go on from. Every
/// step is checked, those that lead to nothing new included.
fn every_way(mut check: impl FnMut(&Client, Option<Revision>, &[Does])) -> usize {
    let pins = Revision::ALL.map(Some).into_iter().chain([None]);
    let mut ways: VecDeque<(Option<Revision>, Vec<Does>)> = pins.map(|pin| (pin, vec![])).collect();
    let mut known = BTreeSet::new();
    let mut count = 0;
    while let Some((pinned, way)) = ways.pop_front() {
        let client = replay(pinned, &way);
        count += 1;
        check(&client, pinned, &way);
        if client.is_decided() || !known.insert(format!("{pinned:?} {}", client.seen())) {
            continue;
        }
        assert!(way.len() < LONGEST, "undecided after {way:?}");
        for does in everything() {
            let longer = way.iter().chain([&does]).cloned();
            ways.push_back((pinned, longer.collect()));
        }
    }
    count
}

#[test]
fn every_way_to_connect_ends_in_one_decision() {
    let count = every_way(|client, _, way| {
        assert!(client.connected + client.failed <= 1, "{way:?}");
        assert_eq!(
            client.engine.revision().is_some(),
            client.connected == 1,
            "{way:?}"
        );
        // No dead end: what is not decided waits for a time that will come.
        let waits = client.engine.poll_timeout().is_some();
        assert!(waits || client.is_decided(), "stuck after {way:?}");
    });
    assert!(count > 500, "only {count} ways");
}

#[test]
fn life_l_01_and_05_nothing_but_the_answer_to_a_ping_comes_before_the_decision() {
    every_way(|client, pinned, way| {
        let first = match pinned.map(Revision::era) {
            Some(Era::Legacy) => "initialize",
            _ => "server/discover",
        };
        let methods = client.methods();
        assert_eq!(methods[0], first, "{way:?}");
        let known = ["initialize", "server/discover", "notifications/initialized"];
        assert!(methods.iter().all(|m| known.contains(m)), "{methods:?}");
        let answered = client.sent.iter().filter(|m| m["id"] == "ping").count();
        let pinged = way.iter().filter(|does| **does == Does::Ping).count();
        // A modern server asks nothing, and is not answered (RPC-M-09).
        assert!(answered <= pinged, "{way:?}");
    });
}

#[test]
fn life_l_04_initialized_follows_a_handshake_that_succeeded_and_nothing_else() {
    every_way(|client, _, way| {
        let legacy = |revision: Revision| revision.era() == Era::Legacy;
        let due = client.engine.revision().is_some_and(legacy);
        let methods = client.methods();
        let told = methods
            .iter()
            .filter(|m| **m == "notifications/initialized");
        assert_eq!(told.count(), usize::from(due), "{way:?}");
    });
}

#[test]
fn life_l_06_initialize_is_never_cancelled() {
    every_way(|client, _, way| {
        let mut methods = client.methods().into_iter();
        let cancelled = methods.any(|m| m == "notifications/cancelled");
        assert!(!cancelled, "{way:?}");
    });
}

#[test]
fn life_l_07_a_pinned_client_speaks_its_revision_or_none() {
    every_way(|client, pinned, way| {
        if let (Some(spoken), Some(pinned)) = (client.engine.revision(), pinned) {
            assert_eq!(spoken, pinned, "{way:?}");
        }
    });
}

#[test]
fn life_l_10_what_has_failed_takes_no_request_and_says_nothing_more() {
    every_way(|client, pinned, way| {
        if client.failed == 0 {
            return;
        }
        for does in everything() {
            let mut again = replay(pinned, way);
            again.feed(&does);
            let sent: Vec<&Value> = again.sent[client.sent.len()..].iter().collect();
            let only_pings = sent.iter().all(|message| message["id"] == "ping");
            assert!(only_pings, "{way:?}, then {does:?}: {sent:?}");
            assert_eq!((again.connected, again.failed), (0, 1), "{way:?}, {does:?}");
            let options = RequestOptions::default();
            let asked = again
                .engine
                .request(again.now, "tools/list", Map::new(), &options);
            assert_eq!(asked, Err(CallError::Closed), "{way:?}, then {does:?}");
        }
    });
}
