//! Faults 37 to 42: the handshake, versions, and two eras on one connection.

use mcp_core::{Limits, Revision};
use serde_json::{Value, json};

use crate::harness::{Server, capabilities, profile};
use crate::messages::{
    call, error, initialize, modern, modern_call, modern_result, modern_with, request, result, said,
};

const NOTHING: [Value; 0] = [];

#[test]
fn fault_37_a_second_initialize_is_refused_and_changes_nothing() {
    let mut server = Server::ready("2025-03-26");
    let why = "Invalid request: this connection is already initialized; `initialize` is sent once";
    assert_eq!(
        server.send(&initialize(1, "2025-11-25")),
        [error(1, -32600, why)]
    );
    assert_eq!(server.engine.negotiated(), Some(Revision::V2025_03_26));
    assert_eq!(server.send(&call(2, "now")), [result(2, said("done"))]);
    server.lives();
}

#[test]
fn fault_37_a_failed_initialize_may_be_repeated() {
    let mut server = Server::new();
    let answer = server.send(&request(1, "initialize", json!({ "protocolVersion": 5 })));
    assert_eq!(answer[0]["error"]["code"], -32602);
    server.handshake("2025-11-25");
    server.lives();
}

#[test]
fn fault_38_before_the_handshake_pings_are_answered_and_requests_are_told_what_is_missing() {
    let mut server = Server::new();
    assert_eq!(
        server.send(&request(1, "ping", json!({}))),
        [result(1, json!({}))]
    );
    let why = "Invalid params: send `initialize` first (2024-11-05 to 2025-11-25), or name the \
               version in each request: `params._meta` with \
               `io.modelcontextprotocol/protocolVersion` and \
               `io.modelcontextprotocol/clientCapabilities` (2026-07-28)";
    assert_eq!(server.send(&call(2, "now")), [error(2, -32602, why)]);
    server.send(&initialize(3, "2025-06-18"));
    assert_eq!(
        server.send(&request(4, "ping", json!({}))),
        [result(4, json!({}))]
    );
    assert_eq!(server.send(&call(5, "now")), [result(5, said("done"))]);
    server.lives();
}

#[test]
fn fault_39_an_unknown_version_is_answered_with_ours_in_the_legacy_era() {
    let mut server = Server::new();
    let answer = server.send(&initialize(1, "1999-01-01"));
    assert_eq!(answer[0]["result"]["protocolVersion"], "2025-11-25");
    server.lives();
}

#[test]
fn fault_39_an_unknown_version_is_refused_with_ours_in_the_modern_era() {
    let mut server = Server::new();
    let version = json!({ "io.modelcontextprotocol/protocolVersion": "2099-01-01" });
    let answer = server.send(&modern_with(1, "tools/list", json!({}), version));
    let supported = [
        "2026-07-28",
        "2025-11-25",
        "2025-06-18",
        "2025-03-26",
        "2024-11-05",
    ];
    let mut expected = error(
        1,
        -32022,
        "Unsupported protocol version 2099-01-01; supported: 2026-07-28, 2025-11-25, 2025-06-18, \
         2025-03-26, 2024-11-05",
    );
    expected["error"]["data"] = json!({ "supported": supported, "requested": "2099-01-01" });
    assert_eq!(answer, [expected]);
    server.lives();
}

#[test]
fn fault_40_a_missing_meta_member_is_invalid_params() {
    let mut server = Server::new();
    for (member, expected) in [
        ("io.modelcontextprotocol/protocolVersion", "a string"),
        ("io.modelcontextprotocol/clientCapabilities", "an object"),
    ] {
        let lacking = json!({ member: null });
        let why = format!(
            "Invalid params: `_meta` lacks `{member}`; expected {expected} in every request of \
             2026-07-28"
        );
        let answer = server.send(&modern_with(1, "tools/list", json!({}), lacking));
        assert_eq!(answer, [error(1, -32602, &why)]);
    }
    for method in ["server/discover", "subscriptions/listen"] {
        let answer = server.send(&request(1, method, json!({})));
        assert_eq!(answer[0]["error"]["code"], -32602, "{method}");
    }
    server.lives();
}

#[test]
fn fault_41_the_error_of_a_handler_that_lacks_a_capability_passes_through() {
    let mut server = Server::new();
    let mut expected = error(1, -32021, "This tool asks its user");
    expected["error"]["data"] = json!({ "requiredCapabilities": { "elicitation": {} } });
    assert_eq!(server.send(&modern_call(1, "needs")), [expected]);
    server.lives();
}

#[test]
fn fault_42_both_eras_share_a_connection_without_touching_each_other() {
    let mut server = Server::new();
    assert_eq!(server.send(&modern_call(1, "later")), NOTHING);
    server.handshake("2024-11-05");
    assert_eq!(server.send(&call(2, "later")), NOTHING);
    let answer = server.send(&modern(3, "ping", json!({})));
    assert_eq!(answer, [error(3, -32601, "Method not found: ping")]);
    let answer = server.send(&request(4, "server/discover", json!({})));
    assert_eq!(
        answer,
        [error(4, -32601, "Method not found: server/discover")]
    );
    assert_eq!(server.finish(2), [result(2, said("late"))]);
    assert_eq!(server.finish(1), [modern_result(1, said("late"))]);
    assert_eq!(server.engine.negotiated(), Some(Revision::V2024_11_05));
    server.lives();
}

#[test]
fn a_server_of_one_era_names_its_versions_to_clients_of_the_other() {
    let modern_only = profile(capabilities(), &[Revision::V2026_07_28]);
    let mut server = Server::with(modern_only, Limits::default());
    let answer = server.send(&initialize(1, "2025-11-25"));
    assert_eq!(answer[0]["error"]["code"], -32022);
    assert_eq!(
        answer[0]["error"]["data"]["supported"],
        json!(["2026-07-28"])
    );
    server.lives();
    let legacy_only = profile(capabilities(), &[Revision::V2025_06_18]);
    let mut server = Server::with(legacy_only, Limits::default());
    let answer = server.send(&modern(1, "server/discover", json!({})));
    assert_eq!(answer[0]["error"]["code"], -32022);
    assert_eq!(
        answer[0]["error"]["data"]["supported"],
        json!(["2025-06-18"])
    );
}
