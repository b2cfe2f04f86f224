//! The handshake revisions: sessions.

use serde_json::{Value, json};

use crate::peer::{Answer, Peer, post, request};
use crate::server::{Live, start};

/// A client that has a session.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) version: &'static str,
}

impl Client {
    /// Opens a session of the newest revision with a handshake.
    pub(crate) async fn new(server: &Live) -> Self {
        Self::of(server, "2025-11-25").await
    }

    pub(crate) async fn of(server: &Live, version: &'static str) -> Self {
        let mut peer = server.peer().await;
        let answer = peer.ask(initialize(version)).await;
        assert_eq!(answer.status(), 200, "{answer:?}");
        assert_eq!(answer.json()["result"]["protocolVersion"], version);
        let id = answer
            .head
            .header("mcp-session-id")
            .expect("a session")
            .to_owned();
        let client = Self { id, version };
        let note = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert_eq!(peer.ask(client.post(&note)).await.status(), 202);
        client
    }

    /// A POST in the session.
    pub(crate) fn post(&self, body: &Value) -> Vec<u8> {
        post(&self.headers(), body)
    }

    pub(crate) fn call(&self, id: impl Into<Value>, tool: &str, arguments: Value) -> Vec<u8> {
        let params = json!({
            "name": tool, "arguments": arguments, "_meta": { "progressToken": "t" }
        });
        self.post(&legacy(id, "tools/call", params))
    }

    /// A GET in the session.
    pub(crate) fn get(&self, more: &[(&str, &str)]) -> Vec<u8> {
        let headers = [
            &self.headers()[..],
            &[("accept", "text/event-stream")],
            more,
        ]
        .concat();
        request("GET", &headers, "")
    }

    pub(crate) fn delete(&self) -> Vec<u8> {
        request("DELETE", &self.headers(), "")
    }

    fn headers(&self) -> Vec<(&str, &str)> {
        let id = ("mcp-session-id", self.id.as_str());
        match self.version {
            "2025-03-26" => vec![id],
            version => vec![id, ("mcp-protocol-version", version)],
        }
    }
}

pub(crate) fn legacy(id: impl Into<Value>, method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params })
}

pub(crate) fn initialize(version: &str) -> Vec<u8> {
    let client = json!({ "name": "test", "version": "1" });
    let capabilities = json!({ "roots": {}, "elicitation": {} });
    let params = json!({
        "protocolVersion": version, "capabilities": capabilities, "clientInfo": client
    });
    post(&[], &legacy(0, "initialize", params))
}

pub(crate) fn text(message: &Value) -> &str {
    message["result"]["content"][0]["text"]
        .as_str()
        .unwrap_or_default()
}

pub(crate) async fn ask(server: &Live, request: Vec<u8>) -> Answer {
    server.peer().await.ask(request).await
}

#[tokio::test]
async fn a_session_begins_with_the_handshake_and_carries_calls_on_any_connection() {
    let server = start().await;
    for version in ["2025-03-26", "2025-06-18", "2025-11-25"] {
        let client = Client::of(&server, version).await;
        assert!(client.id.len() >= 22 && client.id.bytes().all(|b| b.is_ascii_graphic()));
        let answer = ask(&server, client.call(1, "add", json!({ "a": 1, "b": 2 }))).await;
        assert_eq!(answer.head.header("content-type"), Some("application/json"));
        assert_eq!(text(&answer.json()), "3");
        assert_eq!(answer.json()["result"].get("resultType"), None);
    }
}

#[tokio::test]
async fn fault_27_the_same_id_twice_at_once_gets_each_its_own_answer() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut first = server.peer().await;
    first.send(client.call(1, "wait", json!({}))).await;
    server.desk.began.acquire().await.unwrap().forget();
    let second = ask(&server, client.call(1, "add", json!({ "a": 1, "b": 1 }))).await;
    assert_eq!(text(&second.json()), "2");
    server.desk.go.notify_one();
    assert_eq!(text(&first.answer().await.json()), "gone on");
    server.still_serves(&mut first).await;
}

#[tokio::test]
async fn fault_36_arrays_are_answered_in_2025_03_26_and_refused_elsewhere() {
    let server = start().await;
    let add = |id: i64| {
        let params = json!({ "name": "add", "arguments": { "a": id, "b": 0 } });
        legacy(id, "tools/call", params)
    };
    let client = Client::of(&server, "2025-03-26").await;
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/unknown" });
    let answer = ask(&server, client.post(&json!([add(1), note, add(2)]))).await;
    let mut ids: Vec<_> = answer
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["id"].clone())
        .collect();
    ids.sort_by_key(|id| id.as_i64());
    assert_eq!(ids, [1, 2]);
    let mut peer = server.peer().await;
    let wait = legacy(3, "tools/call", json!({ "name": "wait" }));
    peer.send(client.post(&json!([wait, add(4)]))).await;
    server.desk.began.acquire().await.unwrap().forget();
    server.desk.go.notify_one();
    assert_eq!(peer.answer().await.json().as_array().unwrap().len(), 2);
    assert_eq!(peer.ask(client.post(&json!([note]))).await.status(), 202);
    let newer = Client::new(&server).await;
    for refused in [
        client.post(&json!([])),
        client.post(&json!(vec![0; 101])),
        newer.post(&json!([add(1)])),
    ] {
        assert_eq!(peer.ask(refused).await.error(), (400, -32600));
    }
    let nested = peer.ask(client.post(&json!([[add(1)]]))).await;
    assert_eq!(nested.json()[0]["error"]["code"], -32600);
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_37_a_second_handshake_in_a_session_changes_nothing() {
    let server = start().await;
    let client = Client::new(&server).await;
    let again = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "x", "version": "1" } });
    let mut peer = server.peer().await;
    let answer = peer.ask(client.post(&legacy(1, "initialize", again))).await;
    assert_eq!(answer.json()["error"]["code"], -32600);
    let answer = peer
        .ask(client.call(2, "add", json!({ "a": 1, "b": 1 })))
        .await;
    assert_eq!(text(&answer.json()), "2");
    server.serves_others().await;
}

#[tokio::test]
async fn fault_38_a_session_answers_pings_before_the_handshake_is_over() {
    let server = start().await;
    let mut peer = server.peer().await;
    let begun = peer.ask(initialize("2025-11-25")).await;
    let id = begun.head.header("mcp-session-id").expect("a session");
    let client = Client {
        id: id.to_owned(),
        version: "2025-11-25",
    };
    let pong = json!({ "jsonrpc": "2.0", "id": 1, "result": {} });
    let ping = client.post(&legacy(1, "ping", json!({})));
    assert_eq!(peer.ask(ping).await.json(), pong);
    let early = client.call(2, "add", json!({ "a": 1, "b": 1 }));
    assert_eq!(peer.ask(early).await.json()["id"], 2);
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_39_a_handshake_for_an_unknown_version_is_answered_with_ours() {
    let server = start().await;
    let mut peer = server.peer().await;
    for version in ["1999-01-01", "2026-07-28"] {
        let answer = peer.ask(initialize(version)).await;
        assert_eq!(answer.json()["result"]["protocolVersion"], "2025-11-25");
    }
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn a_version_header_that_is_not_served_is_refused() {
    let server = start().await;
    let client = Client {
        version: "1999-01-01",
        ..Client::new(&server).await
    };
    let answer = ask(&server, client.post(&legacy(1, "ping", json!({})))).await;
    assert_eq!(answer.status(), 400);
}

#[tokio::test]
async fn fault_47_a_disconnect_does_not_cancel_and_a_cancellation_does() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut peer = server.peer().await;
    peer.send(client.call("gone", "wait", json!({}))).await;
    server.desk.began.acquire().await.unwrap().forget();
    drop(peer);
    let mut peer = server.peer().await;
    peer.send(client.call("cancelled", "report", json!({})))
        .await;
    assert_eq!(
        peer.head().await.header("content-type"),
        Some("text/event-stream")
    );
    server.desk.began.acquire().await.unwrap().forget();
    let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": "cancelled" } });
    assert_eq!(ask(&server, client.post(&cancel)).await.status(), 202);
    server.desk.cancelled.acquire().await.unwrap().forget();
    assert_eq!(
        peer.event().await.expect("progress")["method"],
        "notifications/progress"
    );
    assert_eq!(peer.event().await, None);
    // The one whose client has gone still runs.
    assert_eq!(server.desk.cancelled.available_permits(), 0);
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_45_a_call_of_a_session_ends_once_however_often_it_is_cancelled() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut notes = server.peer().await;
    let mut cancel = async |id: Value| {
        let params = json!({ "requestId": id });
        let note =
            json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params });
        assert_eq!(notes.ask(client.post(&note)).await.status(), 202, "{id}");
    };
    let others = [json!("1"), json!("never seen"), json!(1.5), Value::Null];
    cancel(json!(1)).await;
    let mut peer = server.peer().await;
    peer.send(client.call(1, "report", json!({}))).await;
    server.desk.began.acquire().await.unwrap().forget();
    for other in others {
        cancel(other).await;
    }
    assert_eq!(server.desk.cancelled.available_permits(), 0);
    for _ in 0..2 {
        cancel(json!(1)).await;
    }
    server.desk.cancelled.acquire().await.unwrap().forget();
    let events = peer.answer().await.events();
    let methods: Vec<_> = events.iter().map(|event| &event["method"]).collect();
    assert_eq!(methods, ["notifications/progress"]);
    cancel(json!(1)).await;
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_84_the_stream_of_a_session_says_at_once_that_it_lives() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut peer = server.peer().await;
    peer.send(client.get(&[])).await;
    let head = peer.head().await;
    assert_eq!(head.header("x-accel-buffering"), Some("no"));
    assert_eq!(head.header("cache-control"), Some("no-cache"));
    assert_eq!(peer.raw_event().await.as_deref(), Some(":\n\n"));
    server.serves_others().await;
}

#[tokio::test]
async fn changes_wait_for_a_stream_and_are_told_once() {
    let server = start().await;
    let client = Client::new(&server).await;
    for _ in 0..3 {
        server.handle.tools_changed();
    }
    let mut peer = server.peer().await;
    peer.send(client.get(&[])).await;
    peer.head().await;
    assert_eq!(
        peer.event().await.expect("a change")["method"],
        "notifications/tools/list_changed"
    );
    assert_eq!(ask(&server, client.delete()).await.status(), 204);
    assert_eq!(peer.event().await, None);
}

#[tokio::test]
async fn fault_57_the_end_of_the_server_ends_the_streams_of_sessions() {
    let server = start().await;
    let client = Client::new(&server).await;
    let (mut listener, mut caller): (Peer, Peer) = (server.peer().await, server.peer().await);
    listener.send(client.get(&[])).await;
    listener.head().await;
    caller.send(client.call(1, "wait", json!({}))).await;
    server.desk.began.acquire().await.unwrap().forget();
    server.handle.shutdown();
    assert_eq!(listener.event().await, None);
    server.desk.go.notify_one();
    assert_eq!(text(&caller.answer().await.json()), "gone on");
    server.task.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_question_leaves_by_the_stream_of_its_call_and_its_answer_comes_by_another_post() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut peer = server.peer().await;
    peer.send(client.call(1, "folders", json!({}))).await;
    assert_eq!(
        peer.head().await.header("content-type"),
        Some("text/event-stream")
    );
    let question = peer.event().await.expect("a question");
    assert_eq!(question["method"], "roots/list");
    let roots = json!([{ "uri": "file:///a" }, { "uri": "file:///b" }]);
    let answer = json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "roots": roots } });
    // Of another session it is no answer (fault 29).
    let stranger = Client::new(&server).await;
    assert_eq!(ask(&server, stranger.post(&answer)).await.status(), 202);
    let forged = ask(&server, stranger.call(2, "add", json!({ "a": 1, "b": 1 }))).await;
    assert_eq!(text(&forged.json()), "2");
    assert_eq!(ask(&server, client.post(&answer)).await.status(), 202);
    assert_eq!(text(&peer.event().await.expect("a response")), "2");
    assert_eq!(peer.event().await, None);
}
