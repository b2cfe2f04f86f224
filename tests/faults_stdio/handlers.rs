//! Faults 45 to 54: handlers that are cancelled, that talk too much, that panic, that never end.

use serde_json::{Value, json};

use crate::support::process::Process;
use crate::support::{call, cancel, error_of, request, text_of, text_result};

#[test]
fn fault_45_a_cancelled_call_is_not_answered_however_often_it_is_cancelled() {
    let mut server = Process::ready();
    server.send(cancel(1));
    server.send(call(1, "hang", json!({})));
    server.send(cancel(1));
    server.send(cancel(1));
    server.send(cancel("1"));
    server.send(cancel("never seen"));
    wait_for(&mut server, "drop hang");
    server.send(cancel(2));
    server.still_serves();
    server.finish();
}

#[test]
fn fault_45_a_handler_that_watches_ends_by_itself_and_is_not_answered() {
    let mut server = Process::ready();
    server.send(call(1, "watch", json!({})));
    server.send(cancel(1));
    wait_for(&mut server, "end watch");
    server.still_serves();
    server.finish();
}

/// Asks until a handler has noted `event`; nothing else is answered meanwhile.
fn wait_for(server: &mut Process, event: &str) {
    let mut seen = String::new();
    while !seen.contains(event) {
        let answer = server.ask(call(2, "events", json!({})));
        seen += text_of(&answer).0;
    }
}

fn with_token(mut call: Value, token: impl Into<Value>) -> Value {
    call["params"]["_meta"] = json!({ "progressToken": token.into() });
    call
}

#[test]
fn fault_49_progress_only_grows_and_ends_with_the_answer() {
    let mut server = Process::ready();
    let values = json!({ "values": [1.0, 2.5, 2.5, 1.0, -3.0, 4.0] });
    server.send(with_token(call(1, "steps", values.clone()), "t"));
    let mut last = 0.0;
    let answer = loop {
        let message = server.recv();
        if message.get("method").is_none() {
            break message;
        }
        assert_eq!(message["method"], "notifications/progress");
        assert_eq!(message["params"]["progressToken"], "t");
        let progress = message["params"]["progress"].as_f64().unwrap();
        assert!(progress > last, "{message}");
        last = progress;
    };
    assert_eq!((answer, last), (text_result(1, "done"), 4.0));
    // Without a token there is nothing to report to (PROG-A-01).
    assert_eq!(server.ask(call(2, "steps", values)), text_result(2, "done"));
    server.still_serves();
    server.finish();
}

#[test]
fn fault_50_a_flood_of_progress_is_thinned_to_its_latest_values() {
    let mut server = Process::ready();
    server.send(with_token(call(1, "flood", json!({ "count": 100_000 })), 9));
    let (mut count, mut last) = (0, 0);
    let answer = loop {
        let message = server.recv();
        if message.get("method").is_none() {
            break message;
        }
        let progress = message["params"]["progress"].as_i64().unwrap();
        assert!(progress > last, "{message}");
        (count, last) = (count + 1, progress);
    };
    assert_eq!((answer, last), (text_result(1, "done"), 100_000));
    assert!(count <= 64, "more than `Limits::queue`: {count}");
    server.still_serves();
    server.finish();
}

#[test]
fn fault_52_a_panic_is_an_internal_error_that_tells_no_secrets() {
    let mut server = Process::ready();
    for tool in [
        "panic_sync",
        "panic_late",
        "panic_drop",
        "panic_odd",
        "panic_blocking",
    ] {
        let answer = server.ask(call(1, tool, json!({})));
        assert_eq!(error_of(&answer), (json!(1), -32603), "{tool}");
        let text = answer.to_string();
        assert!(text.contains(tool) && !text.contains("secret"), "{text}");
        server.still_serves();
    }
    assert_eq!(server.ask(call(2, "count", json!({}))), text_result(2, "1"));
    let stderr = server.finish();
    assert!(stderr.contains("the secret of panic_sync"), "{stderr}");
}

#[test]
fn fault_53_a_tool_that_never_ends_is_answered_when_its_time_is_over() {
    let mut server = Process::start("hasty");
    server.shake_hands("2025-11-25");
    let answer = server.ask(call(1, "hang", json!({})));
    assert_eq!(error_of(&answer), (json!(1), -32603));
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("`call_timeout`"), "{message}");
    wait_for(&mut server, "drop hang");
    server.still_serves();
    server.finish();
}

#[test]
fn fault_54_a_blocking_tool_keeps_nobody_waiting() {
    let mut server = Process::ready();
    server.send(call(1, "blocked", json!({})));
    let pong = json!({ "jsonrpc": "2.0", "id": 2, "result": {} });
    assert_eq!(server.ask(request(2, "ping", json!({}))), pong);
    server.still_serves();
    assert_eq!(
        server.ask(call(3, "open", json!({}))),
        text_result(3, "open")
    );
    assert_eq!(server.recv(), text_result(1, "opened"));
    server.still_serves();
    server.finish();
}
