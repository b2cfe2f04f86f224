//! Faults 26 to 36: ids, envelopes, params and batches.

use serde_json::{Value, json};

use crate::harness::Server;
use crate::messages::{
    call, cancelled, error, error_without_id, modern, modern_call, notification, request, result,
    said,
};

const NOTHING: [Value; 0] = [];

#[test]
fn fault_26_ids_are_echoed_exactly_and_are_distinct() {
    let mut server = Server::new();
    let ids = [
        "0",
        "-1",
        "\"\"",
        "\"1\"",
        "1",
        "9007199254740993",
        "9223372036854775807",
        "18446744073709551615",
    ];
    for id in ids {
        let message = modern_call("ID", "later").to_string().replace("\"ID\"", id);
        assert_eq!(server.feed(message.as_bytes()), NOTHING);
    }
    assert_eq!(server.engine.in_flight(), ids.len());
    for id in ids {
        let answer = server.finish(serde_json::from_str::<Value>(id).unwrap());
        assert_eq!(answer[0]["id"].to_string(), id);
    }
    server.lives();
}

#[test]
fn fault_26_what_is_no_id_is_refused_without_an_id() {
    let mut server = Server::new();
    for id in ["null", "true", "[1]", "{}", "1.5", "1e3"] {
        let message = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        let why = format!("Invalid request: `id` must be a string or an integer, got {id}");
        assert_eq!(
            server.feed(message.as_bytes()),
            [error_without_id(-32600, &why)]
        );
    }
    server.lives();
}

#[test]
fn fault_27_an_id_in_flight_is_refused_and_the_first_request_is_unharmed() {
    let mut server = Server::ready("2025-06-18");
    let why = "Invalid request: the id 1 belongs to a request that is still unanswered";
    assert_eq!(server.send(&call(1, "later")), NOTHING);
    assert_eq!(server.send(&call(1, "now")), [error(1, -32600, why)]);
    assert_eq!(server.send(&modern_call(1, "now")), [error(1, -32600, why)]);
    assert_eq!(server.finish(1), [result(1, said("late"))]);
    assert_eq!(server.send(&call(1, "now")), [result(1, said("done"))]);
    server.lives();
}

#[test]
fn fault_27_the_id_of_an_open_subscription_is_taken_too() {
    let mut server = Server::new();
    let listen = modern("s", "subscriptions/listen", json!({ "notifications": {} }));
    server.send(&listen);
    let why = "Invalid request: the id \"s\" belongs to a request that is still unanswered";
    assert_eq!(server.send(&listen), [error("s", -32600, why)]);
    assert_eq!(server.send(&cancelled("s")), NOTHING);
    server.lives();
}

#[test]
fn fault_28_responses_to_nothing_are_ignored() {
    let mut server = Server::ready("2025-11-25");
    for response in [
        json!({ "jsonrpc": "2.0", "id": 1, "result": {} }),
        json!({ "jsonrpc": "2.0", "id": null, "error": { "code": 1, "message": "m" } }),
        json!({ "jsonrpc": "2.0", "error": { "code": 1, "message": "m" } }),
    ] {
        assert_eq!(server.send(&response), NOTHING);
        assert_eq!(server.send(&response), NOTHING);
    }
    server.lives();
}

#[test]
fn fault_30_a_wrong_envelope_is_refused_with_its_id() {
    let mut server = Server::new();
    for (message, why) in [
        (
            r#"{"id":1,"method":"ping"}"#,
            "`jsonrpc` must be \"2.0\", got nothing",
        ),
        (
            r#"{"jsonrpc":2,"id":1,"method":"ping"}"#,
            "`jsonrpc` must be \"2.0\", got 2",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":7}"#,
            "`method` must be a string, got 7",
        ),
        (r#"{"jsonrpc":"2.0","id":1}"#, "`method` is missing"),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#,
            "a message with `method` cannot carry `result` or `error`",
        ),
    ] {
        let why = format!("Invalid request: {why}");
        assert_eq!(server.feed(message.as_bytes()), [error(1, -32600, &why)]);
    }
    server.lives();
}

#[test]
fn fault_32_an_unknown_method_is_not_found_in_either_era() {
    let mut server = Server::ready("2024-11-05");
    let why = "Method not found: tools/run";
    assert_eq!(
        server.send(&request(1, "tools/run", json!({}))),
        [error(1, -32601, why)]
    );
    assert_eq!(
        server.send(&modern(2, "tools/run", json!({}))),
        [error(2, -32601, why)]
    );
    server.lives();
}

#[test]
fn fault_33_an_unknown_notification_is_not_answered() {
    let mut server = Server::new();
    for method in ["notifications/new", "tools/call", "", "initialize"] {
        assert_eq!(server.send(&notification(method, json!([]))), NOTHING);
    }
    server.handshake("2025-11-25");
    assert_eq!(
        server.send(&notification("notifications/new", json!({}))),
        NOTHING
    );
    server.lives();
}

#[test]
fn fault_34_params_of_the_wrong_type_are_invalid() {
    let mut server = Server::ready("2025-06-18");
    for params in [json!([]), json!("x"), json!(1), json!(null)] {
        let why = format!("Invalid params: `params` must be an object, got {params}");
        assert_eq!(
            server.send(&request(1, "tools/call", params)),
            [error(1, -32602, &why)]
        );
    }
    for params in [
        json!({ "name": 1 }),
        json!({}),
        json!({ "name": "now", "_meta": 1 }),
    ] {
        let answer = server.send(&request(1, "tools/call", params));
        assert_eq!(answer[0]["id"], 1);
        assert_eq!(answer[0]["error"]["code"], -32602);
    }
    let doubled =
        br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"now","name":"later"}}"#;
    assert_eq!(server.feed(doubled)[0]["error"]["code"], -32602);
    server.lives();
}

#[test]
fn fault_35_a_tool_call_without_an_id_is_not_executed() {
    let mut server = Server::ready("2025-06-18");
    let call = notification("tools/call", json!({ "name": "now" }));
    assert_eq!(server.send(&call), NOTHING);
    assert_eq!(server.executed, 0);
    server.lives();
}

#[test]
fn fault_36_batches_exist_in_2025_03_26_alone() {
    let why = "Invalid request: expected one message, got an array; batches exist in 2025-03-26 \
               only, after `initialize`";
    let batch = json!([call(1, "now")]);
    for version in ["2024-11-05", "2025-06-18", "2025-11-25"] {
        let mut server = Server::ready(version);
        assert_eq!(server.send(&batch), [error_without_id(-32600, why)]);
        server.lives();
    }
    let mut server = Server::new();
    assert_eq!(server.send(&batch), [error_without_id(-32600, why)]);
    server.lives();
    let mut server = Server::ready("2025-03-26");
    assert_eq!(server.send(&batch), [json!([result(1, said("done"))])]);
    server.lives();
}

#[test]
fn fault_36_empty_nested_and_oversized_batches_are_refused() {
    let mut server = Server::ready("2025-03-26");
    let why = "Invalid request: the batch is empty";
    assert_eq!(server.send(&json!([])), [error_without_id(-32600, why)]);
    let why = "Invalid request: expected a JSON object, got an array";
    let nested = json!([[call(1, "now")]]);
    assert_eq!(
        server.send(&nested),
        [json!([error_without_id(-32600, why)])]
    );
    let why = "Invalid request: the batch holds 101 messages (limit `batch` = 100)";
    let many: Vec<Value> = (0..101).map(|id| call(id, "now")).collect();
    assert_eq!(server.send(&json!(many)), [error_without_id(-32600, why)]);
    assert_eq!(server.executed, 0);
    let answers = server.send(&json!(&many[..100]));
    assert_eq!(answers[0].as_array().map(Vec::len), Some(100));
    server.lives();
}
