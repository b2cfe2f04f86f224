//! A client engine against a server engine, or against something worse: virtual time, no
//! sockets (VER-D-10 to VER-D-14, fault 44).

use std::time::Duration;

use mcp_core::engine::{CallError, RequestOptions};
use mcp_core::{Limits, Revision};
use serde_json::{Map, Value, json};

use crate::harness::{Server, capabilities, profile};
use crate::link::{Deaf, Other, Pair, Parrot, Slow};

fn serving(revisions: &[Revision]) -> Server {
    Server::with(profile(capabilities(), revisions), Limits::default())
}

const LEGACY: &[Revision] = &[Revision::V2024_11_05, Revision::V2025_06_18];

#[test]
fn a_probing_client_and_a_server_of_both_eras_meet_in_the_modern_one() {
    let mut pair = Pair::connect(None, serving(&Revision::ALL));
    assert_eq!(pair.revision(), Some(Revision::V2026_07_28));
    assert_eq!(pair.methods, ["server/discover"]);
    pair.works();
    assert!(pair.other.engine.is_at_rest());
}

#[test]
fn a_pinned_client_gets_the_revision_it_wants() {
    for revision in Revision::ALL {
        let mut pair = Pair::connect(Some(revision), serving(&Revision::ALL));
        assert_eq!(pair.revision(), Some(revision));
        pair.works();
        assert!(pair.other.engine.is_at_rest());
    }
}

#[test]
fn a_pinned_client_fails_where_its_revision_is_not_served() {
    let pair = Pair::connect(
        Some(Revision::V2025_11_25),
        serving(&[Revision::V2026_07_28]),
    );
    assert!(matches!(pair.failure(), CallError::Server(error) if error.code.0 == -32022));
    let pair = Pair::connect(Some(Revision::V2026_07_28), serving(LEGACY));
    assert!(matches!(pair.failure(), CallError::Server(error) if error.code.0 == -32022));
    let pair = Pair::connect(Some(Revision::V2025_11_25), serving(LEGACY));
    assert!(matches!(pair.failure(), CallError::Protocol(_)));
    assert_eq!(pair.methods, ["initialize"], "and no `initialized`");
}

#[test]
fn a_probing_client_uses_what_a_modern_only_server_has() {
    let mut pair = Pair::connect(None, serving(&[Revision::V2026_07_28]));
    assert_eq!(pair.revision(), Some(Revision::V2026_07_28));
    pair.works();
}

#[test]
fn an_unsupported_version_is_retried_from_what_is_supported() {
    let mut pair = Pair::connect(None, serving(LEGACY));
    assert_eq!(pair.revision(), Some(Revision::V2025_06_18));
    let expected = ["server/discover", "initialize", "notifications/initialized"];
    assert_eq!(pair.methods, expected);
    pair.works();
}

#[test]
fn a_discovery_of_legacy_versions_alone_means_the_handshake() {
    const LISTS: &str = r#"{"jsonrpc":"2.0","id":"ID","result":{
        "supportedVersions":["2025-03-26","2024-11-05"],"capabilities":{}}}"#;
    let pair = Pair::connect(None, Parrot(LISTS));
    assert_eq!(pair.methods, ["server/discover", "initialize"]);
}

#[test]
fn fault_44_junk_in_answer_to_the_probe_means_one_fallback() {
    for junk in [
        r#"{"jsonrpc":"2.0","id":"ID","error":{"code":-32601,"message":"m"}}"#,
        r#"{"jsonrpc":"2.0","id":"ID","error":{"code":-32602,"message":"m"}}"#,
        r#"{"jsonrpc":"2.0","id":"ID","error":{"code":0,"message":""}}"#,
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"m"}}"#,
        r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"m"}}"#,
        r#"{"jsonrpc":"2.0","id":"ID","error":"m"}"#,
        r#"{"jsonrpc":"2.0","id":"ID","result":{}}"#,
        r#"{"jsonrpc":"2.0","id":"ID","result":null}"#,
        r#"{"jsonrpc":"2.0","id":"ID"}"#,
    ] {
        let pair = Pair::connect(None, Parrot(junk));
        assert_eq!(pair.methods, ["server/discover", "initialize"], "{junk}");
        pair.failure();
    }
}

#[test]
fn fault_44_a_modern_error_never_means_the_handshake() {
    for error in [
        r#"{"jsonrpc":"2.0","id":"ID","error":{"code":-32020,"message":"m"}}"#,
        r#"{"jsonrpc":"2.0","id":"ID","error":{"code":-32021,"message":"m"}}"#,
        r#"{"jsonrpc":"2.0","id":"ID","error":{"code":-32022,"message":"m"}}"#,
        r#"{"jsonrpc":"2.0","id":"ID","error":{"code":-32022,"message":"m",
            "data":{"supported":["2099-01-01"],"requested":"2026-07-28"}}}"#,
    ] {
        let pair = Pair::connect(None, Parrot(error));
        assert_eq!(pair.methods, ["server/discover"], "{error}");
        assert!(matches!(pair.failure(), CallError::Server(_)));
    }
}

#[test]
fn fault_44_a_probe_without_an_answer_means_the_handshake_and_a_late_answer_is_ignored() {
    let mut pair = Pair::connect(None, Deaf(serving(LEGACY)));
    assert!(pair.connected.is_none());
    let began = pair.now;
    pair.wait();
    assert_eq!(pair.now, began + Duration::from_secs(5));
    assert_eq!(pair.revision(), Some(Revision::V2025_06_18));
    let late = json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -32601, "message": "m" } });
    let late = late.to_string();
    pair.client.handle_message(pair.now, late.as_bytes());
    pair.drive();
    pair.works();
    let expected = [
        "server/discover",
        "initialize",
        "notifications/initialized",
        "tools/call",
    ];
    assert_eq!(pair.methods, expected, "the era is remembered");
}

#[test]
fn fault_44_a_modern_server_that_was_slow_to_start_is_probed_again() {
    let mut pair = Pair::connect(None, Slow(serving(&[Revision::V2026_07_28]), 1));
    pair.wait();
    assert_eq!(pair.revision(), Some(Revision::V2026_07_28));
    assert_eq!(
        pair.methods,
        ["server/discover", "initialize", "server/discover"]
    );
    pair.works();
}

#[test]
fn fault_44_a_server_that_contradicts_itself_is_given_up() {
    let mut pair = Pair::connect(None, Deaf(serving(&[Revision::V2026_07_28])));
    pair.wait();
    pair.wait();
    assert!(matches!(pair.failure(), CallError::Server(error) if error.code.0 == -32022));
    assert_eq!(
        pair.methods,
        [
            "server/discover",
            "initialize",
            "server/discover",
            "initialize"
        ]
    );
}

#[test]
fn a_silent_server_fails_the_handshake_and_a_pinned_probe() {
    let mut pair = Pair::connect(None, Slow(Server::new(), usize::MAX));
    pair.wait();
    pair.wait();
    assert!(matches!(pair.failure(), CallError::Timeout(_)));
    let methods = ["server/discover", "initialize"];
    assert_eq!(
        pair.methods, methods,
        "`initialize` is never cancelled (LIFE-L-06)"
    );
    let mut pair = Pair::connect(Some(Revision::V2026_07_28), Slow(Server::new(), usize::MAX));
    pair.wait();
    assert!(matches!(pair.failure(), CallError::Timeout(_)));
    let refused = pair.client.request(
        pair.now,
        "tools/list",
        Map::new(),
        &RequestOptions::default(),
    );
    assert_eq!(refused, Err(CallError::Closed));
}

/// A legacy server that refuses what it does not know instead of offering its own.
struct Strict(Server);

impl Other for Strict {
    fn receive(&mut self, message: &Value) -> Vec<Value> {
        let asked = &message["params"]["protocolVersion"];
        if message["method"] != "initialize" || asked == "2024-11-05" {
            return self.0.send(message);
        }
        let data = json!({ "supported": ["2024-11-05"], "requested": asked });
        let error = json!({ "code": -32602, "message": "Unsupported", "data": data });
        vec![json!({ "jsonrpc": "2.0", "id": message["id"], "error": error })]
    }
}

#[test]
fn a_handshake_refused_with_the_supported_versions_is_tried_once_more() {
    let server = || Strict(serving(&[Revision::V2024_11_05]));
    let mut pair = Pair::connect(None, Deaf(server()));
    pair.wait();
    assert_eq!(pair.revision(), Some(Revision::V2024_11_05));
    pair.works();
    let pair = Pair::connect(Some(Revision::V2025_06_18), server());
    assert!(matches!(pair.failure(), CallError::Server(error) if error.code.0 == -32602));
}
