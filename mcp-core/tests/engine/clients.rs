//! The client engine against hostile and clumsy servers (faults 1, 28, 31, 44).

use std::time::Duration;

use mcp_core::engine::{CallError, ClientConfig, ClientEngine, ClientEvent, RequestOptions};
use mcp_core::{Limits, Revision};
use serde_json::{Map, Value, json};

use crate::harness::START;
use crate::messages::{notification, request};

/// What the client sent.
pub(crate) fn sent(client: &mut ClientEngine) -> Vec<Value> {
    let mut messages = Vec::new();
    let mut buffer = Vec::new();
    while client.poll_output(&mut buffer).is_some() {
        messages.push(serde_json::from_slice(&buffer).expect("what is sent is JSON"));
        buffer.clear();
    }
    messages
}

pub(crate) fn handle(client: &mut ClientEngine, message: &Value) {
    client.handle_message(*START, message.to_string().as_bytes());
}

pub(crate) fn discovered(id: i64) -> Value {
    let result = json!({
        "resultType": "complete",
        "supportedVersions": ["2026-07-28"],
        "capabilities": {},
        "ttlMs": 0,
        "cacheScope": "private",
    });
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

pub(crate) fn probing() -> ClientEngine {
    let mut client = ClientEngine::new(ClientConfig::new("client", "1"));
    client.connect(*START);
    assert_eq!(sent(&mut client)[0]["method"], "server/discover");
    client
}

pub(crate) fn connected() -> ClientEngine {
    let mut client = probing();
    handle(&mut client, &discovered(1));
    assert!(matches!(
        client.poll_event(),
        Some(ClientEvent::Connected(_))
    ));
    client
}

/// A client that waits for the answer to request 2.
pub(crate) fn waiting() -> ClientEngine {
    let mut client = connected();
    let id = client
        .request(*START, "tools/list", Map::new(), &RequestOptions::default())
        .expect("open");
    assert_eq!(id.as_i64(), Some(2));
    assert_eq!(sent(&mut client).len(), 1);
    client
}

#[test]
fn fault_01_a_client_never_answers_junk() {
    let mut client = waiting();
    for junk in [
        "",
        "{",
        "[]",
        "null",
        "{\"id\":2}x",
        "[1,2]",
        "{\"method\":1,\"id\":2}",
    ] {
        client.handle_message(*START, junk.as_bytes());
        assert!(sent(&mut client).is_empty(), "{junk}");
        assert!(client.poll_event().is_none(), "{junk}");
    }
}

#[test]
fn fault_02_a_client_skips_what_is_no_utf_8() {
    let mut client = waiting();
    client.handle_message(
        *START,
        b"{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"\xff\"}",
    );
    assert!(sent(&mut client).is_empty());
    assert!(client.poll_event().is_none());
    assert_eq!(client.skipped(), 1);
}

#[test]
fn fault_13_arrays_of_junk_are_junk_as_well() {
    let mut client = waiting();
    let most = Limits::default().junk_lines;
    for line in 0..most {
        assert_eq!(client.skipped(), line);
        client.handle_message(*START, b"[1]");
        assert!(client.poll_event().is_none());
    }
    // One message in an array of junk is enough to be heard out.
    let note = r#"{"jsonrpc":"2.0","method":"notifications/new"}"#;
    client.handle_message(*START, format!("[{note},1]").as_bytes());
    assert_eq!(client.skipped(), 1);
    assert!(matches!(
        client.poll_event(),
        Some(ClientEvent::Notified(..))
    ));
    for _ in 0..most {
        client.handle_message(*START, b"[1]");
    }
    let ended = client.poll_event();
    assert!(
        matches!(
            ended,
            Some(ClientEvent::Answered(
                _,
                Err(CallError::Limit("junk_lines"))
            ))
        ),
        "{ended:?}"
    );
}

#[test]
fn the_urls_that_a_user_has_to_open_first_are_read_from_the_error_that_names_them() {
    let data = json!({ "elicitations": [
        { "mode": "url", "message": "Log in", "url": "https://a.example", "elicitationId": "1" },
    ] });
    let error = |code: i64, data: &Value| {
        let error = json!({ "code": code, "message": "first", "data": data });
        CallError::Server(serde_json::from_value(error).expect("an error object"))
    };
    let urls = error(-32042, &data).urls_required().expect("ELI-L-06");
    assert_eq!(urls.elicitations[0].url, "https://a.example");
    assert_eq!(error(-32043, &data).urls_required(), None);
    assert_eq!(error(-32042, &json!({ "urls": [] })).urls_required(), None);
    assert_eq!(CallError::Closed.urls_required(), None);
}

#[test]
fn fault_28_unknown_and_duplicate_responses_are_ignored() {
    let mut client = waiting();
    let answer = json!({ "jsonrpc": "2.0", "id": 2, "result": { "tools": [] } });
    for other in [json!(3), json!("2"), json!(null), json!(1)] {
        let mut foreign = answer.clone();
        foreign["id"] = other;
        handle(&mut client, &foreign);
        assert!(client.poll_event().is_none());
    }
    handle(&mut client, &answer);
    assert!(matches!(
        client.poll_event(),
        Some(ClientEvent::Answered(_, Ok(_)))
    ));
    handle(&mut client, &answer);
    assert!(client.poll_event().is_none());
    assert!(sent(&mut client).is_empty());
}

#[test]
fn fault_31_a_broken_response_is_a_typed_error_for_its_caller() {
    for broken in [
        json!({ "jsonrpc": "2.0", "id": 2 }),
        json!({ "jsonrpc": "2.0", "id": 2, "result": {}, "error": { "code": 1, "message": "m" } }),
        json!({ "jsonrpc": "2.0", "id": 2, "error": "text" }),
        json!({ "jsonrpc": "1.0", "id": 2, "result": {} }),
        json!([{ "jsonrpc": "2.0", "id": 2 }]),
    ] {
        let mut client = waiting();
        handle(&mut client, &broken);
        let event = client.poll_event();
        assert!(
            matches!(
                &event,
                Some(ClientEvent::Answered(_, Err(CallError::Protocol(_))))
            ),
            "{broken} {event:?}"
        );
        assert!(client.poll_event().is_none());
        assert_eq!(client.poll_timeout(), None);
    }
}

#[test]
fn a_request_without_an_answer_times_out_once_and_the_server_is_told() {
    let mut client = waiting();
    let timeout = Limits::default().request_timeout;
    assert_eq!(client.poll_timeout(), Some(*START + timeout));
    client.handle_timeout(*START + timeout);
    let event = client.poll_event();
    assert!(matches!(
        event,
        Some(ClientEvent::Answered(_, Err(CallError::Timeout(_))))
    ));
    let params = json!({ "requestId": 2, "reason": "timeout" });
    assert_eq!(
        sent(&mut client),
        [notification("notifications/cancelled", params)]
    );
    handle(
        &mut client,
        &json!({ "jsonrpc": "2.0", "id": 2, "result": {} }),
    );
    assert!(client.poll_event().is_none());
}

#[test]
fn a_cancelled_request_is_never_reported() {
    let mut client = waiting();
    let id = 2_i64.into();
    client.cancel(&id, None);
    client.cancel(&id, None);
    assert_eq!(sent(&mut client).len(), 1);
    handle(
        &mut client,
        &json!({ "jsonrpc": "2.0", "id": 2, "result": {} }),
    );
    client.handle_close();
    assert!(client.poll_event().is_none());
}

#[test]
fn a_closed_connection_ends_every_request_once() {
    let mut client = waiting();
    client.handle_close();
    client.handle_close();
    let event = client.poll_event();
    assert!(matches!(
        event,
        Some(ClientEvent::Answered(_, Err(CallError::Closed)))
    ));
    assert!(client.poll_event().is_none());
    let refused = client.request(*START, "tools/list", Map::new(), &RequestOptions::default());
    assert_eq!(refused, Err(CallError::Closed));
}

#[test]
fn a_limit_of_forever_is_no_limit() {
    let mut config = ClientConfig::new("client", "1");
    config.probe_timeout = Duration::MAX;
    let mut client = ClientEngine::new(config);
    client.connect(*START);
    assert_eq!(client.poll_timeout(), None);
}

#[test]
fn a_modern_client_answers_no_requests_and_a_legacy_one_answers_pings() {
    let mut client = connected();
    handle(&mut client, &request("s", "ping", json!({})));
    assert!(sent(&mut client).is_empty(), "RPC-M-09, STDIO-M-04");
    let mut client = probing();
    handle(&mut client, &request("s", "ping", json!({})));
    assert_eq!(sent(&mut client), [crate::messages::result("s", json!({}))]);
    handle(&mut client, &request("r", "roots/list", json!({})));
    let why = "Method not found: roots/list";
    assert_eq!(
        sent(&mut client),
        [crate::messages::error("r", -32601, why)]
    );
}

#[test]
fn a_pinned_client_does_not_accept_another_revision() {
    let mut config = ClientConfig::new("client", "1");
    config.pinned = Some(Revision::V2025_06_18);
    let mut client = ClientEngine::new(config);
    client.connect(*START);
    sent(&mut client);
    let result = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "serverInfo": { "name": "s", "version": "1" },
    });
    handle(
        &mut client,
        &json!({ "jsonrpc": "2.0", "id": 1, "result": result }),
    );
    let event = client.poll_event();
    assert!(matches!(
        event,
        Some(ClientEvent::Failed(CallError::Protocol(_)))
    ));
    assert!(sent(&mut client).is_empty(), "no `initialized`");
}

#[test]
fn no_id_is_used_twice_on_a_connection() {
    let mut client = connected();
    let mut ids = std::collections::BTreeSet::from([1]);
    let options = RequestOptions::default();
    for round in 0..10 {
        let id = client.request(*START, "tools/list", Map::new(), &options);
        let id = id.expect("open");
        let asked = sent(&mut client).remove(0)["id"]
            .as_i64()
            .expect("a number");
        assert!(ids.insert(asked), "RPC-M-03: {asked}");
        match round % 2 {
            0 => client.cancel(&id, None),
            _ => handle(
                &mut client,
                &json!({ "jsonrpc": "2.0", "id": asked, "result": {} }),
            ),
        }
        sent(&mut client);
    }
}
