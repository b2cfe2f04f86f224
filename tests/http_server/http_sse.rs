//! HTTP+SSE, the transport of 2024-11-05 (HTTP-L-40).

use serde_json::{Value, json};
use toolwright::http::HttpOptions;
use toolwright::prelude::*;

use crate::auth::ByName;
use crate::legacy::{ask, legacy, text};
use crate::peer::{JSON, Peer, message, request, with_header};
use crate::server::{Live, start_with};

const SSE: (&str, &str) = ("accept", "text/event-stream");

fn options() -> HttpOptions {
    HttpOptions::default().http_sse("/sse", "/messages")
}

async fn start() -> Live {
    start_with(|server| server, options()).await
}

/// The same request for another path.
fn at(path: &str, request: Vec<u8>) -> Vec<u8> {
    let request = String::from_utf8(request).expect("text");
    request
        .replacen(" /mcp ", &format!(" {path} "), 1)
        .into_bytes()
}

fn get() -> Vec<u8> {
    at("/sse", request("GET", &[SSE], ""))
}

/// A client that hears.
struct Client {
    ears: Peer,
    /// Where it posts to.
    place: String,
}

impl Client {
    /// Opens a stream, and reads where to post.
    async fn hear(server: &Live, get: Vec<u8>) -> Self {
        let mut ears = server.peer().await;
        ears.send(get).await;
        let head = ears.head().await;
        assert_eq!(head.status, 200);
        assert_eq!(head.header("content-type"), Some("text/event-stream"));
        let first = ears.raw_event().await.expect("an event");
        let place = first
            .strip_prefix("event: endpoint\ndata: ")
            .and_then(|place| place.strip_suffix("\n\n"));
        let place = place.expect("where to post").to_owned();
        assert!(place.starts_with("/messages?sessionId="), "{place}");
        Self { ears, place }
    }

    /// The same, and shakes hands.
    async fn new(server: &Live, version: &str) -> Self {
        let mut client = Self::hear(server, get()).await;
        let params = json!({
            "protocolVersion": version, "capabilities": { "elicitation": {} },
            "clientInfo": { "name": "test", "version": "1" },
        });
        let hello = client.asks(server, "initialize", params).await;
        assert_eq!(hello["result"]["protocolVersion"], version);
        let note = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        client.says(server, &note).await;
        client
    }

    fn post(&self, message: &Value) -> Vec<u8> {
        at(&self.place, request("POST", &[JSON], &message.to_string()))
    }

    /// Posts a message, which is accepted.
    async fn says(&self, server: &Live, message: &Value) {
        let accepted = ask(server, self.post(message)).await;
        assert_eq!((accepted.status(), accepted.body.as_str()), (202, ""));
    }

    /// Posts a request, and reads what is said next.
    async fn asks(&mut self, server: &Live, method: &str, params: Value) -> Value {
        self.says(server, &legacy(1, method, params)).await;
        self.ears.event().await.expect("a message")
    }

    async fn calls(&mut self, server: &Live, tool: &str, arguments: Value) -> Value {
        let params =
            json!({ "name": tool, "arguments": arguments, "_meta": { "progressToken": "t" } });
        self.asks(server, "tools/call", params).await
    }
}

#[tokio::test]
async fn what_is_posted_at_one_path_is_answered_on_the_stream_of_the_other() {
    let server = start().await;
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut client = Client::new(&server, version).await;
        let sum = client
            .calls(&server, "add", json!({ "a": 1, "b": 2 }))
            .await;
        assert_eq!(text(&sum), "3");
        // What comes before an answer, and what belongs to none.
        let progress = client.calls(&server, "report", json!({})).await;
        assert_eq!(progress["method"], "notifications/progress");
        server.handle.tools_changed();
        let change = client.ears.event().await.expect("a change");
        assert_eq!(change["method"], "notifications/tools/list_changed");
        server.desk.go.notify_one();
        let progress = client.ears.event().await.expect("progress");
        assert_eq!(progress["params"]["progress"], 2);
        assert_eq!(
            text(&client.ears.event().await.expect("a response")),
            "reported"
        );
    }
}

#[tokio::test]
async fn a_handler_asks_by_the_same_stream_and_sessions_do_not_cross() {
    let server = start().await;
    let mut ann = Client::new(&server, "2025-06-18").await;
    let mut bob = Client::new(&server, "2025-06-18").await;
    let question = ann.calls(&server, "greet", json!({})).await;
    assert_eq!(question["method"], "elicitation/create");
    assert_eq!(
        bob.calls(&server, "greet", json!({})).await["id"],
        question["id"]
    );
    for (client, name) in [(&mut bob, "Bob"), (&mut ann, "Ann")] {
        let result = json!({ "action": "accept", "content": { "name": name } });
        let answer = json!({ "jsonrpc": "2.0", "id": question["id"], "result": result });
        client.says(&server, &answer).await;
        let response = client.ears.event().await.expect("a response");
        assert_eq!(text(&response), format!("Hello, {name}!"));
    }
}

#[tokio::test]
async fn fault_27_an_id_that_is_taken_is_refused_where_all_share_a_stream() {
    let server = start().await;
    let mut client = Client::new(&server, "2024-11-05").await;
    let wait = legacy(1, "tools/call", json!({ "name": "wait" }));
    client.says(&server, &wait).await;
    let refused = client.asks(&server, "tools/list", json!({})).await;
    assert_eq!(
        (&refused["id"], &refused["error"]["code"]),
        (&json!(1), &json!(-32600))
    );
    server.desk.go.notify_one();
    assert_eq!(
        text(&client.ears.event().await.expect("a response")),
        "gone on"
    );
}

#[tokio::test]
async fn a_batch_is_one_answer_on_the_stream() {
    let server = start().await;
    let mut client = Client::new(&server, "2025-03-26").await;
    let call = |id: i64, tool: &str| {
        legacy(
            id,
            "tools/call",
            json!({ "name": tool, "arguments": { "a": 1, "b": 1 } }),
        )
    };
    let batch = json!([call(1, "wait"), call(2, "add")]);
    client.says(&server, &batch).await;
    server.desk.go.notify_one();
    let answer = client.ears.event().await.expect("an answer");
    assert_eq!(answer.as_array().expect("an array").len(), 2);
}

#[tokio::test]
async fn fault_76_a_session_that_is_unknown_or_of_another_principal_is_the_same_404() {
    let server = start_with(|server| server, options().auth(ByName)).await;
    let unnamed = ask(&server, get()).await;
    assert_eq!(unnamed.status(), 401);
    let as_ann = |request| with_header("authorization", "ann", request);
    let ann = Client::hear(&server, as_ann(get())).await;
    let ping = legacy(1, "ping", json!({}));
    let unknown = format!("/messages?sessionId={}", "A".repeat(32));
    let post = |place: &str| at(place, request("POST", &[JSON], &ping.to_string()));
    let mut bodies = Vec::new();
    for request in [
        with_header("authorization", "bob", ann.post(&ping)),
        as_ann(post(&unknown)),
        as_ann(post("/messages?sessionId=short")),
    ] {
        let answer = ask(&server, request).await;
        assert_eq!(answer.status(), 404);
        bodies.push(answer.body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(ask(&server, as_ann(post("/messages"))).await.status(), 400);
    assert_eq!(ask(&server, as_ann(ann.post(&ping))).await.status(), 202);
}

#[tokio::test]
async fn both_paths_stand_behind_the_same_gate_as_the_endpoint() {
    let server = start().await;
    let client = Client::new(&server, "2024-11-05").await;
    let ping = legacy(1, "ping", json!({})).to_string();
    let post =
        |headers: &[(&str, &str)], body: &str| at(&client.place, request("POST", headers, body));
    let evil = ("origin", "http://evil.example.com");
    let host = ("host", "evil.example.com");
    let long = format!("\"{}\"", "x".repeat(5000));
    for (fault, request, status) in [
        (59, at("/sse", request("GET", &[SSE, host], "")), 403),
        (60, at("/sse", request("GET", &[SSE, evil], "")), 403),
        (
            64,
            at("/sse", request("GET", &[("accept", "text/html")], "")),
            406,
        ),
        (72, at("/sse", request("DELETE", &[], "")), 405),
        (59, post(&[JSON, host], &ping), 403),
        (60, post(&[JSON, evil], &ping), 403),
        (61, post(&[("content-type", "text/plain")], &ping), 415),
        (66, post(&[JSON], &long), 413),
        (65, post(&[JSON], "{"), 400),
        (72, at(&client.place, request("GET", &[SSE], "")), 405),
    ] {
        assert_eq!(
            ask(&server, request).await.status(),
            status,
            "fault {fault}"
        );
    }
    // A request that says its own version belongs to the endpoint, where its headers are checked.
    let modern = message(1, "tools/list", json!({})).to_string();
    assert_eq!(ask(&server, post(&[JSON], &modern)).await.status(), 400);
    let off = start_with(|server| server, HttpOptions::default()).await;
    assert_eq!(ask(&off, get()).await.status(), 404);
}

#[tokio::test]
async fn a_client_that_goes_takes_its_session_and_its_calls_along() {
    let server = start().await;
    let client = Client::new(&server, "2024-11-05").await;
    let wait = legacy(1, "tools/call", json!({ "name": "wait" }));
    client.says(&server, &wait).await;
    server.desk.began.acquire().await.unwrap().forget();
    let post = client.post(&legacy(2, "ping", json!({})));
    drop(client);
    server.desk.cancelled.acquire().await.unwrap().forget();
    assert_eq!(ask(&server, post).await.status(), 404);
}

#[tokio::test]
async fn fault_81_more_streams_than_there_may_be_sessions_are_refused_for_now() {
    let limits = toolwright::Limits {
        sessions: 1,
        ..toolwright::Limits::default()
    };
    let server = start_with(|server| server.limits(limits), options()).await;
    let first = Client::new(&server, "2024-11-05").await;
    let refused = ask(&server, get()).await;
    assert_eq!(refused.status(), 503);
    assert!(refused.head.header("retry-after").is_some());
    // It ends with its stream, which is noticed when a call of it is cancelled.
    let wait = legacy(1, "tools/call", json!({ "name": "wait" }));
    first.says(&server, &wait).await;
    drop(first);
    server.desk.cancelled.acquire().await.unwrap().forget();
    Client::new(&server, "2024-11-05").await;
}

/// Answers at length.
#[tool]
fn lengthy() -> String {
    "x".repeat(1 << 20)
}

#[tokio::test]
async fn fault_83_a_client_that_never_reads_is_refused_more_and_others_are_served() {
    const MOST: i64 = 64;
    let limits = toolwright::Limits {
        output_backlog: 4 << 20,
        ..toolwright::Limits::default()
    };
    let change = |server: Server| server.limits(limits).tool::<lengthy>();
    let server = start_with(change, options()).await;
    let client = Client::new(&server, "2024-11-05").await;
    let mut refused = None;
    for id in 1..=MOST {
        let call = legacy(id, "tools/call", json!({ "name": "lengthy" }));
        let answer = ask(&server, client.post(&call)).await;
        if answer.status() != 202 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("a refusal before the memory is full");
    assert_eq!(refused.status(), 429);
    assert!(
        refused.body.contains("limit `output_backlog`"),
        "{refused:?}"
    );
    server.serves_others().await;
}

#[tokio::test]
async fn fault_57_the_end_of_the_server_answers_what_runs_and_ends_the_stream() {
    let server = start().await;
    let mut client = Client::new(&server, "2024-11-05").await;
    let mut idle = Client::new(&server, "2024-11-05").await;
    let wait = legacy(1, "tools/call", json!({ "name": "wait" }));
    client.says(&server, &wait).await;
    server.desk.began.acquire().await.unwrap().forget();
    server.handle.shutdown();
    assert_eq!(idle.ears.event().await, None);
    server.desk.go.notify_one();
    assert_eq!(
        text(&client.ears.event().await.expect("a response")),
        "gone on"
    );
    assert_eq!(client.ears.event().await, None);
    server.task.await.unwrap().unwrap();
}
