//! What a server engine says of itself: whether it is at rest, how much waits, whom it serves.

use std::sync::Arc;

use mcp_core::engine::{
    Change, ClientProfile, Principal, Received, Route, Scopes, ServerEngine, ServerProfile,
};
use mcp_core::{Limits, Revision};
use serde_json::{Value, json};

use crate::harness::{START, Server, capabilities, profile};
use crate::messages::{call, cancelled, initialize, modern, modern_call, notification, request};

fn feed(engine: &mut ServerEngine, message: &Value) {
    let bytes = message.to_string();
    let received = engine.handle_message(*START, bytes.as_bytes());
    assert!(matches!(received, Received::Handled), "{message}");
}

#[test]
fn an_answer_that_was_not_sent_is_counted_and_keeps_the_engine_from_rest() {
    let profile = Arc::new(profile(capabilities(), &Revision::ALL));
    let mut engine = ServerEngine::new(profile, Limits::default());
    assert_eq!(engine.output_len(), 0);
    assert!(engine.is_at_rest());
    feed(&mut engine, &request(1, "ping", json!({})));
    let length = engine.output_len();
    assert!(!engine.is_at_rest());
    let mut buffer = Vec::new();
    assert!(matches!(
        engine.poll_output(&mut buffer),
        Some(Route::Response(_))
    ));
    assert_eq!(buffer.len(), length);
    assert_eq!(engine.output_len(), 0);
    assert!(engine.is_at_rest());
}

#[test]
fn a_handler_that_was_not_stopped_yet_keeps_the_engine_from_rest() {
    let mut server = Server::ready("2025-06-18");
    server.send(&call(1, "later"));
    assert!(!server.engine.is_at_rest());
    feed(&mut server.engine, &cancelled(1));
    assert!(!server.engine.is_at_rest(), "it is to be stopped");
    assert!(server.engine.poll_abort().is_some());
    assert!(server.engine.is_at_rest());
}

#[test]
fn a_handler_in_its_grace_keeps_the_engine_from_rest() {
    let mut server = Server::ready("2025-06-18");
    server.send(&call(1, "watch"));
    server.send(&cancelled(1));
    assert!(!server.engine.is_at_rest());
    server.finish(1);
    assert!(server.engine.is_at_rest());
}

#[test]
fn a_request_that_may_take_forever_keeps_the_engine_from_rest() {
    let mut server = Server::limited(Limits {
        call_timeout: std::time::Duration::MAX,
        ..Limits::default()
    });
    server.send(&modern_call(1, "later"));
    assert_eq!(server.engine.poll_timeout(), None);
    assert!(!server.engine.is_at_rest());
    server.finish(1);
    assert!(server.engine.is_at_rest());
}

/// What a handler is told of the client that shook hands as `name`.
fn client_of(profile: &Arc<ServerProfile>, name: &str) -> Arc<ClientProfile> {
    let mut engine = ServerEngine::new(Arc::clone(profile), Limits::default());
    let mut hello = initialize(1, "2025-06-18");
    hello["params"]["clientInfo"]["name"] = json!(name);
    feed(&mut engine, &hello);
    feed(
        &mut engine,
        &notification("notifications/initialized", json!({})),
    );
    let call = call(2, "now").to_string();
    let received = engine.handle_message(*START, call.as_bytes());
    let Received::Call(call) = received else {
        panic!("a call for a handler");
    };
    Arc::clone(call.client().expect("it shook hands"))
}

#[test]
fn sessions_of_one_program_share_what_it_said_and_others_do_not() {
    let profile = Arc::new(profile(capabilities(), &Revision::ALL));
    let first = client_of(&profile, "one");
    let second = client_of(&profile, "one");
    let third = client_of(&profile, "another");
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!(third.info.name, "another");
    assert_eq!(first.info.name, "one");
    assert_eq!(profile.info().name, "tested");
}

#[test]
fn a_call_is_of_whom_the_connection_belonged_to_when_it_came() {
    let profile = Arc::new(profile(capabilities(), &Revision::ALL));
    let of = |engine: &mut ServerEngine| {
        let call = modern_call(1, "now").to_string();
        let Received::Call(call) = engine.handle_message(*START, call.as_bytes()) else {
            panic!("a call for a handler");
        };
        call.principal().clone()
    };
    let ann = || Principal::verified("ann");
    let mut engine = ServerEngine::new(profile, Limits::default()).with_principal(ann());
    assert!(of(&mut engine).scopes().is_empty());
    engine.set_principal(ann().with_scopes(Scopes::parse("read")));
    assert!(of(&mut engine).scopes().contains("read"));
}

#[test]
fn a_subscription_keeps_the_engine_from_rest() {
    let mut server = Server::new();
    let all = json!({ "notifications": { "toolsListChanged": true } });
    let answer = server.send(&modern("s", "subscriptions/listen", all));
    assert_eq!(answer.len(), 1, "the acknowledgement");
    assert!(!server.engine.is_at_rest());
    server.send(&cancelled("s"));
    assert!(server.engine.is_at_rest());
}

#[test]
fn a_ticket_says_whether_its_request_is_still_to_be_answered() {
    let mut server = Server::ready("2025-06-18");
    server.send(&call(1, "later"));
    server.send(&call(2, "later"));
    let [first, second] = [0, 1].map(|at| server.running[at].ticket.clone());
    server.send(&cancelled(1));
    assert!(!server.engine.is_unanswered(&first));
    assert!(server.engine.is_unanswered(&second));
    server.finish(2);
    assert!(!server.engine.is_unanswered(&second));
}

#[test]
fn changes_of_a_resource_are_not_kept_when_its_subscription_is_over() {
    let mut server = Server::new();
    let one = json!({ "notifications": { "resourceSubscriptions": ["a:1"] } });
    server.send(&modern("s", "subscriptions/listen", one));
    let signals = Arc::clone(server.engine.signals());
    let change = || Change::Resource("a:1".to_owned());
    signals.change(change());
    assert!(signals.take().is_some());
    server.send(&cancelled("s"));
    signals.change(change());
    assert!(signals.take().is_none());
}

#[test]
fn what_waits_for_its_turn_is_counted_by_its_parameters() {
    let mut server = Server::limited(Limits {
        concurrency: 1,
        ..Limits::default()
    });
    server.send(&modern_call(1, "later"));
    assert_eq!(server.engine.parked_bytes(), 0);
    let waits = modern_call(2, "later");
    server.send(&waits);
    let length = waits["params"].to_string().len();
    assert_eq!(server.engine.parked_bytes(), length);
    server.finish(1);
    assert_eq!(server.engine.parked_bytes(), 0);
}

#[test]
fn a_hundred_requests_can_be_under_way_at_once() {
    let mut server = Server::new();
    for id in 0..100 {
        assert!(server.send(&modern_call(id, "later")).is_empty());
    }
    assert_eq!(server.engine.in_flight(), 100);
    for id in 0..100 {
        assert_eq!(server.finish(id).len(), 1);
    }
    server.lives();
}
