//! The server's engine: every state it reaches with every revision, every message there, and how
//! many answers it has.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use mcp_core::engine::{Received, Reply, ServerEngine, ServerProfile};
use mcp_core::lifecycle::{Event, State, Violation, transition};
use mcp_core::model::{Implementation, ServerCapabilities};
use mcp_core::{Era, Feature, Limits, Revision};
use serde_json::{Value, json};

#[expect(
    clippy::disallowed_methods,
    reason = "an `Instant` has no other origin"
)]
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// What a client says, or does.
#[derive(Debug, Clone)]
struct Said {
    event: Event,
    /// Nothing for the end of the connection.
    message: Option<Value>,
    /// Whether the rest of the message is as it should be, so that only the state decides.
    is_sound: bool,
}

impl Said {
    fn sound(event: Event, message: Value) -> Self {
        Self {
            event,
            message: Some(message),
            is_sound: true,
        }
    }

    fn is_request(&self) -> bool {
        let message = self.message.as_ref();
        message.is_some_and(|message| message.get("id").is_some() || message.is_array())
    }
}

fn request(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": "this", "method": method, "params": params })
}

fn notification(method: &str) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": {} })
}

fn modern(version: &str) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    request("tools/list", json!({ "_meta": meta }))
}

/// The events of a client, once for each version where they name one.
fn said() -> Vec<Said> {
    let versions = Revision::ALL.map(Revision::as_str);
    let mut all = Vec::new();
    for version in versions.into_iter().chain(["2099-01-01"]) {
        let params = json!({
            "protocolVersion": version,
            "capabilities": {},
            "clientInfo": { "name": "peer", "version": "1" },
        });
        all.push(Said::sound(
            Event::Initialize,
            request("initialize", params),
        ));
        let is_served = Revision::from_wire(version).is_some_and(|r| r.era() == Era::Modern);
        all.push(Said {
            is_sound: is_served,
            ..Said::sound(Event::ModernRequest, modern(version))
        });
    }
    all.push(Said {
        is_sound: false,
        ..Said::sound(Event::Initialize, request("initialize", json!({})))
    });
    let list = request("tools/list", json!({}));
    all.extend([
        Said::sound(
            Event::Initialized,
            notification("notifications/initialized"),
        ),
        Said::sound(Event::Ping, request("ping", json!({}))),
        Said::sound(Event::ClientRequest, list.clone()),
        Said::sound(
            Event::ClientNotification,
            notification("notifications/roots/list_changed"),
        ),
        Said::sound(Event::Batch, json!([list])),
        Said {
            event: Event::Close,
            message: None,
            is_sound: true,
        },
    ]);
    all
}

/// What can be seen of an engine.
type Seen = (State, Option<Revision>);

fn engine() -> ServerEngine {
    let capabilities: ServerCapabilities =
        serde_json::from_value(json!({ "tools": {} })).expect("capabilities");
    let info = Implementation::new("tested", "1");
    let profile = ServerProfile::new(info, capabilities, None, &Revision::ALL);
    ServerEngine::new(Arc::new(profile), Limits::default())
}

/// Lets it happen, and returns the answers.
fn feed(engine: &mut ServerEngine, said: &Said) -> Vec<Value> {
    match &said.message {
        None => engine.handle_close(*START),
        Some(message) => {
            let bytes = message.to_string().into_bytes();
            let calls = match engine.handle_message(*START, &bytes) {
                Received::Handled => Vec::new(),
                Received::Call(call) => vec![call],
                Received::Batch(calls) => calls,
            };
            for call in calls {
                engine.complete(&call, Ok(Reply::Empty));
            }
        }
    }
    let mut answers = Vec::new();
    let mut bytes = Vec::new();
    while engine.poll_output(&mut bytes).is_some() {
        answers.push(serde_json::from_slice(&bytes).expect("JSON"));
        bytes.clear();
    }
    answers
}

fn replay(way: &[Said]) -> ServerEngine {
    let mut engine = engine();
    for said in way {
        feed(&mut engine, said);
    }
    engine
}

fn seen(engine: &ServerEngine) -> Seen {
    (engine.state(), engine.negotiated())
}

/// A way to a state, what was said there, the state before and after, and the answers.
type Step = (Vec<Said>, Said, Seen, Seen, Vec<Value>);

/// Every state, with every thing that can be said there, what came of it and how it was answered.
fn steps() -> Vec<Step> {
    let key = |seen: Seen| format!("{seen:?}");
    let mut known = BTreeMap::from([(key(seen(&engine())), ())]);
    let mut queue: VecDeque<Vec<Said>> = VecDeque::from([Vec::new()]);
    let mut steps = Vec::new();
    while let Some(way) = queue.pop_front() {
        for said in said() {
            let mut engine = replay(&way);
            let before = seen(&engine);
            let answers = feed(&mut engine, &said);
            let after = seen(&engine);
            if known.insert(key(after), ()).is_none() {
                let longer = way.iter().chain([&said]).cloned();
                queue.push_back(longer.collect());
            }
            steps.push((way.clone(), said, before, after, answers));
        }
    }
    steps
}

#[test]
fn the_engine_reaches_every_state_with_every_legacy_revision() {
    let mut reached: Vec<String> = steps().iter().map(|s| format!("{:?}", s.3)).collect();
    reached.sort();
    reached.dedup();
    let legacy = Revision::ALL
        .iter()
        .filter(|r| r.era() == Era::Legacy)
        .count();
    // Without a handshake: not begun, and closed. With one: answered, confirmed and closed.
    assert_eq!(reached.len(), 2 + 3 * legacy, "{reached:?}");
}

#[test]
fn the_engine_goes_where_the_table_says_and_nowhere_else() {
    for (way, said, before, after, answers) in steps() {
        let expected = match transition(before.0, said.event) {
            Ok(next) if said.is_sound => next,
            _ => before.0,
        };
        assert_eq!(after.0, expected, "{way:?}, then {said:?}: {answers:?}");
    }
}

#[test]
fn rpc_a_06_every_request_in_every_state_has_one_answer_and_nothing_else_has_any() {
    for (way, said, before, _, answers) in steps() {
        let due = usize::from(said.is_request() && before.0 != State::Closed);
        assert_eq!(answers.len(), due, "{way:?}, then {said:?}: {answers:?}");
    }
}

#[test]
fn a_violation_is_answered_with_its_own_error_and_what_is_allowed_with_a_result() {
    for (way, said, before, _, answers) in steps() {
        let Some(answer) = answers.first() else {
            continue;
        };
        let batches = before.1.is_some_and(|r| r.has(Feature::Batching));
        let answer = match answer {
            Value::Array(answers) => &answers[0],
            answer => answer,
        };
        let what = format!("{way:?}, then {said:?}: {answer}");
        match transition(before.0, said.event) {
            Err(Violation::Early) if said.event == Event::Batch => {
                assert_eq!(answer["error"]["code"], -32600, "{what}");
            }
            Err(violation) => {
                let code = violation.error().code.0;
                assert_eq!(answer["error"]["code"], code, "{what}");
            }
            // RPC-L-11.
            Ok(_) if said.event == Event::Batch && !batches => {
                assert_eq!(answer["error"]["code"], -32600, "{what}");
            }
            Ok(_) => assert_eq!(answer.get("result").is_some(), said.is_sound, "{what}"),
        }
    }
}

#[test]
fn life_l_03_the_version_asked_for_is_granted_if_it_has_a_handshake_and_never_changes() {
    for (way, said, before, after, answers) in steps() {
        if before.1.is_some() {
            assert_eq!(after.1, before.1, "{way:?}, then {said:?}");
        } else if let Some(granted) = after.1 {
            let asked = said.message.expect("it was said");
            let asked = asked["params"]["protocolVersion"].as_str().expect("text");
            let legacy = |r: &Revision| r.era() == Era::Legacy;
            let due = Revision::from_wire(asked).filter(legacy);
            assert_eq!(granted, due.unwrap_or(Revision::NEWEST_LEGACY));
            let told = &answers[0]["result"]["protocolVersion"];
            assert_eq!(*told, granted.as_str());
        }
    }
}

#[test]
fn life_l_10_a_closed_engine_is_at_rest_whatever_comes() {
    for (way, said, before, _, _) in steps() {
        if before.0 == State::Closed {
            let mut engine = replay(&way);
            feed(&mut engine, &said);
            assert!(engine.is_at_rest(), "{way:?}, then {said:?}");
        }
    }
}
