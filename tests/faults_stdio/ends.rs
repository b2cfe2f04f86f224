//! Faults 15 to 18 and 57: full pipes, closed pipes, and the end of a server.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin};

use serde_json::{Value, json};

use crate::support::process::{Process, skip_to_the_protocol, spawn};
use crate::support::{call, cancel, initialize, modern, text_result};

#[test]
fn fault_15_calls_in_flight_at_the_end_of_input_are_answered() {
    let mut server = Process::ready();
    for id in 1..=5 {
        server.send(call(id, "later", json!({ "text": "still" })));
    }
    server.close_input();
    let ended = server.wait();
    let mut answers = ended.rest;
    answers.sort_by_key(|answer| answer["id"].as_i64());
    assert_eq!(answers, [1, 2, 3, 4, 5].map(|id| text_result(id, "still")));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn fault_15_a_call_that_never_ends_does_not_keep_the_server() {
    let mut server = Process::start("hasty");
    server.shake_hands("2025-11-25");
    server.send(call(1, "stubborn", json!({})));
    server.finish();
}

#[test]
fn fault_15_a_thread_that_never_comes_back_does_not_keep_the_server() {
    let mut server = Process::start("hasty");
    server.shake_hands("2025-11-25");
    server.send(call(1, "blocked", json!({})));
    server.finish();
}

#[test]
fn fault_46_a_call_and_its_cancellation_in_one_write_have_one_outcome() {
    let mut server = Process::ready();
    for id in 1..=50 {
        let both = format!(
            "{}\n{}",
            call(id, "later", json!({ "text": "x" })),
            cancel(id)
        );
        server.send_text(&both);
    }
    server.send(call("well?", "echo", json!({ "text": "here" })));
    server.close_input();
    let ended = server.wait();
    let ids: BTreeSet<String> = ended.rest.iter().map(|a| a["id"].to_string()).collect();
    assert_eq!(ids.len(), ended.rest.len(), "no id is answered twice");
    assert!(ended.rest.contains(&text_result("well?", "here")));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

/// A server with a call that never ends, and the pipe to it; its output is given away.
fn with_endless_call(kind: &str) -> (Child, ChildStdin, BufReader<std::process::ChildStdout>) {
    let mut child = spawn(kind);
    let mut to_server = child.stdin.take().unwrap();
    let mut from_server = BufReader::new(child.stdout.take().unwrap());
    skip_to_the_protocol(&mut from_server);
    for message in [initialize(1, "2025-11-25"), call(2, "hang", json!({}))] {
        let line = format!("{message}\n");
        to_server.write_all(line.as_bytes()).unwrap();
    }
    // With everything read, only a hang-up can tell the server that its reader is gone.
    from_server.read_line(&mut String::new()).unwrap();
    (child, to_server, from_server)
}

#[track_caller]
fn assert_clean_end(mut child: Child) {
    let mut errors = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut errors)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{errors}");
}

#[test]
#[cfg_attr(
    not(target_os = "linux"),
    ignore = "only Linux tells of a hang-up without a write"
)]
fn fault_15_the_drain_is_cut_short_when_nobody_can_read_the_answers() {
    let (child, to_server, from_server) = with_endless_call("patient");
    drop(to_server);
    drop(from_server);
    assert_clean_end(child);
}

#[test]
#[cfg_attr(
    not(target_os = "linux"),
    ignore = "only Linux tells of a hang-up without a write"
)]
fn fault_15_a_hang_up_before_the_end_of_input_cuts_the_drain_too() {
    let (child, mut to_server, from_server) = with_endless_call("patient");
    drop(from_server);
    // The server still reads, and has nothing to say to this.
    for _ in 0..1000 {
        let unread = cancel("nothing").to_string() + "\n";
        if to_server.write_all(unread.as_bytes()).is_err() {
            break;
        }
    }
    drop(to_server);
    assert_clean_end(child);
}

#[test]
fn fault_16_a_broken_pipe_is_a_clean_end() {
    let (child, mut to_server, from_server) = with_endless_call("patient");
    drop(from_server);
    let ping = r#"{"jsonrpc":"2.0","id":3,"method":"ping"}"#;
    // Its end may come before the last of this was read.
    let _ = to_server.write_all(format!("{ping}\n").as_bytes());
    assert_clean_end(child);
    drop(to_server);
}

#[test]
fn fault_17_calls_are_accepted_while_nobody_reads_and_a_cancel_still_counts() {
    let mut child = spawn("");
    let mut to_server = child.stdin.take().unwrap();
    let mut send = |message: Value| {
        let line = format!("{message}\n");
        to_server.write_all(line.as_bytes()).unwrap();
    };
    send(initialize("handshake", "2025-11-25"));
    send(call("hang", "hang", json!({})));
    for id in 0..400 {
        send(call(id, "big", json!({ "bytes": 65_536 })));
    }
    send(cancel("hang"));
    drop(to_server);
    // Only now does anyone read.
    let mut output = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut output)
        .unwrap();
    let answered = output.lines().filter(|line| line.len() > 65_536);
    assert_eq!(answered.count(), 400);
    assert_clean_end(child);
}

#[test]
fn fault_18_two_hundred_large_answers_at_once_are_all_delivered() {
    let mut server = Process::ready();
    for id in 0..200 {
        server.send(call(id, "big", json!({ "bytes": 65_536 })));
    }
    let mut ids = BTreeSet::new();
    for _ in 0..200 {
        let answer = server.recv();
        let text = answer["result"]["content"][0]["text"].as_str();
        assert_eq!(text.map(str::len), Some(65_536));
        ids.insert(answer["id"].as_i64().unwrap());
    }
    assert_eq!(ids, (0..200).collect());
    server.still_serves();
    server.finish();
}

#[test]
fn fault_57_a_signal_drains_the_calls_and_ends_the_subscriptions() {
    let mut server = Process::legacy("2025-11-25");
    let filter = json!({ "notifications": { "toolsListChanged": true } });
    let acknowledged = server.ask(modern("sub", "subscriptions/listen", filter));
    assert_eq!(
        acknowledged["method"],
        "notifications/subscriptions/acknowledged"
    );
    let waiting = server.ask(call(1, "until_told", json!({})));
    assert_eq!(waiting["params"]["data"], "waiting");
    server.signal("-TERM");
    let ended = server.wait();
    let mut rest = ended.rest;
    rest.sort_by_key(|message| message["id"] == 1);
    let [result, cancelled, answer] = &rest[..] else {
        panic!("{rest:?}");
    };
    assert_eq!(*answer, text_result(1, "in time"));
    let key = "io.modelcontextprotocol/subscriptionId";
    assert_eq!(result["id"], "sub", "SUB-M-08");
    assert_eq!(result["result"]["_meta"][key], "sub", "SUB-M-03");
    assert_eq!(result["result"]["resultType"], "complete");
    assert_eq!(cancelled["method"], "notifications/cancelled", "AMB-01");
    assert_eq!(cancelled["params"]["requestId"], "sub");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}
