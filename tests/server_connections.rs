//! Servers that change while they are connected, that list page by page, that hide their errors,
//! and that are told to end.
#![cfg(feature = "macros")]
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::{Value, json};
use support::{
    Gates, INITIALIZED, Peer, call, cancel, error_of, initialize, modern, new_server, request,
    text_of, text_result, until_idle, with_tools,
};
use toolwright::Server;
use toolwright::handler::ErrorMask;
use toolwright::prelude::*;

const CHANGED: &str = "notifications/tools/list_changed";
const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

fn built(server: Server) -> ServerHandle {
    with_tools(server, &Gates::new()).build().unwrap()
}

fn extra(name: &str) -> RuntimeTool {
    RuntimeTool::new(name, json!({ "type": "object" }), |_, _| async { "extra" })
}

/// Opens a subscription and returns its acknowledgement.
async fn listen(peer: &mut Peer, id: impl Into<Value>, filter: Value) -> Value {
    let params = json!({ "notifications": filter });
    peer.ask(modern(id, "subscriptions/listen", params)).await
}

fn changed(subscription: impl Into<Value>) -> Value {
    let params = json!({ "_meta": { SUBSCRIPTION: subscription.into() } });
    json!({ "jsonrpc": "2.0", "method": CHANGED, "params": params })
}

#[tokio::test(start_paused = true)]
async fn a_legacy_connection_hears_of_changes_once_its_handshake_is_over() {
    let server = built(new_server());
    let mut peer = Peer::connect(&server);
    peer.ask(initialize(1, "2025-11-25")).await;
    server.add_tool(extra("early")).unwrap();
    until_idle().await;
    peer.send_text(INITIALIZED).await;
    peer.still_serves().await;
    server.add_tool(extra("late")).unwrap();
    let told = peer.recv().await;
    assert_eq!(
        told,
        json!({ "jsonrpc": "2.0", "method": CHANGED }),
        "SUB-L-10"
    );
    assert_eq!(
        peer.ask(call(2, "late", json!({}))).await,
        text_result(2, "extra")
    );
    peer.still_serves().await;
}

#[tokio::test(start_paused = true)]
async fn several_changes_at_once_are_told_once() {
    let server = built(new_server());
    let mut peer = Peer::legacy(&server, "2025-06-18").await;
    peer.still_serves().await;
    for name in ["one", "two", "three"] {
        server.add_tool(extra(name)).unwrap();
    }
    assert!(server.remove_tool("two") && !server.remove_tool("two"));
    assert_eq!(peer.recv().await["method"], CHANGED);
    peer.still_serves().await;
    let gone = peer.ask(call(1, "two", json!({}))).await;
    assert_eq!(error_of(&gone), (json!(1), -32602));
}

#[tokio::test(start_paused = true)]
async fn a_modern_client_hears_only_what_it_subscribed_to() {
    let server = built(new_server());
    let mut peer = Peer::connect(&server);
    let tools = json!({ "toolsListChanged": true, "promptsListChanged": true });
    let acknowledged = listen(&mut peer, "tools", tools).await;
    let honoured = json!({ "toolsListChanged": true });
    assert_eq!(
        acknowledged["params"]["notifications"], honoured,
        "SUB-M-02"
    );
    assert_eq!(acknowledged["params"]["_meta"][SUBSCRIPTION], "tools");
    listen(&mut peer, 7, json!({ "resourcesListChanged": true })).await;
    let mut unsubscribed = Peer::connect(&server);
    unsubscribed.ask(modern(1, "tools/list", json!({}))).await;

    server.add_tool(extra("new")).unwrap();
    assert_eq!(peer.recv().await, changed("tools"), "SUB-M-03, SUB-M-06");
    let answer = peer
        .ask(modern(2, "tools/call", json!({ "name": "new" })))
        .await;
    assert_eq!(text_of(&answer), ("extra", false));
    // Nothing more for one, and nothing at all for the other.
    unsubscribed.close_input().await;
    assert_eq!(unsubscribed.rest().await, Vec::<Value>::new());

    peer.send(cancel("tools")).await;
    until_idle().await;
    server.remove_tool("new");
    until_idle().await;
    let answer = peer
        .ask(modern(3, "tools/call", json!({ "name": "new" })))
        .await;
    assert_eq!(error_of(&answer), (json!(3), -32602), "SUB-M-07");
}

#[tokio::test(start_paused = true)]
async fn one_change_reaches_both_eras_of_one_connection() {
    let server = built(new_server());
    let mut peer = Peer::legacy(&server, "2025-11-25").await;
    listen(&mut peer, "l", json!({ "toolsListChanged": true })).await;
    server.tools_changed();
    let mut told = [peer.recv().await, peer.recv().await];
    told.sort_by_key(|message| message.get("params").is_some());
    let plain = json!({ "jsonrpc": "2.0", "method": CHANGED });
    assert_eq!(told, [plain, changed("l")], "SUB-D-11");
    peer.still_serves().await;
}

#[tokio::test(start_paused = true)]
async fn subscriptions_end_with_a_result_when_the_server_or_its_client_ends() {
    for by_handle in [true, false] {
        let server = built(new_server());
        let mut peer = Peer::connect(&server);
        listen(&mut peer, "s", json!({ "toolsListChanged": true })).await;
        if by_handle {
            server.shutdown();
        } else {
            peer.close_input().await;
        }
        let rest = peer.rest().await;
        let [result, cancelled] = &rest[..] else {
            panic!("{rest:?}");
        };
        assert_eq!(result["id"], "s", "SUB-M-08");
        assert_eq!(result["result"]["resultType"], "complete");
        assert_eq!(result["result"]["_meta"][SUBSCRIPTION], "s");
        assert_eq!(cancelled["method"], "notifications/cancelled", "AMB-01");
        assert_eq!(cancelled["params"]["requestId"], "s");
    }
}

fn names(answer: &Value) -> Vec<&str> {
    let tools = answer["result"]["tools"].as_array().unwrap();
    tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect()
}

fn five_tools() -> ServerHandle {
    let names = ["a", "b", "c", "d", "e"];
    let add = |server: Server, name| server.runtime_tool(extra(name));
    let server = names.into_iter().fold(new_server().page_size(2), add);
    server.build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_list_is_given_page_by_page() {
    let server = five_tools();
    for modern_era in [false, true] {
        let mut peer = Peer::connect(&server);
        if !modern_era {
            peer.shake_hands("2025-11-25").await;
        }
        let ask = |params| match modern_era {
            true => modern(1, "tools/list", params),
            false => request(1, "tools/list", params),
        };
        let mut params = json!({});
        for page in [&["a", "b"][..], &["c", "d"], &["e"]] {
            let answer = peer.ask(ask(params)).await;
            assert_eq!(names(&answer), page, "PAG-A-01");
            params = json!({ "cursor": answer["result"]["nextCursor"] });
        }
        assert_eq!(params, json!({ "cursor": null }), "the end");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cursor_that_names_no_page_is_invalid() {
    let server = five_tools();
    let mut peer = Peer::legacy(&server, "2025-11-25").await;
    let first = peer.ask(request(1, "tools/list", json!({}))).await;
    let cursor = first["result"]["nextCursor"].clone();
    for bad in [
        json!(""),
        json!("x"),
        json!("at-1"),
        json!("at-6"),
        json!(2),
        json!({}),
    ] {
        let answer = peer
            .ask(request(2, "tools/list", json!({ "cursor": bad })))
            .await;
        assert_eq!(error_of(&answer), (json!(2), -32602), "{bad}");
    }
    for name in ["a", "b", "c"] {
        server.remove_tool(name);
    }
    assert_eq!(peer.recv().await["method"], CHANGED);
    // Its page is gone.
    let answer = peer
        .ask(request(3, "tools/list", json!({ "cursor": cursor })))
        .await;
    assert_eq!(error_of(&answer), (json!(3), -32602));
    let answer = peer.ask(request(4, "tools/list", json!({}))).await;
    assert_eq!(names(&answer), ["d", "e"]);
}

#[tool]
fn leaks() -> Result<String, std::num::ParseIntError> {
    "the secret".parse::<i32>().map(|n| n.to_string())
}

#[tool]
fn passes_on() -> Result<String, ToolError> {
    Ok("the secret".parse::<i32>()?.to_string())
}

#[tool]
fn speaks() -> Result<String, ToolError> {
    Err(ToolError::new("try again tomorrow"))
}

#[tokio::test(start_paused = true)]
async fn masked_errors_are_hidden_unless_they_were_written_for_the_model() {
    for mask in [ErrorMask::Show, ErrorMask::Hide] {
        let server = new_server().tool::<(leaks, passes_on, speaks)>();
        let mut peer = Peer::legacy(&built(server.mask_errors(mask)), "2025-11-25").await;
        for tool in ["leaks", "passes_on"] {
            let text = match mask {
                ErrorMask::Show => "invalid digit found in string".to_owned(),
                ErrorMask::Hide => {
                    format!("The tool `{tool}` failed. The details are in the server's log.")
                }
            };
            let answer = peer.ask(call(1, tool, json!({}))).await;
            assert_eq!(text_of(&answer), (text.as_str(), true));
        }
        let answer = peer.ask(call(2, "speaks", json!({}))).await;
        assert_eq!(text_of(&answer), ("try again tomorrow", true));
        peer.still_serves().await;
    }
}

/// Adds a tool from inside a handler.
#[tool]
async fn grow(cx: Context) -> Result<&'static str, ToolError> {
    cx.server().add_tool(extra("grown"))?;
    Ok("grown")
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_change_its_own_server() {
    let server = built(new_server().tool::<grow>());
    let mut peer = Peer::legacy(&server, "2025-11-25").await;
    assert_eq!(
        peer.ask(call(1, "grow", json!({}))).await,
        text_result(1, "grown")
    );
    assert_eq!(peer.recv().await["method"], CHANGED);
    assert_eq!(
        peer.ask(call(2, "grown", json!({}))).await,
        text_result(2, "extra")
    );
    let again = peer.ask(call(3, "grow", json!({}))).await;
    assert!(
        text_of(&again).0.contains("two tools named `grown`"),
        "{again}"
    );
    peer.still_serves().await;
}
