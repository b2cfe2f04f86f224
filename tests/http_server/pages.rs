//! Pages that users are sent to, and handlers that ask by turns, over HTTP in both eras.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use toolwright::ask::{Elicitation, Inputs, Questions, Turn, Visit};
use toolwright::handler::State;
use toolwright::http::HttpOptions;
use toolwright::prelude::*;

use crate::legacy::{Client, ask, legacy, text};
use crate::peer::{MODERN, post};
use crate::server::{Live, start_with};

/// What the code behind the page got.
type Waiting = State<Arc<Mutex<Option<Elicitation>>>>;

/// Sends the user away.
#[tool]
async fn link(cx: Context, waiting: Waiting) -> Result<String, ToolError> {
    *waiting.lock().unwrap() = Some(cx.elicitation("link"));
    let page = Visit::new("link", "Link your account", "https://example.com/link");
    cx.visit_first([page]).await?;
    Ok("never".to_owned())
}

#[form]
struct Size {
    size: u32,
}

/// Asks for a size by turns.
#[tool]
fn order(inputs: Inputs) -> Result<Turn<String>, AskError> {
    Ok(match inputs.form::<Size>("size")? {
        None => Turn::Ask(Questions::new().form::<Size>("size", "How large?")),
        Some(answer) => Turn::Done(format!("{} cm", answer.accepted()?.size)),
    })
}

async fn start(waiting: &Arc<Mutex<Option<Elicitation>>>) -> Live {
    let waiting = Arc::clone(waiting);
    let change = |server: Server| server.state(waiting).tool::<(link, order)>();
    start_with(change, HttpOptions::default()).await
}

fn capabilities() -> Value {
    json!({ "elicitation": { "form": {}, "url": {} } })
}

/// A session of 2025-11-25 whose client opens URLs.
async fn session(server: &Live) -> Client {
    let params = json!({
        "protocolVersion": "2025-11-25", "capabilities": capabilities(),
        "clientInfo": { "name": "test", "version": "1" },
    });
    let begun = ask(server, post(&[], &legacy(0, "initialize", params))).await;
    let id = begun.head.header("mcp-session-id").expect("a session");
    let client = Client {
        id: id.to_owned(),
        version: "2025-11-25",
    };
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(ask(server, client.post(&ready)).await.status(), 202);
    client
}

/// A call of 2026-07-28 by a client that can be asked.
fn modern(tool: &str, round: Value) -> Vec<u8> {
    let mut params = json!({ "name": tool, "_meta": {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": capabilities(),
    } });
    let members = round.as_object().expect("an object").clone();
    params.as_object_mut().expect("an object").extend(members);
    let headers = [
        ("mcp-protocol-version", MODERN),
        ("mcp-method", "tools/call"),
        ("mcp-name", tool),
    ];
    post(&headers, &legacy(1, "tools/call", params))
}

#[tokio::test]
async fn a_session_hears_on_its_own_stream_that_a_page_is_done() {
    let waiting = Arc::default();
    let server = start(&waiting).await;
    let (client, other) = (session(&server).await, session(&server).await);
    let refused = ask(&server, client.call(1, "link", json!({}))).await;
    let message = match refused.head.header("content-type") {
        Some("application/json") => refused.json(),
        _ => refused.events().pop().expect("a message"),
    };
    assert_eq!(message["error"]["code"], -32042, "{message}");
    let id = &message["error"]["data"]["elicitations"][0]["elicitationId"];

    // It is done before anybody listens, and kept until somebody does.
    let elicitation = waiting.lock().unwrap().take().expect("it was given");
    elicitation.complete();
    let (mut stream, mut stranger) = (server.peer().await, server.peer().await);
    stranger.send(other.get(&[])).await;
    stream.send(client.get(&[])).await;
    assert_eq!(
        (stream.head().await.status, stranger.head().await.status),
        (200, 200)
    );
    let done = stream.event().await.expect("a notification");
    assert_eq!(done["method"], "notifications/elicitation/complete");
    assert_eq!(done["params"]["elicitationId"], *id);

    // The other session hears of changes for all, and of nothing before that.
    server.handle.tools_changed();
    let first = stranger.event().await.expect("a notification");
    assert_eq!(first["method"], "notifications/tools/list_changed");
}

#[tokio::test]
async fn a_modern_client_is_asked_to_open_the_page() {
    let server = start(&Arc::default()).await;
    let answer = ask(&server, modern("link", json!({}))).await.json();
    let asked = &answer["result"]["inputRequests"]["link"]["params"];
    assert_eq!(answer["result"]["resultType"], "input_required", "{answer}");
    assert_eq!(asked["url"], "https://example.com/link");
    assert_eq!(asked.get("elicitationId"), None);
}

#[tokio::test]
async fn a_handler_asks_by_turns_in_both_eras() {
    let server = start(&Arc::default()).await;
    let filled_in = json!({ "action": "accept", "content": { "size": 32 } });
    let answer = ask(&server, modern("order", json!({}))).await.json();
    let round = json!({
        "inputResponses": { "size": filled_in },
        "requestState": answer["result"]["requestState"],
    });
    let answer = ask(&server, modern("order", round)).await.json();
    assert_eq!(text(&answer), "32 cm");

    let client = session(&server).await;
    let mut stream = server.peer().await;
    stream.send(client.call(1, "order", json!({}))).await;
    assert_eq!(stream.head().await.status, 200);
    let question = stream.event().await.expect("a question");
    let reply = json!({ "jsonrpc": "2.0", "id": question["id"], "result": filled_in });
    assert_eq!(ask(&server, client.post(&reply)).await.status(), 202);
    assert_eq!(text(&stream.event().await.expect("a response")), "32 cm");
    assert_eq!(stream.event().await, None);
}
