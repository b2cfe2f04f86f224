//! A modern request that has a stream to itself, as every HTTP exchange does: no engine, the same
//! answers.

use std::sync::Arc;

use mcp_core::engine::{
    Change, Incoming, IncomingRequest, Opened, Principal, Received, ServerEngine, Subscription,
    open,
};
use mcp_core::jsonrpc::{ErrorObject, RequestId};
use mcp_core::lifecycle::Method;
use mcp_core::{Limits, Revision};
use serde_json::{Value, json};

use crate::harness::{START, capabilities, profile};
use crate::messages::{call, modern, modern_call, notification, result};

fn read(message: &str) -> IncomingRequest<'_> {
    match Incoming::read(message.as_bytes(), 10) {
        Incoming::Request(request) => request,
        other => panic!("expected a request, got {other:?}"),
    }
}

/// What becomes of `message`, as `seen` sees it.
fn opened<T>(
    message: &Value,
    seen: impl FnOnce(Opened<'_>) -> T,
) -> Result<T, (RequestId, ErrorObject)> {
    let profile = profile(capabilities(), &Revision::ALL);
    let limits = Limits {
        subscriptions: 2,
        ..Limits::default()
    };
    let message = message.to_string();
    let ann = Principal::verified("ann");
    open(&profile, &limits, read(&message), ann, &|_, _, _| Ok(())).map(seen)
}

fn listening(filter: Value) -> Subscription {
    let params = json!({ "notifications": filter });
    let listen = modern("s", "subscriptions/listen", params);
    let subscription = opened(&listen, |opened| match opened {
        Opened::Listen(subscription) => subscription,
        other => panic!("expected a subscription, got {other:?}"),
    });
    subscription.expect("it is opened")
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Value {
    let mut buffer = Vec::new();
    write(&mut buffer);
    serde_json::from_slice(&buffer).expect("JSON")
}

#[test]
fn a_message_is_told_by_what_it_is() {
    let kind = |message: &Value| match Incoming::read(message.to_string().as_bytes(), 2) {
        Incoming::Request(request) if request.is_modern() => "modern request",
        Incoming::Request(_) => "request",
        Incoming::Notification => "notification",
        Incoming::Response => "response",
        Incoming::Batch => "batch",
        Incoming::Malformed(_) => "malformed",
    };
    let one = call(1, "now");
    assert_eq!(kind(&modern_call(1, "now")), "modern request");
    assert_eq!(kind(&one), "request");
    assert_eq!(kind(&notification("x", json!({}))), "notification");
    assert_eq!(kind(&result(1, json!({}))), "response");
    assert_eq!(kind(&json!([one, one])), "batch");
    assert_eq!(kind(&json!([one, one, one])), "malformed");
    assert_eq!(kind(&json!(1)), "malformed");
}

#[test]
fn a_call_alone_on_its_stream_goes_to_a_handler() {
    let seen = opened(&modern_call(7, "now"), |opened| {
        let Opened::Call(call) = opened else {
            panic!("expected a call");
        };
        assert_eq!(call.id(), &RequestId::from(7_i64));
        assert_eq!(call.method, Method::CallTool);
        assert_eq!(call.revision, Revision::V2026_07_28);
        assert_eq!(call.principal().subject(), Some("ann"));
        assert!(call.client().is_none(), "RPC-M-14");
        assert!(!call.is_one_way());
        assert!(call.existing_exchange().is_none(), "nothing asked for it");
        let exchange = call.exchange();
        assert_eq!(exchange.id(), call.answered_under());
        assert!(call.existing_exchange().is_some());
    });
    assert!(seen.is_ok());
}

#[test]
fn a_discovery_is_answered_at_once() {
    let answer = opened(&modern("d", "server/discover", json!({})), |opened| {
        let Opened::Answered(bytes) = opened else {
            panic!("expected an answer");
        };
        serde_json::from_slice::<Value>(&bytes).expect("JSON")
    });
    let answer = answer.expect("DISC-M-01");
    assert_eq!(answer["id"], "d");
    assert_eq!(answer["result"]["supportedVersions"][0], "2026-07-28");
}

#[test]
fn what_is_refused_is_refused_under_its_id() {
    let uris = json!({ "resourceSubscriptions": ["a:1", "a:2", "a:3"] });
    let listen = |filter: Value| {
        let params = json!({ "notifications": filter });
        modern("refused", "subscriptions/listen", params)
    };
    for (message, code) in [
        (listen(uris), -32602),
        (listen(json!(1)), -32602),
        (modern("refused", "resources/subscribe", json!({})), -32601),
        (modern("refused", "initialize", json!({})), -32601),
        (call("refused", "now"), -32602),
    ] {
        let (id, error) = opened(&message, |_| ()).expect_err("it is refused");
        assert_eq!(id, RequestId::from("refused"));
        assert_eq!(error.code.0, code, "{message}");
    }
}

#[test]
fn headers_that_say_otherwise_than_the_request_refuse_it() {
    let profile = profile(capabilities(), &Revision::ALL);
    let message = modern_call(1, "now").to_string();
    let headers = |version: &str, method: &str, _: &_| {
        assert_eq!((version, method), ("2026-07-28", "tools/call"));
        Err(ErrorObject::invalid_request("they differ"))
    };
    let limits = Limits::default();
    let refused = open(
        &profile,
        &limits,
        read(&message),
        Principal::LOCAL,
        &headers,
    );
    let (id, error) = refused.expect_err("they differ");
    assert_eq!(id, RequestId::from(1_i64));
    assert_eq!(error.message, "they differ");
}

#[test]
fn a_subscription_alone_on_its_stream_says_what_it_would_say_on_a_connection() {
    let asked = json!({ "toolsListChanged": true, "resourceSubscriptions": ["a:1"] });
    let subscription = listening(asked.clone());
    let acknowledged = written(|buffer| subscription.acknowledge(buffer));
    let tag = json!({ "io.modelcontextprotocol/subscriptionId": "s" });
    let params = json!({ "notifications": asked, "_meta": tag });
    let method = "notifications/subscriptions/acknowledged";
    assert_eq!(acknowledged, notification(method, params), "SUB-M-02");

    let resource = |uri: &str| Change::Resource(uri.to_owned());
    for change in [
        Change::Prompts,
        Change::Tools,
        resource("a:1"),
        resource("a:2"),
    ] {
        subscription.signals().change(change);
    }
    let mail = subscription.signals().take().expect("there were changes");
    let mut told = Vec::new();
    subscription.announce(&mail.changes, |bytes| {
        told.push(serde_json::from_slice::<Value>(bytes).expect("JSON"));
    });
    let tools = notification("notifications/tools/list_changed", json!({ "_meta": tag }));
    let updated = json!({ "_meta": tag, "uri": "a:1" });
    let updated = notification("notifications/resources/updated", updated);
    assert_eq!(told, [tools, updated], "SUB-M-03, SUB-M-05");
    subscription.signals().change(resource("a:2"));
    assert!(subscription.signals().take().is_none(), "nobody asked");

    let profile = profile(capabilities(), &Revision::ALL);
    let ended = written(|buffer| subscription.end(buffer, profile.encoder()));
    assert_eq!(ended["id"], "s");
    assert_eq!(ended["result"]["resultType"], "complete");
    let meta = &ended["result"]["_meta"];
    assert_eq!(
        meta["io.modelcontextprotocol/subscriptionId"], "s",
        "SUB-M-08"
    );
}

#[test]
fn a_request_that_was_read_already_is_taken_as_its_message_would_be() {
    let profile = Arc::new(profile(capabilities(), &Revision::ALL));
    let mut engine = ServerEngine::new(profile, Limits::default());
    let message = modern_call(1, "now").to_string();
    let request = read(&message);
    let taken = engine.handle_request(&request);
    assert!(matches!(taken, Received::Call(call) if *call.id() == request.id));
    engine.handle_close(*START);
    let taken = engine.handle_request(&request);
    assert!(matches!(taken, Received::Handled), "the connection is gone");
}
