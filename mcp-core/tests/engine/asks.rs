//! Requests of the server in the middle of a client's request (RPC-L-10).

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use mcp_core::Limits;
use mcp_core::engine::{
    AskFailure, AskOutcome, ClientConfig, ClientEngine, ClientEvent, Elicitation, ServerEngine,
};
use mcp_core::model::{ElicitParams, ElicitUrlParams, InputRequest, RootsCapability};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::clients::sent;
use crate::harness::{START, Server};
use crate::messages::{call, cancelled, error, initialize, modern_call, result};

const VERSION: &str = "2025-11-25";

pub(crate) type Asking = Pin<Box<dyn Future<Output = AskOutcome> + Send>>;

/// A ready server whose tool `later` runs under the id `tool`.
pub(crate) fn running(limits: Limits) -> Server {
    let mut server = Server::limited(limits);
    server.handshake(VERSION);
    assert!(server.send(&call("tool", "later")).is_empty());
    server
}

pub(crate) fn ask(server: &Server) -> Asking {
    Box::pin(server.exchange("tool").ask(InputRequest::ListRoots(None)))
}

/// The JSON of the answer, once it is there.
pub(crate) fn poll(asking: &mut Asking) -> Option<Result<String, AskFailure>> {
    match asking
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(outcome) => Some(outcome.map(|answer| answer.get().to_owned())),
        Poll::Pending => None,
    }
}

pub(crate) fn roots(id: i64) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "roots/list" })
}

fn withdrawn(id: i64) -> Value {
    cancelled(id)
}

#[test]
fn a_question_is_sent_and_its_answer_finds_the_handler() {
    let mut server = running(Limits::default());
    let url = ElicitParams::Url(ElicitUrlParams::new("?", "https://example.com"));
    let exchange = server.exchange("tool");
    let mut first: Asking = Box::pin(exchange.ask(InputRequest::Elicit(Box::new(url))));
    let mut second = ask(&server);
    assert_eq!(
        server.output(),
        [
            json!({ "jsonrpc": "2.0", "id": 1, "method": "elicitation/create", "params": { "mode": "url", "message": "?", "url": "https://example.com" } }),
            roots(2),
        ]
    );
    assert_eq!((poll(&mut first), poll(&mut second)), (None, None));

    assert!(server.send(&result(2, json!({ "roots": [] }))).is_empty());
    assert!(server.send(&error(1, -1, "no")).is_empty());
    let answer = Ok(r#"{"roots":[]}"#.to_owned());
    assert_eq!(poll(&mut second), Some(answer));
    let Some(Err(AskFailure::Client(refusal))) = poll(&mut first) else {
        panic!("the client refused");
    };
    assert_eq!(refusal.code.0, -1);

    server.finish("tool");
    server.lives();
}

#[test]
fn fault_28_an_answer_to_nothing_or_of_the_wrong_id_type_is_ignored() {
    let mut server = running(Limits::default());
    let mut asking = ask(&server);
    assert_eq!(server.output(), [roots(1)]);
    for stray in [
        result(2, json!({})),
        result("1", json!({})),
        error(7, -1, "m"),
        json!({ "jsonrpc": "2.0", "id": null, "error": { "code": 1, "message": "m" } }),
    ] {
        assert!(server.send(&stray).is_empty(), "{stray}");
        assert_eq!(poll(&mut asking), None, "{stray}");
    }
    assert!(server.send(&result(1, json!({}))).is_empty());
    assert!(server.send(&result(1, json!({ "again": 1 }))).is_empty());
    assert_eq!(poll(&mut asking), Some(Ok("{}".to_owned())));
    server.finish("tool");
    server.lives();
}

#[test]
fn what_is_done_at_urls_is_told_beside_the_request_and_later_beside_the_connection() {
    let limits = Limits {
        queue: 2,
        ..Limits::default()
    };
    let mut server = running(limits);
    let names = ["a", "b", "c"];
    let elicitations = names.map(|name| Elicitation::new(name, &server.exchange("tool")));
    let done = |name: &str| json!({ "elicitationId": name });
    elicitations[0].complete();
    assert_eq!(server.output()[0]["params"], done("a"));
    server.finish("tool");
    // Of more than may wait, the oldest give way; each is told once.
    for elicitation in elicitations.iter().chain(&elicitations[1..]) {
        elicitation.complete();
    }
    let told = server.output();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(
        (&told[0]["params"], &told[1]["params"]),
        (&done("b"), &done("c"))
    );
    server.lives();
}

#[test]
fn what_is_done_while_the_request_runs_is_told_beside_it_as_far_as_there_is_room() {
    let limits = Limits {
        queue: 2,
        ..Limits::default()
    };
    let mut server = running(limits);
    let exchange = server.exchange("tool");
    let mut done = |names: &[&str]| -> Vec<Value> {
        for name in names {
            let elicitation = Elicitation::new(*name, &exchange);
            assert_eq!(elicitation.id(), *name);
            elicitation.complete();
        }
        let mail = server.engine.signals().take().expect("somebody is told");
        assert_eq!(mail.changes.elicited.ids().count(), 0, "not the connection");
        for exchange in mail.exchanges {
            server.engine.flush(*START, &exchange);
        }
        let told = server.output();
        let name = |told: &Value| told["params"]["elicitationId"].clone();
        told.iter().map(name).collect()
    };
    assert_eq!(done(&["a", "b"]), ["a", "b"]);
    assert_eq!(done(&["c", "d", "e"]), ["d", "e"], "the oldest gives way");
    server.finish("tool");
    server.lives();
}

#[test]
fn fault_31_a_broken_answer_ends_the_question() {
    let error = json!({ "code": 1, "message": "m" });
    for rest in [
        json!({}),
        json!({ "result": {}, "error": error }),
        json!({ "error": 7 }),
    ] {
        let mut server = running(Limits::default());
        let mut asking = ask(&server);
        server.output();
        let mut broken = rest;
        broken["jsonrpc"] = json!("2.0");
        broken["id"] = json!(1);
        assert!(server.send(&broken).is_empty(), "{broken}");
        assert!(matches!(
            poll(&mut asking),
            Some(Err(AskFailure::Protocol(_)))
        ));
        server.finish("tool");
        server.lives();
    }
}

#[test]
fn a_question_without_an_answer_times_out_and_is_taken_back() {
    let limits = Limits {
        ask_timeout: Duration::from_secs(60),
        ..Limits::default()
    };
    let mut server = running(limits);
    let mut asking = ask(&server);
    server.output();
    let told = server.advance(Duration::from_secs(60));
    assert_eq!(
        told[0]["params"],
        json!({ "requestId": 1, "reason": "timeout" })
    );
    let timeout = AskFailure::Timeout(Duration::from_secs(60));
    assert_eq!(poll(&mut asking), Some(Err(timeout)));
    assert!(server.send(&result(1, json!({}))).is_empty(), "too late");
    server.finish("tool");
    server.lives();
}

#[test]
fn a_request_whose_question_is_open_gets_its_time_again() {
    let mut server = running(Limits::default());
    let (time, rest) = (Limits::default().call_timeout, Duration::from_secs(1));
    assert!(server.advance(time - rest).is_empty());
    let mut asking = ask(&server);
    assert_eq!(server.output(), [roots(1)]);
    assert!(server.advance(rest).is_empty());
    assert!(server.send(&result(1, json!({}))).is_empty());
    assert_eq!(poll(&mut asking), Some(Ok("{}".to_owned())));
    assert!(server.advance(time - rest).is_empty());
    // Nobody is asked any more, so that this time counts.
    assert_eq!(server.advance(rest)[0]["id"], "tool");
}

#[test]
fn a_cancelled_request_takes_its_questions_back() {
    let mut server = running(Limits::default());
    let mut sent = ask(&server);
    server.output();
    let mut queued = ask(&server);
    assert_eq!(server.send(&cancelled("tool")), [withdrawn(1)]);
    for asking in [&mut sent, &mut queued] {
        assert_eq!(poll(asking), Some(Err(AskFailure::Ended)));
    }
    server.lives();
}

#[test]
fn an_answered_request_takes_its_questions_back_first() {
    let mut server = running(Limits::default());
    let exchange = server.exchange("tool");
    let mut asking = ask(&server);
    server.output();
    let out = server.finish("tool");
    assert_eq!(out[0], withdrawn(1));
    assert_eq!(out[1]["id"], "tool");
    assert_eq!(poll(&mut asking), Some(Err(AskFailure::Ended)));
    let mut late: Asking = Box::pin(exchange.ask(InputRequest::ListRoots(None)));
    assert_eq!(poll(&mut late), Some(Err(AskFailure::Ended)));
    server.lives();
}

#[test]
fn a_question_given_up_is_taken_back_or_never_sent() {
    let mut server = running(Limits::default());
    drop(ask(&server));
    assert!(server.output().is_empty(), "never sent");
    let asking = ask(&server);
    server.output();
    drop(asking);
    assert_eq!(server.output(), [withdrawn(1)]);
    assert_eq!(server.engine.asking(), 0);
    server.finish("tool");
    server.lives();
}

#[test]
fn a_closed_connection_ends_its_questions() {
    let mut server = running(Limits::default());
    let mut asking = ask(&server);
    server.output();
    server.engine.handle_close(server.now);
    assert_eq!(poll(&mut asking), Some(Err(AskFailure::Ended)));
    assert!(server.output().is_empty());
}

#[test]
fn nobody_is_asked_before_the_handshake_is_over() {
    let mut server = Server::new();
    server.send(&initialize("handshake", VERSION));
    assert!(server.send(&call("tool", "later")).is_empty());
    let mut asking = ask(&server);
    assert!(server.output().is_empty());
    assert_eq!(poll(&mut asking), Some(Err(AskFailure::NotReady)));
}

#[test]
fn a_modern_request_is_no_way_to_ask() {
    let mut server = Server::new();
    assert!(server.send(&modern_call("tool", "later")).is_empty());
    let mut asking = ask(&server);
    assert_eq!(poll(&mut asking), Some(Err(AskFailure::NoWayBack)));
    assert!(server.output().is_empty());
}

#[test]
fn an_engine_of_one_way_refuses_to_ask() {
    let mut server = Server::new();
    server.engine = std::mem::replace(&mut server.engine, unused()).one_way();
    server.handshake(VERSION);
    assert!(server.send(&call("tool", "later")).is_empty());
    let mut asking = ask(&server);
    assert!(server.output().is_empty());
    assert_eq!(poll(&mut asking), Some(Err(AskFailure::NoWayBack)));
}

fn unused() -> ServerEngine {
    Server::new().engine
}

#[test]
fn questions_of_one_request_are_bounded() {
    let limits = Limits {
        queue: 2,
        ..Limits::default()
    };
    let mut server = running(limits);
    let mut asked: Vec<_> = (0..3).map(|_| ask(&server)).collect();
    assert_eq!(server.output().len(), 2);
    assert_eq!(poll(&mut asked[2]), Some(Err(AskFailure::TooMany(2))));
}

/// A legacy client that has roots and nothing else.
fn client() -> ClientEngine {
    let mut config = ClientConfig::new("client", "1");
    config.pinned = Some(mcp_core::Revision::V2025_11_25);
    config.capabilities.roots = Some(RootsCapability::default());
    let mut client = ClientEngine::new(config);
    client.connect(*START);
    sent(&mut client);
    let answer = json!({ "protocolVersion": VERSION, "capabilities": {}, "serverInfo": { "name": "s", "version": "1" } });
    receive(&mut client, &result(1, answer));
    sent(&mut client);
    while client.poll_event().is_some() {}
    client
}

fn receive(client: &mut ClientEngine, message: &Value) {
    client.handle_message(*START, message.to_string().as_bytes());
}

#[test]
fn a_client_answers_what_it_declared_once() {
    let mut client = client();
    receive(&mut client, &roots(5));
    let Some(ClientEvent::Asked { id, method, .. }) = client.poll_event() else {
        panic!("it was asked");
    };
    assert_eq!(method, "roots/list");
    let answer = || RawValue::from_string(r#"{"roots":[]}"#.to_owned()).expect("JSON");
    client.reply(&id, Ok(answer()));
    client.reply(&id, Ok(answer()));
    assert_eq!(sent(&mut client), [result(5, json!({ "roots": [] }))]);
}

#[test]
fn a_client_refuses_what_it_did_not_declare_and_an_id_in_use() {
    let mut client = client();
    let elicit = json!({ "jsonrpc": "2.0", "id": 1, "method": "elicitation/create", "params": {} });
    receive(&mut client, &elicit);
    assert_eq!(sent(&mut client)[0]["error"]["code"], -32601);
    receive(&mut client, &roots(2));
    receive(&mut client, &roots(2));
    assert_eq!(sent(&mut client)[0]["error"]["code"], -32600);
}

#[test]
fn a_question_taken_back_is_not_answered() {
    let mut client = client();
    receive(&mut client, &roots(5));
    let Some(ClientEvent::Asked { id, .. }) = client.poll_event() else {
        panic!("it was asked");
    };
    receive(&mut client, &withdrawn(5));
    assert!(matches!(client.poll_event(), Some(ClientEvent::Withdrawn(other)) if other == id));
    client.reply(&id, Err(mcp_core::jsonrpc::ErrorObject::internal("late")));
    assert!(sent(&mut client).is_empty());
    receive(&mut client, &withdrawn(5));
    assert!(matches!(
        client.poll_event(),
        Some(ClientEvent::Notified(..))
    ));
}
