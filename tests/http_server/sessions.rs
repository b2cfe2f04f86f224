//! Sessions and their ids (faults 76 to 80).

use std::future::Future as _;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use serde_json::{Value, json};
use toolwright::http::HttpOptions;
use toolwright::prelude::*;
use tower_service::Service as _;

use crate::legacy::{Client, ask, initialize, legacy};
use crate::peer::{BOTH, JSON, post, request, with_header};
use crate::server::{Bell, Desk, server, start};

#[tokio::test]
async fn fault_76_a_missing_session_is_400_and_an_unknown_one_404() {
    let server = start().await;
    let body = legacy(1, "tools/list", json!({}));
    let version = ("mcp-protocol-version", "2025-11-25");
    let get = request("GET", &[("accept", "text/event-stream")], "");
    let mut peer = server.peer().await;
    for request in [post(&[], &body), post(&[version], &body), get] {
        assert_eq!(peer.ask(request).await.status(), 400);
    }
    let unknown = "A".repeat(32);
    let unknown = post(&[("mcp-session-id", &unknown)], &body);
    assert_eq!(peer.ask(unknown).await.status(), 404);
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_77_an_id_that_is_guessed_or_overlong_is_no_session_and_becomes_none() {
    let server = start().await;
    let body = legacy(1, "tools/list", json!({}));
    let mut peer = server.peer().await;
    for id in ["A".repeat(32), "short".to_owned(), "x".repeat(5000)] {
        let answer = peer.ask(post(&[("mcp-session-id", &id)], &body)).await;
        assert_eq!(answer.status(), 404);
        assert_eq!(answer.head.header("mcp-session-id"), None);
    }
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_77_a_handshake_does_not_adopt_an_id() {
    let server = start().await;
    let mine = "A".repeat(32);
    let wanted = with_header("mcp-session-id", &mine, initialize("2025-11-25"));
    let mut peer = server.peer().await;
    assert_eq!(peer.ask(wanted).await.status(), 404);
    server.still_serves(&mut peer).await;
    let client = Client {
        id: mine,
        version: "2025-11-25",
    };
    assert_eq!(
        ask(&server, client.call(1, "add", json!({})))
            .await
            .status(),
        404
    );
}

#[tokio::test]
async fn fault_78_a_second_stream_is_refused_and_the_first_goes_on() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut first = server.peer().await;
    first.send(client.get(&[])).await;
    assert_eq!(first.head().await.status, 200);
    let mut second = server.peer().await;
    assert_eq!(second.ask(client.get(&[])).await.status(), 409);
    server.still_serves(&mut second).await;
    server.handle.tools_changed();
    let change = first.event().await.expect("a change");
    assert_eq!(change["method"], "notifications/tools/list_changed");
}

#[tokio::test]
async fn fault_80_a_deleted_session_cancels_its_calls_and_is_gone() {
    let server = start().await;
    let client = Client::new(&server).await;
    let mut peer = server.peer().await;
    peer.send(client.call(1, "report", json!({}))).await;
    peer.head().await;
    peer.event().await.expect("progress");
    let mut other = server.peer().await;
    assert_eq!(other.ask(client.delete()).await.status(), 204);
    server.desk.cancelled.acquire().await.unwrap().forget();
    assert_eq!(peer.event().await, None);
    for request in [
        client.delete(),
        client.call(2, "add", json!({})),
        client.get(&[]),
    ] {
        assert_eq!(other.ask(request).await.status(), 404);
    }
    server.still_serves(&mut other).await;
    server.still_serves(&mut peer).await;
}

/// What a handler does while it is polled for the first time.
struct Meanwhile {
    act: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

/// Does that, and never ends.
#[tool]
async fn interrupted(desk: State<Arc<Desk>>, meanwhile: State<Arc<Meanwhile>>) {
    let _bell = Bell(Arc::clone(&desk));
    let act = meanwhile.act.lock().unwrap().take();
    act.expect("it is called once")();
    std::future::pending::<()>().await;
}

/// A request to a mounted endpoint.
fn mounted(method: &str, session: Option<&str>, body: Value) -> http::Request<String> {
    let mut request = http::Request::builder()
        .method(method)
        .header("host", "localhost")
        .header(JSON.0, JSON.1)
        .header(BOTH.0, BOTH.1);
    if let Some(session) = session {
        request = request.header("mcp-session-id", session);
    }
    request.body(body.to_string()).unwrap()
}

#[tokio::test]
async fn fault_80_a_session_that_ends_in_the_first_step_of_a_handler_cancels_it() {
    let desk = Arc::new(Desk::default());
    let meanwhile = Arc::new(Meanwhile {
        act: Mutex::default(),
    });
    let shared = Arc::clone(&meanwhile);
    let server = server(&desk).state(shared).tool::<interrupted>();
    let mut endpoint = server.build().unwrap().http(HttpOptions::default());
    let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" } });
    let opened = endpoint.call(mounted("POST", None, legacy(0, "initialize", hello)));
    let opened = opened.await.unwrap();
    let id = opened.headers()["mcp-session-id"].to_str().unwrap();
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    endpoint
        .call(mounted("POST", Some(id), ready))
        .await
        .unwrap();

    let ended = endpoint.call(mounted("DELETE", Some(id), Value::Null));
    *meanwhile.act.lock().unwrap() = Some(Box::new(|| {
        let mut cx = std::task::Context::from_waker(Waker::noop());
        match pin!(ended).poll(&mut cx) {
            Poll::Ready(Ok(ended)) => assert_eq!(ended.status(), 204),
            Poll::Pending => panic!("nothing has to be waited for"),
        }
    }));
    let call = legacy(1, "tools/call", json!({ "name": "interrupted" }));
    let answer = endpoint.call(mounted("POST", Some(id), call)).await;
    assert_eq!(answer.unwrap().status(), 404);
    assert_eq!(desk.cancelled.available_permits(), 1);
}
