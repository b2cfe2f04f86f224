//! What a client engine makes of what a server says unasked: questions, notices, and junk.

use std::time::Duration;

use mcp_core::engine::{CallError, ClientConfig, ClientEngine, ClientEvent, RequestOptions, Wait};
use mcp_core::{Limits, Revision};
use serde_json::{Map, Value, json};

use crate::clients::{connected, handle, sent, waiting};
use crate::harness::START;
use crate::messages::{cancelled, notification, request, result};

/// A legacy client whose handshake is over and that declared `capabilities`.
fn legacy(capabilities: Value, limits: Limits) -> ClientEngine {
    let mut config = ClientConfig::new("client", "1").pin(Revision::V2025_11_25);
    config.capabilities = serde_json::from_value(capabilities).expect("capabilities");
    config.limits = limits;
    let mut client = ClientEngine::new(config);
    client.connect(*START);
    let server = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "serverInfo": { "name": "s", "version": "1" },
    });
    handle(&mut client, &result(1, server));
    sent(&mut client);
    assert!(matches!(
        client.poll_event(),
        Some(ClientEvent::Connected(_))
    ));
    client
}

fn asked(client: &mut ClientEngine) -> Option<String> {
    match client.poll_event()? {
        ClientEvent::Asked { method, .. } => Some(method),
        other => panic!("expected a question, got {other:?}"),
    }
}

#[test]
fn a_client_is_asked_for_what_it_declared_and_for_nothing_else() {
    let kinds = [
        ("elicitation", "elicitation/create"),
        ("sampling", "sampling/createMessage"),
        ("roots", "roots/list"),
    ];
    for (declared, _) in kinds {
        let mut client = legacy(json!({ declared: {} }), Limits::default());
        for (needed, method) in kinds {
            handle(&mut client, &request(needed, method, json!({})));
            if needed == declared {
                assert_eq!(asked(&mut client).as_deref(), Some(method));
                assert!(sent(&mut client).is_empty());
            } else {
                assert_eq!(asked(&mut client), None);
                assert_eq!(sent(&mut client)[0]["error"]["code"], -32601, "{method}");
            }
        }
    }
}

#[test]
fn a_client_is_not_asked_before_the_handshake_is_over() {
    let mut config = ClientConfig::new("client", "1").pin(Revision::V2025_11_25);
    config.capabilities.roots = Some(mcp_core::model::RootsCapability::default());
    let mut client = ClientEngine::new(config);
    client.connect(*START);
    sent(&mut client);
    handle(&mut client, &request("early", "roots/list", json!({})));
    assert_eq!(asked(&mut client), None);
    assert_eq!(sent(&mut client)[0]["error"]["code"], -32601);
}

#[test]
fn one_question_more_than_the_limit_is_refused_and_room_comes_back() {
    let limits = Limits {
        in_flight: 2,
        ..Limits::default()
    };
    let mut client = legacy(json!({ "roots": {} }), limits);
    let mut ask = |id: i64| {
        handle(&mut client, &request(id, "roots/list", json!({})));
        let refused = sent(&mut client);
        let withdraw = client.poll_event().is_some() && id == 2;
        if withdraw {
            handle(&mut client, &cancelled(id));
            let event = client.poll_event();
            assert!(matches!(event, Some(ClientEvent::Withdrawn(_))));
        }
        refused.first().map(|answer| answer["error"].clone())
    };
    assert_eq!(ask(1), None);
    assert_eq!(ask(2), None, "and taken back");
    assert_eq!(ask(3), None);
    let refused = ask(4).expect("the third at once");
    assert_eq!(refused["code"], -32603);
    let why = refused["message"].as_str().expect("a text");
    assert!(why.contains("limit `in_flight` = 2"), "{why}");
}

#[test]
fn only_a_subscription_can_be_ended_by_a_notification() {
    let mut client = connected();
    let options = RequestOptions::default();
    let mut begin = |method| {
        let id = client.request(*START, method, Map::new(), &options);
        id.expect("open")
    };
    let (list, listen) = (begin("tools/list"), begin("subscriptions/listen"));
    for id in [&list, &listen] {
        handle(&mut client, &cancelled(id.as_i64().expect("a number")));
    }
    let event = client.poll_event();
    assert!(matches!(event, Some(ClientEvent::Notified(..))), "{list}");
    let Some(ClientEvent::Answered(id, Ok(ended))) = client.poll_event() else {
        panic!("the subscription ended (AMB-01)");
    };
    assert_eq!((id, ended.get()), (listen.clone(), "{}"));
    assert!(client.is_pending(&list));
    assert!(!client.is_pending(&listen));
    handle(&mut client, &cancelled(listen.as_i64().expect("a number")));
    let event = client.poll_event();
    assert!(
        matches!(event, Some(ClientEvent::Notified(..))),
        "only once"
    );
}

#[test]
fn notices_that_belong_to_no_request_are_handed_on() {
    let mut client = waiting();
    let strange = [
        ("notifications/progress", json!({})),
        (
            "notifications/progress",
            json!({ "progressToken": 9, "progress": 1 }),
        ),
        ("notifications/cancelled", json!({})),
        ("notifications/cancelled", json!({ "requestId": 9 })),
        ("notifications/tools/list_changed", json!({})),
    ];
    for (method, params) in strange {
        handle(&mut client, &notification(method, params.clone()));
        let Some(ClientEvent::Notified(heard, said)) = client.poll_event() else {
            panic!("{method} is handed on");
        };
        assert_eq!(heard, method);
        let said: Value = serde_json::from_str(said.expect("params").get()).expect("JSON");
        assert_eq!(said, params);
    }
}

#[test]
fn a_client_gives_up_after_more_junk_in_a_row_than_the_limit() {
    let limits = Limits {
        junk_lines: 2,
        ..Limits::default()
    };
    let mut client = legacy(json!({}), limits);
    let mut junk = |times: usize| {
        for _ in 0..times {
            client.handle_message(*START, b"Listening on port 80");
        }
        let event = client.poll_event();
        handle(&mut client, &request("s", "ping", json!({})));
        event
    };
    assert!(junk(2).is_none());
    assert!(junk(2).is_none(), "a message came between them");
    let event = junk(3);
    let why = CallError::Limit("junk_lines");
    assert!(matches!(event, Some(ClientEvent::Failed(error)) if error == why));
    assert!(junk(3).is_none(), "said once (fault 13)");
}

#[test]
fn of_two_waits_the_one_that_is_over_is_named() {
    let second = Duration::from_secs(1);
    // The wait, all of the time, when the request ends, and why.
    let waits = [
        (
            Wait::For(10 * second),
            None,
            10,
            CallError::Timeout(10 * second),
        ),
        (
            Wait::For(10 * second),
            Some(10),
            10,
            CallError::Timeout(10 * second),
        ),
        (
            Wait::For(10 * second),
            Some(4),
            4,
            CallError::Overdue(4 * second),
        ),
        (Wait::Forever, Some(4), 4, CallError::Overdue(4 * second)),
    ];
    for (wait, total, end, expected) in waits {
        let mut client = connected();
        let options = RequestOptions {
            wait,
            total: total.map(|total| total * second),
            progress: false,
        };
        let id = client.request(*START, "tools/list", Map::new(), &options);
        let id = id.expect("open");
        let end = *START + end * second;
        assert_eq!(client.poll_timeout(), Some(end), "{wait:?} {total:?}");
        client.handle_timeout(end - Duration::from_millis(1));
        assert!(client.poll_event().is_none());
        client.handle_timeout(end);
        let Some(ClientEvent::Answered(late, Err(why))) = client.poll_event() else {
            panic!("the request is over");
        };
        assert_eq!((late, why), (id, expected));
    }
}

#[test]
fn a_wait_that_was_asked_for_is_granted_beyond_the_usual_total() {
    let mut client = connected();
    let long = 2 * Limits::default().request_total;
    let options = RequestOptions {
        wait: Wait::For(long),
        ..RequestOptions::default()
    };
    client
        .request(*START, "tools/list", Map::new(), &options)
        .expect("open");
    assert_eq!(client.poll_timeout(), Some(*START + long));
}
