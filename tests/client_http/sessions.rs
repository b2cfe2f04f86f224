//! Sessions and their streams (HTTP-L-01 to HTTP-L-12).

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use toolwright::Limits;
use toolwright::client::{Answers, CallError, CallOptions, Client, ServerEvent};
use toolwright::jsonrpc::ErrorObject;
use toolwright::model::legacy::Root;
use toolwright::model::{ClientCapabilities, RootsCapability};

use crate::wire::{builder, dial, legacy};
use crate::{config, work};

/// The waits for a server that accepts and closes, in milliseconds: each twice as long as the one
/// before, up to the longest, and then no more.
const GROWING: [u128; 10] = [
    500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000,
];

fn said() -> Value {
    json!({ "content": [] })
}

#[tokio::test(start_paused = true)]
async fn every_message_names_the_session_and_the_version_that_were_agreed_on() {
    let (mut wire, client, stream) = legacy(config()).await;
    let calling = work(&client);
    let call = wire.call("tools/call").await;
    assert_eq!(call.header("mcp-session-id"), Some("session-1"));
    assert_eq!(call.header("mcp-protocol-version"), Some("2025-11-25"));
    assert_eq!(
        call.header("accept"),
        Some("application/json, text/event-stream")
    );
    assert_eq!(call.header("content-type"), Some("application/json"));
    assert_eq!(call.header("mcp-method"), None);
    call.result(said());
    assert!(calling.await.unwrap().is_ok());
    drop(client);
    let farewell = wire.next().await;
    assert_eq!(farewell.request.method(), "DELETE");
    assert_eq!(farewell.header("mcp-session-id"), Some("session-1"));
    farewell.status(405);
    stream.closed().await;
    assert!(wire.is_over().await);
}

#[tokio::test(start_paused = true)]
async fn what_the_server_says_unasked_is_heard_and_a_server_that_says_nothing_is_fine() {
    let (_wire, client, stream) = legacy(config()).await;
    let mut events = client.events();
    stream.notify("notifications/tools/list_changed", json!({}));
    assert_eq!(events.next().await, Some(ServerEvent::ToolsChanged));

    let (mut wire, builder) = builder(config());
    let connecting = dial(builder);
    wire.next().await.status(400);
    wire.shake_hands("2025-11-25", None).await;
    let get = wire.next().await;
    assert_eq!(get.request.method(), "GET");
    get.status(405);
    let client = connecting.await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert!(wire.is_idle() && !client.is_closed());
    drop(client);
    assert!(wire.is_over().await, "there is no session to leave");
}

#[tokio::test(start_paused = true)]
async fn fault_48_a_call_that_is_dropped_is_cancelled_by_a_message() {
    let (mut wire, client, _stream) = legacy(config()).await;
    let calling = work(&client);
    let call = wire.call("tools/call").await;
    let id = call.body()["id"].clone();
    calling.abort();
    let cancelled = wire.call("notifications/cancelled").await;
    assert_eq!(cancelled.body()["params"]["requestId"], id);
    assert_eq!(cancelled.header("mcp-session-id"), Some("session-1"));
    cancelled.status(202);
    call.given_up().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_gone_is_replaced_and_what_it_refused_is_sent_again() {
    let (mut wire, client, stream) = legacy(config()).await;
    let (one, other) = (work(&client), work(&client));
    let (first, second) = (wire.call("tools/call").await, wire.call("tools/call").await);
    first.status(404);
    let initialize = wire.call("initialize").await;
    assert_eq!(initialize.header("mcp-session-id"), None);
    stream.closed().await;
    // That one was refused by the old session as well, if only now.
    second.status(404);
    let result = json!({
        "protocolVersion": "2025-11-25", "capabilities": {},
        "serverInfo": { "name": "script", "version": "1" },
    });
    initialize.result(result);
    wire.call("notifications/initialized").await.status(202);
    let mut calls = 0;
    for _ in 0..3 {
        let exchange = wire.next().await;
        if exchange.request.method() == "GET" {
            exchange.status(405);
        } else {
            assert_eq!(exchange.header("mcp-session-id"), None);
            exchange.result(said());
            calls += 1;
        }
    }
    assert_eq!(calls, 2);
    assert!(one.await.unwrap().is_ok() && other.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_forgets_every_session_is_believed_the_second_time() {
    let (mut wire, client, _stream) = legacy(config()).await;
    let calling = work(&client);
    wire.call("tools/call").await.status(404);
    let _stream = wire.handshake("2025-11-25", Some("session-2")).await;
    let call = wire.call("tools/call").await;
    assert_eq!(call.header("mcp-session-id"), Some("session-2"));
    call.status(404);
    let error = calling.await.unwrap().unwrap_err();
    assert!(
        matches!(error, CallError::Refused { status: 404, .. }),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_is_resumed_from_its_last_event_when_the_server_says() {
    let (mut wire, client, _stream) = legacy(config()).await;
    let calling = work(&client);
    let call = wire.call("tools/call").await;
    let id = call.body()["id"].clone();
    let stream = call.stream();
    stream.raw("id: 1-0\nretry: 700\ndata: \n\n");
    let closed = Instant::now();
    drop(stream);
    let get = wire.next().await;
    assert_eq!(closed.elapsed(), Duration::from_millis(700));
    assert_eq!(get.request.method(), "GET");
    assert_eq!(get.header("last-event-id"), Some("1-0"));
    assert_eq!(get.header("mcp-session-id"), Some("session-1"));
    let stream = get.stream();
    stream.message(&json!({ "jsonrpc": "2.0", "id": id, "result": said() }));
    assert!(calling.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_cannot_be_resumed_loses_its_call_and_nothing_is_sent_twice() {
    let (mut wire, client, _stream) = legacy(config()).await;
    let calling = work(&client);
    let stream = wire.call("tools/call").await.stream();
    stream.raw("data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}\n\n");
    drop(stream);
    assert!(matches!(calling.await.unwrap(), Err(CallError::Lost(_))));

    let calling = work(&client);
    let stream = wire.call("tools/call").await.stream();
    stream.raw("id: 1\ndata: \n\n");
    drop(stream);
    wire.next().await.status(400);
    assert!(matches!(calling.await.unwrap(), Err(CallError::Lost(_))));
    assert!(wire.is_idle());
}

#[tokio::test(start_paused = true)]
async fn fault_87_a_stream_that_is_accepted_and_closed_is_opened_ever_less_often() {
    let (mut wire, client, stream) = legacy(config()).await;
    drop(stream);
    let mut waits = Vec::new();
    loop {
        let since = Instant::now();
        let next = tokio::time::timeout(Duration::from_secs(600), wire.next()).await;
        let Ok(get) = next else { break };
        waits.push(since.elapsed().as_millis());
        drop(get.stream());
    }
    assert_eq!(waits, GROWING);
    // Its calls go on, and an answer shows that the server is there again.
    let calling = work(&client);
    wire.call("tools/call").await.result(said());
    assert!(calling.await.unwrap().is_ok());
    assert_eq!(wire.next().await.request.method(), "GET");
}

#[tokio::test(start_paused = true)]
async fn fault_87_a_server_that_ends_its_stream_and_its_session_at_once_is_asked_ever_less_often() {
    let (mut wire, client, stream) = legacy(config()).await;
    drop(stream);
    let mut waits = Vec::new();
    while waits.len() < 20 {
        let since = Instant::now();
        let next = tokio::time::timeout(Duration::from_secs(600), wire.next()).await;
        let Ok(get) = next else { break };
        waits.push(since.elapsed().as_millis());
        get.status(404);
        drop(wire.handshake("2025-11-25", Some("another")).await);
    }
    assert_eq!(waits, GROWING);
    let calling = work(&client);
    wire.call("tools/call").await.result(said());
    assert!(calling.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn fault_87_a_server_that_ends_its_session_with_each_answer_gets_a_few_new_ones() {
    let (mut wire, client, mut stream) = legacy(config()).await;
    let mut renewed = 0;
    while renewed < 20 {
        stream.message(&json!({ "jsonrpc": "2.0", "id": renewed, "method": "ping" }));
        wire.next().await.status(404);
        let another = wire.handshake("2025-11-25", Some("another"));
        let Ok(opened) = tokio::time::timeout(Duration::from_secs(60), another).await else {
            break;
        };
        stream = opened;
        renewed += 1;
    }
    assert_eq!(renewed, 10, "as often as it would be tried otherwise");
    // Whoever calls it gets one more.
    let calling = work(&client);
    wire.call("tools/call").await.status(404);
    let _stream = wire.handshake("2025-11-25", Some("last")).await;
    wire.call("tools/call").await.result(said());
    assert!(calling.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn fault_87_the_stream_of_a_call_that_is_closed_again_and_again_is_given_up_in_the_end() {
    let (mut wire, client, _stream) = legacy(config()).await;
    let hour = Duration::from_secs(60 * 60);
    let options = CallOptions::new().timeout(hour).max_total(hour);
    let mut calling = work(&client.with(options));
    let mut exchange = wire.call("tools/call").await;
    let mut waits = Vec::new();
    let ended = loop {
        let stream = exchange.stream();
        stream.raw("id: 1-0\ndata: \n\n");
        drop(stream);
        let since = Instant::now();
        exchange = tokio::select! {
            ended = &mut calling => break ended.unwrap(),
            get = wire.next() => get,
        };
        assert_eq!(exchange.header("last-event-id"), Some("1-0"));
        waits.push(since.elapsed().as_millis());
    };
    assert_eq!(waits, GROWING);
    assert!(matches!(ended, Err(CallError::Lost(_))), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn fault_86_an_absurd_wait_is_clamped_and_ends_with_the_call() {
    let (mut wire, client, _stream) = legacy(config()).await;
    let calling = work(&client);
    let stream = wire.call("tools/call").await.stream();
    stream.raw("id: 1\nretry: 99999999999999999999999999\ndata: \n\n");
    drop(stream);
    assert!(matches!(calling.await.unwrap(), Err(CallError::Timeout(_))));
    wire.call("notifications/cancelled").await.status(202);
    assert!(wire.is_idle());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_and_takes_no_answer_is_sent_so_many_and_no_more() {
    const MOST: usize = 8;
    let limits = Limits {
        in_flight: MOST,
        ..Limits::default()
    };
    let (mut wire, _client, stream) = legacy(config().limits(limits)).await;
    let ping = |id| json!({ "jsonrpc": "2.0", "id": id, "method": "ping" });
    for id in 0..3 * MOST {
        stream.message(&ping(id));
    }
    let mut posts = Vec::new();
    for _ in 0..MOST {
        posts.push(wire.next().await);
    }
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert!(wire.is_idle(), "the others are not answered");
    for post in posts {
        post.status(202);
    }
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    stream.message(&ping(99));
    assert_eq!(wire.next().await.body()["id"], 99);
}

struct Rooted;

impl Answers for Rooted {
    async fn roots(&self) -> Result<Vec<Root>, ErrorObject> {
        Ok(vec![Root::new("file:///home")])
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_on_the_stream_of_a_call_is_answered_by_a_post() {
    let capabilities = ClientCapabilities {
        roots: Some(RootsCapability::default()),
        ..ClientCapabilities::default()
    };
    let (mut wire, builder) = builder(config().capabilities(capabilities));
    let connecting = dial(builder.answers(Rooted));
    wire.next().await.status(400);
    let _stream = wire.handshake("2025-11-25", Some("session-1")).await;
    let client: Client = connecting.await.unwrap().unwrap();
    let calling = work(&client);
    let stream = wire.call("tools/call").await.stream();
    stream.message(&json!({ "jsonrpc": "2.0", "id": "ask", "method": "roots/list" }));
    let answer = wire.next().await;
    assert_eq!(answer.header("mcp-session-id"), Some("session-1"));
    assert_eq!(answer.body()["id"], "ask");
    assert_eq!(answer.body()["result"]["roots"][0]["uri"], "file:///home");
    answer.status(202);
    stream.result(said());
    assert!(calling.await.unwrap().is_ok());
}
