//! What a client engine tells a transport on which every message travels by itself, and is told by
//! it (VER-D-12, VER-D-13, HTTP-L-07).

use std::time::Duration;

use mcp_core::engine::{
    CallError, ClientConfig, ClientEngine, ClientEvent, Outbound, Peer, RequestOptions, Wait,
};
use mcp_core::jsonrpc::{ErrorObject, RequestId};
use mcp_core::model::ServerCapabilities;
use mcp_core::{Limits, Revision};
use serde_json::{Map, Value, json};

use crate::clients::{connected, discovered, handle, probing, sent, waiting};
use crate::harness::START;
use crate::messages::{request, result};

/// What the messages are that the client wants to send.
fn outbound(client: &mut ClientEngine) -> Vec<Outbound> {
    let mut buffer = Vec::new();
    std::iter::from_fn(|| client.poll_output(&mut buffer)).collect()
}

fn initialized(id: i64, revision: &str) -> Value {
    let answer = json!({
        "protocolVersion": revision,
        "capabilities": { "logging": {} },
        "serverInfo": { "name": "s", "version": "1" },
    });
    result(id, answer)
}

fn ask(client: &mut ClientEngine, method: &str) -> RequestId {
    let options = RequestOptions::default();
    let id = client.request(*START, method, Map::new(), &options);
    id.expect("the connection is open")
}

/// The answers that were reported, by their requests' numbers.
fn answers(client: &mut ClientEngine) -> Vec<(Option<i64>, Result<String, CallError>)> {
    let mut answers = Vec::new();
    while let Some(event) = client.poll_event() {
        if let ClientEvent::Answered(id, answer) = event {
            answers.push((id.as_i64(), answer.map(|json| json.get().to_owned())));
        }
    }
    answers
}

fn failure(client: &mut ClientEngine) -> CallError {
    match client.poll_event() {
        Some(ClientEvent::Failed(error)) => error,
        other => panic!("expected a failure, got {other:?}"),
    }
}

fn version_refused(supported: &[&str]) -> ErrorObject {
    let data = json!({ "supported": supported, "requested": "2026-07-28" });
    let error = json!({ "code": -32022, "message": "m", "data": data });
    serde_json::from_value(error).expect("an error object")
}

#[test]
fn each_message_of_a_modern_client_is_named_by_what_it_is() {
    let mut client = ClientEngine::new(ClientConfig::new("client", "1"));
    client.connect(*START);
    let probe = Outbound::Probe(1_i64.into(), Revision::V2026_07_28);
    assert_eq!(outbound(&mut client), [probe]);
    handle(&mut client, &discovered(1));
    let id = ask(&mut client, "server/discover");
    let again = Outbound::Request(id.clone());
    assert_eq!(outbound(&mut client), [again], "nothing depends on it now");
    client.cancel(&id, None);
    assert_eq!(outbound(&mut client), [Outbound::Cancelled(id)]);
}

#[test]
fn each_message_of_a_legacy_client_is_named_by_what_it_is() {
    let config = ClientConfig::new("client", "1").pin(Revision::V2025_06_18);
    let mut client = ClientEngine::new(config);
    client.connect(*START);
    assert_eq!(outbound(&mut client), [Outbound::Handshake(1_i64.into())]);
    handle(&mut client, &initialized(1, "2025-06-18"));
    assert_eq!(outbound(&mut client), [Outbound::Initialized]);
    handle(&mut client, &request("s", "ping", json!({})));
    assert_eq!(outbound(&mut client), [Outbound::Reply]);
    let id = ask(&mut client, "tools/list");
    assert_eq!(outbound(&mut client), [Outbound::Request(id)]);
}

#[test]
fn a_server_that_is_known_already_is_asked_for_nothing() {
    let mut client = ClientEngine::new(ClientConfig::new("client", "1"));
    assert_eq!(client.revision(), None);
    let peer = Peer {
        revision: Revision::V2026_07_28,
        info: None,
        capabilities: ServerCapabilities::default(),
        instructions: None,
    };
    client.assume(peer.clone());
    assert!(sent(&mut client).is_empty());
    let event = client.poll_event();
    assert!(matches!(event, Some(ClientEvent::Connected(known)) if *known == peer));
    assert_eq!(client.revision(), Some(Revision::V2026_07_28));
    ask(&mut client, "tools/list");
    client.handle_close();
    assert_eq!(client.revision(), None);
}

#[test]
fn a_server_that_is_not_what_it_was_taken_for_is_probed_anew_and_requests_go_on_waiting() {
    let mut client = waiting();
    client.probe(*START);
    assert_eq!(sent(&mut client)[0]["method"], "server/discover");
    assert_eq!(client.revision(), None, "nobody knows");
    assert!(client.is_pending(&2_i64.into()));
    assert!(client.is_pending(&3_i64.into()));
    client.probe(*START);
    assert!(!client.is_pending(&3_i64.into()), "one probe at a time");
    assert_eq!(sent(&mut client)[0]["id"], 4);
    handle(&mut client, &discovered(3));
    assert!(client.poll_event().is_none(), "that was given up");
    handle(&mut client, &discovered(4));
    let event = client.poll_event();
    assert!(matches!(event, Some(ClientEvent::Connected(_))));
    handle(&mut client, &result(2, json!({})));
    assert!(matches!(answers(&mut client)[..], [(Some(2), Ok(_))]));
}

#[test]
fn a_session_that_is_gone_is_begun_anew_in_the_legacy_revision_that_is_wanted() {
    for (pinned, expected) in [
        (None, "2025-11-25"),
        (Some(Revision::V2026_07_28), "2025-11-25"),
        (Some(Revision::V2025_03_26), "2025-03-26"),
    ] {
        let mut config = ClientConfig::new("client", "1");
        config.pinned = pinned;
        let mut client = ClientEngine::new(config);
        client.handshake(*START);
        let first = sent(&mut client).remove(0);
        assert_eq!(first["method"], "initialize");
        assert_eq!(first["params"]["protocolVersion"], expected, "{pinned:?}");
    }
}

#[test]
fn a_new_session_forgets_what_the_old_one_asked() {
    let mut config = ClientConfig::new("client", "1").pin(Revision::V2025_06_18);
    config.capabilities.roots = Some(mcp_core::model::RootsCapability::default());
    let mut client = ClientEngine::new(config);
    client.connect(*START);
    handle(&mut client, &initialized(1, "2025-06-18"));
    handle(&mut client, &request("old", "roots/list", json!({})));
    client.handshake(*START);
    sent(&mut client);
    client.reply(&"old".into(), Err(ErrorObject::internal("late")));
    assert!(sent(&mut client).is_empty());
}

#[test]
fn a_refusal_that_names_the_version_in_use_may_be_tried_again() {
    let client = connected();
    let known = ["2025-06-18", "2026-07-28"];
    assert!(client.is_spoken_after_all(&version_refused(&known)));
    assert!(!client.is_spoken_after_all(&version_refused(&["2025-06-18"])));
    let mut other = version_refused(&known);
    other.code.0 = -32602;
    assert!(!client.is_spoken_after_all(&other));
    assert!(!probing().is_spoken_after_all(&version_refused(&known)));
    // A version that nobody knows is not the one that nobody speaks yet.
    assert!(!probing().is_spoken_after_all(&version_refused(&["2099-01-01"])));
    let mut legacy = ClientEngine::new(ClientConfig::new("client", "1").pin(Revision::V2025_06_18));
    legacy.connect(*START);
    handle(&mut legacy, &initialized(1, "2025-06-18"));
    assert!(!legacy.is_spoken_after_all(&version_refused(&known)));
}

#[test]
fn an_answer_that_does_not_come_ends_its_request_once() {
    let mut client = waiting();
    let lost = || CallError::Lost("the stream broke".into());
    client.handle_failure(*START, &3_i64.into(), lost());
    assert!(client.poll_event().is_none(), "nobody waits for that");
    client.handle_failure(*START, &2_i64.into(), lost());
    client.handle_failure(*START, &2_i64.into(), lost());
    assert_eq!(answers(&mut client), [(Some(2), Err(lost()))]);
    assert!(!client.is_pending(&2_i64.into()));
}

#[test]
fn a_probe_whose_answer_does_not_come_says_nothing_of_the_era() {
    let mut client = probing();
    let lost = CallError::Lost("the stream broke".into());
    client.handle_failure(*START, &1_i64.into(), lost);
    assert_eq!(outbound(&mut client), [Outbound::Handshake(2_i64.into())]);
}

#[test]
fn where_there_is_no_server_the_connection_fails_and_no_handshake_is_tried() {
    let mut client = probing();
    let nobody = CallError::Unreachable("nobody listens".into());
    client.handle_no_server(nobody.clone());
    assert_eq!(failure(&mut client), nobody);
    assert!(!client.is_pending(&1_i64.into()));
    assert_eq!(client.poll_timeout(), None);
    handle(&mut client, &discovered(1));
    assert!(client.poll_event().is_none());
    assert!(sent(&mut client).is_empty());
}

#[test]
fn a_request_that_somebody_is_asked_about_first_has_its_time_afterwards() {
    let mut client = waiting();
    let whole = Limits::default().request_timeout;
    client.pause(&2_i64.into());
    assert_eq!(client.poll_timeout(), None);
    let later = *START + 3 * whole;
    client.handle_timeout(later);
    assert!(client.poll_event().is_none());
    client.resume(later, &2_i64.into());
    assert_eq!(client.poll_timeout(), Some(later + whole));
    client.handle_timeout(later + whole);
    let late = CallError::Timeout(whole);
    assert_eq!(answers(&mut client), [(Some(2), Err(late))]);
}

#[test]
fn a_connection_that_ends_while_it_begins_says_so_once() {
    let mut client = probing();
    client.handle_overlong();
    let why = CallError::Limit("stdio_line");
    assert_eq!(failure(&mut client), why, "fault 7");
    client.handle_overlong();
    assert!(client.poll_event().is_none());

    let mut client = waiting();
    client.handle_overlong();
    assert_eq!(answers(&mut client), [(Some(2), Err(why.clone()))]);
    let mut client = waiting();
    client.handle_overlong();
    let ends = [client.poll_event(), client.poll_event()];
    assert!(matches!(
        &ends,
        [Some(ClientEvent::Answered(..)), Some(ClientEvent::Failed(error))] if *error == why
    ));
    assert!(client.poll_event().is_none());
}

#[test]
fn a_legacy_server_is_told_once_which_log_messages_are_wanted() {
    let mut config = ClientConfig::new("client", "1").pin(Revision::V2025_06_18);
    config.log_level = Some(mcp_core::model::legacy::LoggingLevel::Warning);
    let mut client = ClientEngine::new(config);
    client.connect(*START);
    sent(&mut client);
    handle(&mut client, &initialized(1, "2025-06-18"));
    let messages = sent(&mut client);
    assert_eq!(messages[0]["method"], "notifications/initialized");
    let set = request(2, "logging/setLevel", json!({ "level": "warning" }));
    assert_eq!(messages[1..], [set], "LOG-L-03");
}

#[test]
fn progress_gives_a_request_its_wait_again_but_not_more_than_all_of_its_time() {
    let second = Duration::from_secs(1);
    let mut client = connected();
    let options = RequestOptions {
        wait: Wait::For(10 * second),
        total: Some(25 * second),
        progress: true,
    };
    let id = client.request(*START, "tools/call", Map::new(), &options);
    let id = id.expect("open");
    let sent = sent(&mut client).remove(0);
    assert_eq!(sent["params"]["_meta"]["progressToken"], sent["id"]);
    // When it comes, how far it says it is, whether that is reported, and the deadline after it.
    let told = [
        (4, json!(0), true, 14),
        (5, json!(0), false, 14),
        (6, json!(-1), false, 14),
        (8, json!(1), true, 18),
        (17, json!(2), true, 25),
    ];
    for (at, progress, reported, deadline) in told {
        let params = json!({ "progressToken": sent["id"], "progress": progress });
        let message = crate::messages::notification("notifications/progress", params);
        let now = *START + at * second;
        client.handle_message(now, message.to_string().as_bytes());
        let event = client.poll_event();
        let heard = matches!(&event, Some(ClientEvent::Progress(of, _)) if *of == id);
        assert_eq!(heard, reported, "fault 49: {progress} {event:?}");
        assert_eq!(client.poll_timeout(), Some(*START + deadline * second));
    }
    client.handle_timeout(*START + 25 * second);
    let overdue = CallError::Overdue(25 * second);
    assert_eq!(answers(&mut client), [(id.as_i64(), Err(overdue))]);
}

#[test]
fn progress_that_was_not_asked_for_is_a_notification_like_any_other() {
    let mut client = waiting();
    let params = json!({ "progressToken": 2, "progress": 1 });
    let message = crate::messages::notification("notifications/progress", params);
    handle(&mut client, &message);
    let event = client.poll_event();
    assert!(
        matches!(event, Some(ClientEvent::Notified(method, _)) if method == "notifications/progress")
    );
}

#[test]
fn a_server_that_refuses_the_version_that_it_names_is_asked_once_more() {
    let mut client = probing();
    let refuse = |client: &mut ClientEngine, id: i64| {
        let error = version_refused(&["2026-07-28"]);
        let answer = json!({ "jsonrpc": "2.0", "id": id, "error": error });
        handle(client, &answer);
    };
    refuse(&mut client, 1);
    let again = Outbound::Probe(2_i64.into(), Revision::V2026_07_28);
    assert_eq!(outbound(&mut client), [again], "VER-D-14");
    refuse(&mut client, 2);
    assert!(outbound(&mut client).is_empty());
    let refused = CallError::Server(version_refused(&["2026-07-28"]));
    assert_eq!(failure(&mut client), refused);
}

#[test]
fn a_client_of_one_modern_revision_tells_why_the_probe_failed() {
    let config = ClientConfig::new("client", "1").pin(Revision::V2026_07_28);
    let mut client = ClientEngine::new(config);
    client.connect(*START);
    let lost = CallError::Lost("the stream broke".into());
    client.handle_failure(*START, &1_i64.into(), lost.clone());
    assert_eq!(failure(&mut client), lost);
}

#[test]
fn only_an_error_may_answer_the_probe_without_its_id() {
    let mut client = probing();
    let mut nameless = discovered(1);
    nameless["id"] = json!(null);
    handle(&mut client, &nameless);
    assert!(client.poll_event().is_none(), "RPC-A-04");
    let error = json!({ "code": -32600, "message": "m" });
    let error = json!({ "jsonrpc": "2.0", "id": null, "error": error });
    handle(&mut client, &error);
    assert_eq!(outbound(&mut client), [Outbound::Handshake(2_i64.into())]);
}
