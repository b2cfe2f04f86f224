//! What an engine knows of the questions that its handlers ask.

use std::sync::Arc;
use std::time::Duration;

use mcp_core::engine::{AskFailure, Received, ServerEngine};
use mcp_core::model::InputRequest;
use mcp_core::{Limits, Revision};
use serde_json::json;

use crate::asks::{Asking, ask, poll, roots, running};
use crate::harness::{START, capabilities, profile};
use crate::messages::{call, cancelled, result};

#[test]
fn open_questions_are_counted_and_end_with_the_connection() {
    let mut server = running(Limits::default());
    assert_eq!(server.engine.asking(), 0);
    let mut asking = [ask(&server), ask(&server), ask(&server)];
    assert_eq!(server.output(), [roots(1), roots(2), roots(3)]);
    assert_eq!(server.engine.asking(), 3);
    server.send(&result(2, json!({ "roots": [] })));
    assert_eq!(server.engine.asking(), 2);
    assert!(matches!(poll(&mut asking[1]), Some(Ok(_))));
    server.engine.handle_close(server.now);
    assert_eq!(server.engine.asking(), 0);
    assert_eq!(poll(&mut asking[0]), Some(Err(AskFailure::Ended)));
}

#[test]
fn the_first_question_that_runs_out_of_time_says_when_the_engine_needs_the_clock() {
    let second = Duration::from_secs(1);
    let mut server = running(Limits {
        ask_timeout: 5 * second,
        call_timeout: 60 * second,
        ..Limits::default()
    });
    assert_eq!(server.engine.poll_timeout(), Some(*START + 60 * second));
    let _first = ask(&server);
    server.output();
    assert_eq!(server.engine.poll_timeout(), Some(*START + 5 * second));
    server.advance(second);
    let _second = ask(&server);
    server.output();
    assert_eq!(server.engine.poll_timeout(), Some(*START + 5 * second));
}

#[test]
fn a_question_that_is_given_up_takes_no_other_with_it() {
    let mut server = running(Limits::default());
    server.send(&call("other", "later"));
    let first = ask(&server);
    let mut second = ask(&server);
    let elsewhere = server.exchange("other");
    let mut third: Asking = Box::pin(elsewhere.ask(InputRequest::ListRoots(None)));
    assert_eq!(server.output(), [roots(1), roots(2), roots(3)]);
    drop(first);
    assert_eq!(server.output(), [cancelled(1)]);
    assert_eq!(server.engine.asking(), 2);
    for (id, asking) in [(2, &mut second), (3, &mut third)] {
        server.send(&result(id, json!({ "roots": [] })));
        assert!(matches!(poll(asking), Some(Ok(_))));
    }
}

#[test]
fn a_call_says_whether_an_answer_could_find_its_way_back() {
    let profile = Arc::new(profile(capabilities(), &Revision::ALL));
    let engine = || ServerEngine::new(Arc::clone(&profile), Limits::default());
    for (engine, one_way) in [(engine(), false), (engine().one_way(), true)] {
        let mut engine = engine.after_handshake(Revision::V2025_06_18);
        let message = call(1, "now").to_string();
        let received = engine.handle_message(*START, message.as_bytes());
        let Received::Call(call) = received else {
            panic!("a call for a handler");
        };
        assert_eq!(call.is_one_way(), one_way);
    }
}
