//! Faults 26 to 42: messages that are well-formed, but wrong for the moment or the revision.

use serde_json::{Value, json};

use crate::support::process::Process;
use crate::support::{
    INITIALIZED, call, error_of, initialize, modern, modern_call, notification, request,
    text_result,
};

#[test]
fn fault_26_every_legal_id_is_echoed_exactly() {
    let mut server = Process::ready();
    let ids = [
        json!(0),
        json!(-1),
        json!(""),
        json!("1"),
        json!(1),
        json!(9_007_199_254_740_993_i64),
        json!(i64::MAX),
        json!("\u{0}é\""),
    ];
    for id in ids {
        let answer = server.ask(request(id.clone(), "ping", json!({})));
        assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": id, "result": {} }));
    }
    server.still_serves();
    server.finish();
}

#[test]
fn fault_26_the_ids_1_and_one_are_two_requests() {
    let mut server = Process::ready();
    server.send(call(1, "blocked", json!({})));
    assert_eq!(
        server.ask(call("1", "open", json!({}))),
        text_result("1", "open")
    );
    assert_eq!(server.recv(), text_result(1, "opened"));
    server.still_serves();
    server.finish();
}

#[test]
fn fault_26_an_id_that_is_none_is_refused_without_an_id() {
    let mut server = Process::ready();
    for id in ["null", "true", "[]", "{}", "1.5"] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        let answer = server.ask_text(&line);
        assert_eq!(error_of(&answer).1, -32600, "{answer}");
        assert!(answer.get("id").is_none(), "{answer}");
    }
    server.still_serves();
    server.finish();
}

#[test]
fn fault_27_an_id_in_flight_is_refused_and_its_first_request_unharmed() {
    let mut server = Process::ready();
    server.send(call(7, "blocked", json!({})));
    let second = server.ask(call(7, "echo", json!({ "text": "second" })));
    assert_eq!(error_of(&second), (json!(7), -32600));
    let ping = server.ask(request(7, "ping", json!({})));
    assert_eq!(error_of(&ping), (json!(7), -32600));
    assert_eq!(
        server.ask(call(8, "open", json!({}))),
        text_result(8, "open")
    );
    assert_eq!(server.recv(), text_result(7, "opened"));
    // Once answered, the id is free again.
    let third = server.ask(call(7, "echo", json!({ "text": "third" })));
    assert_eq!(third, text_result(7, "third"));
    server.still_serves();
    server.finish();
}

#[test]
fn fault_30_a_wrong_envelope_is_refused_with_the_id_that_could_be_read() {
    let mut server = Process::ready();
    for line in [
        r#"{"id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
        r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":7}"#,
        r#"{"jsonrpc":"2.0","id":1}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#,
    ] {
        assert_eq!(
            error_of(&server.ask_text(line)),
            (json!(1), -32600),
            "{line}"
        );
    }
    for line in [
        r#""ping""#,
        "7",
        "null",
        "true",
        "{}",
        r#"{"jsonrpc":"2.0"}"#,
    ] {
        assert_eq!(
            error_of(&server.ask_text(line)),
            (Value::Null, -32600),
            "{line}"
        );
    }
    server.still_serves();
    server.finish();
}

#[test]
fn fault_32_an_unknown_method_is_not_found() {
    let mut server = Process::ready();
    for method in [
        "tools/frobnicate",
        "TOOLS/LIST",
        "",
        "server/discover",
        "tasks/get",
    ] {
        let answer = server.ask(request(1, method, json!({})));
        assert_eq!(error_of(&answer), (json!(1), -32601), "{method}");
    }
    for method in ["tools/frobnicate", "initialize", "ping", "logging/setLevel"] {
        let answer = server.ask(modern(1, method, json!({})));
        assert_eq!(error_of(&answer), (json!(1), -32601), "{method}, VER-D-02");
    }
    server.still_serves();
    server.finish();
}

#[test]
fn fault_33_an_unknown_notification_is_not_answered() {
    let mut server = Process::ready();
    server.send(notification("notifications/frobnicated", json!({ "a": 1 })));
    server.send(notification("notifications/cancelled", json!([])));
    server.send(notification(
        "notifications/cancelled",
        json!({ "requestId": null }),
    ));
    server.send(notification("notifications/cancelled", json!({})));
    server.send(notification("ping", json!({})));
    server.still_serves();
    server.finish();
}

#[test]
fn fault_34_params_of_the_wrong_type_are_invalid() {
    let mut server = Process::ready();
    for params in [
        json!([]),
        json!("echo"),
        json!({}),
        json!({ "name": 7 }),
        json!({ "name": "no such tool" }),
        json!({ "name": "echo", "arguments": [] }),
        json!({ "name": "echo", "arguments": "text" }),
        json!({ "name": "echo", "_meta": 7 }),
        json!({ "name": "echo", "_meta": { "progressToken": true } }),
        json!({ "name": "echo", "_meta": { "progressToken": 1.5 } }),
    ] {
        let answer = server.ask(request(1, "tools/call", params.clone()));
        assert_eq!(error_of(&answer), (json!(1), -32602), "{params}");
    }
    let answer = server.ask(request(1, "tools/list", json!({ "cursor": 7 })));
    assert_eq!(error_of(&answer), (json!(1), -32602));
    let answer = server.ask(request(1, "logging/setLevel", json!({ "level": "loud" })));
    assert_eq!(error_of(&answer), (json!(1), -32602));
    server.still_serves();
    server.finish();
}

#[test]
fn fault_35_a_call_without_an_id_is_not_made() {
    let mut server = Process::ready();
    server.send(notification(
        "tools/call",
        json!({ "name": "count", "arguments": {} }),
    ));
    assert_eq!(server.ask(call(1, "count", json!({}))), text_result(1, "1"));
    server.still_serves();
    server.finish();
}

#[test]
fn fault_36_a_batch_is_answered_as_one_in_2025_03_26() {
    let mut server = Process::legacy("2025-03-26");
    let batch = json!([
        call(1, "echo", json!({ "text": "one" })),
        notification("notifications/frobnicated", json!({})),
        request(2, "ping", json!({})),
        call(3, "later", json!({ "text": "three" })),
        { "jsonrpc": "2.0", "id": 4 },
        [request(5, "ping", json!({}))],
        initialize(6, "2025-03-26"),
    ]);
    let Value::Array(mut answers) = server.ask(batch) else {
        panic!("a batch is answered by a batch");
    };
    answers.sort_by_key(|answer| answer["id"].as_i64());
    let [nested, one, two, three, four, six] = &answers[..] else {
        panic!("{answers:?}");
    };
    assert_eq!(error_of(nested), (Value::Null, -32600));
    assert_eq!(*one, text_result(1, "one"));
    assert_eq!(*two, json!({ "jsonrpc": "2.0", "id": 2, "result": {} }));
    assert_eq!(*three, text_result(3, "three"));
    assert_eq!(error_of(four), (json!(4), -32600));
    assert_eq!(error_of(six), (json!(6), -32600));
    server.send(json!([notification(
        "notifications/frobnicated",
        json!({})
    )]));
    server.still_serves();
    server.finish();
}

#[test]
fn fault_36_a_batch_is_refused_when_it_is_empty_or_too_long() {
    let mut server = Process::legacy("2025-03-26");
    let pings = |count| {
        Value::Array(
            (0..count)
                .map(|id| request(id, "ping", json!({})))
                .collect(),
        )
    };
    assert_eq!(error_of(&server.ask(pings(0))), (Value::Null, -32600));
    assert_eq!(error_of(&server.ask(pings(101))), (Value::Null, -32600));
    assert_eq!(server.ask(pings(100)).as_array().map(Vec::len), Some(100));
    server.still_serves();
    server.finish();
}

#[test]
fn fault_36_other_revisions_refuse_a_batch() {
    for version in ["2024-11-05", "2025-06-18", "2025-11-25"] {
        let mut server = Process::legacy(version);
        let answer = server.ask(json!([request(1, "ping", json!({}))]));
        assert_eq!(error_of(&answer), (Value::Null, -32600), "{version}");
        server.still_serves();
        server.finish();
    }
}

#[test]
fn fault_37_a_second_initialize_changes_nothing() {
    let mut server = Process::legacy("2025-03-26");
    let answer = server.ask(initialize(1, "2025-11-25"));
    assert_eq!(error_of(&answer), (json!(1), -32600));
    // Only the revision that was agreed on first has batches.
    let batch = server.ask(json!([request(2, "ping", json!({}))]));
    assert_eq!(batch, json!([{ "jsonrpc": "2.0", "id": 2, "result": {} }]));
    server.still_serves();
    server.finish();
}

#[test]
fn fault_38_only_pings_are_answered_before_the_handshake() {
    let mut server = Process::start("");
    let pong = |id| json!({ "jsonrpc": "2.0", "id": id, "result": {} });
    assert_eq!(server.ask(request(1, "ping", json!({}))), pong(1));
    server.send_text(INITIALIZED);
    let early = server.ask(request(2, "tools/list", json!({})));
    assert_eq!(error_of(&early), (json!(2), -32602), "AMB-08");
    let early = server.ask(call(3, "count", json!({})));
    assert_eq!(error_of(&early), (json!(3), -32602), "AMB-08");
    server.ask(initialize(4, "2025-11-25"));
    assert_eq!(server.ask(request(5, "ping", json!({}))), pong(5));
    server.send_text(INITIALIZED);
    assert_eq!(server.ask(call(6, "count", json!({}))), text_result(6, "1"));
    server.still_serves();
    server.finish();
}

#[test]
fn fault_39_an_unknown_version_is_answered_with_what_is_known() {
    let mut server = Process::start("");
    let mut unknown = modern(1, "tools/list", json!({}));
    unknown["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2099-01-01");
    let answer = server.ask(unknown);
    assert_eq!(error_of(&answer), (json!(1), -32022), "VER-M-01");
    let all = [
        "2026-07-28",
        "2025-11-25",
        "2025-06-18",
        "2025-03-26",
        "2024-11-05",
    ];
    let data = json!({ "supported": all, "requested": "2099-01-01" });
    assert_eq!(answer["error"]["data"], data);
    for version in ["2099-01-01", "2026-07-28", ""] {
        let mut server = Process::start("");
        let answer = server.ask(initialize(2, version));
        assert_eq!(
            answer["result"]["protocolVersion"], "2025-11-25",
            "LIFE-L-03"
        );
        server.send_text(INITIALIZED);
        server.still_serves();
        server.finish();
    }
    server.shake_hands("2025-11-25");
    server.still_serves();
    server.finish();
}

#[test]
fn fault_40_a_missing_member_of_a_modern_meta_is_named() {
    let mut server = Process::ready();
    for member in ["protocolVersion", "clientCapabilities"] {
        let key = format!("io.modelcontextprotocol/{member}");
        let mut request = modern(1, "tools/list", json!({}));
        request["params"]["_meta"]
            .as_object_mut()
            .unwrap()
            .remove(&key);
        let answer = server.ask(request);
        assert_eq!(error_of(&answer), (json!(1), -32602), "META-M-05");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(&key), "{message}");
    }
    server.still_serves();
    server.finish();
}

#[test]
fn fault_42_both_eras_run_side_by_side_on_one_connection() {
    let mut server = Process::start("");
    let modern_answer = server.ask(modern_call(1, "echo", json!({ "text": "new" })));
    assert_eq!(
        modern_answer["result"]["resultType"], "complete",
        "RPC-M-07"
    );
    // A modern request is no handshake.
    assert_eq!(
        error_of(&server.ask(call(2, "count", json!({})))),
        (json!(2), -32602)
    );
    server.shake_hands("2024-11-05");
    let legacy = server.ask(call(3, "echo", json!({ "text": "old" })));
    assert_eq!(legacy, text_result(3, "old"));
    // Nor does the handshake change what a modern request is answered with.
    let mut again = server.ask(modern_call(1, "echo", json!({ "text": "new" })));
    assert_eq!(again, modern_answer);
    again = server.ask(modern(4, "server/discover", json!({})));
    assert_eq!(again["result"]["supportedVersions"][0], "2026-07-28");
    server.still_serves();
    server.finish();
}
