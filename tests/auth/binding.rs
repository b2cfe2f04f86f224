//! What belongs to one caller stays with it, whoever comes (AUTH-S-05).

use serde_json::{Value, json};

use crate::peer::{message, modern, post, request};
use crate::server::{Live, start, text};

/// A request of a session.
fn in_session(id: &str, body: &Value) -> Vec<u8> {
    let headers = [
        ("mcp-session-id", id),
        ("mcp-protocol-version", "2025-11-25"),
    ];
    post(&headers, body)
}

fn rpc(method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
}

/// Begins a session.
async fn begin(server: &Live, token: &str) -> String {
    let params = json!({
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    });
    let begun = server
        .ask_as(token, post(&[], &rpc("initialize", &params)))
        .await;
    assert_eq!(begun.status(), 200, "{begun:?}");
    let id = begun
        .head
        .header("mcp-session-id")
        .expect("a session")
        .to_owned();
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    server.ask_as(token, in_session(&id, &note)).await;
    id
}

#[tokio::test]
async fn fault_76_a_session_is_its_callers_alone_and_outlives_a_token() {
    let server = start().await;
    let ann = server.token("ann", "");
    let id = begin(&server, &ann).await;
    let whoami = || in_session(&id, &rpc("tools/call", &json!({ "name": "whoami" })));
    let foreign = server.ask_as(&server.token("bob", ""), whoami()).await;
    let unknown = in_session(&"A".repeat(32), &rpc("ping", &json!({})));
    let unknown = server.ask_as(&server.token("bob", ""), unknown).await;
    assert_eq!((foreign.status(), unknown.status()), (404, 404));
    assert_eq!(foreign.body, unknown.body);
    assert_eq!(server.ask(&[], whoami()).await.status(), 401);
    // The same caller with the next token, which may do more.
    let next = server.token("ann", "orders:read orders:write");
    assert!(text(&server.ask_as(&next, whoami()).await).starts_with("ann"));
    let order = || in_session(&id, &rpc("tools/call", &json!({ "name": "order" })));
    assert_eq!(text(&server.ask_as(&next, order()).await), "ordered");
    // And with the first one again, which may not.
    assert_eq!(server.ask_as(&ann, order()).await.status(), 403);
}

#[tokio::test]
async fn fault_76_the_same_name_at_another_issuer_is_somebody_else() {
    // Only a verifier of the program knows several issuers; here one plays both.
    use toolwright::auth::{PresentedToken, TokenVerifier, Verified, Verifying};
    use toolwright::prelude::Principal;

    struct TwoIssuers;

    impl TokenVerifier for TwoIssuers {
        fn verify<'a>(&'a self, token: &'a PresentedToken<'a>) -> Verifying<'a> {
            let ann = Principal::verified("ann").with_issuer(token.reveal());
            Box::pin(async move { Ok(Verified::new(ann)) })
        }
    }

    let server = crate::server::start_with(|auth| auth.verifier(TwoIssuers)).await;
    let id = begin(&server, "a").await;
    let ping = in_session(&id, &rpc("ping", &json!({})));
    assert_eq!(server.ask_as("b", ping.clone()).await.status(), 404);
    assert_eq!(server.ask_as("a", ping).await.status(), 200);
}

#[tokio::test]
async fn fault_85_the_stream_of_a_session_is_its_callers_alone() {
    let server = start().await;
    let id = begin(&server, &server.token("ann", "")).await;
    let headers = [("mcp-session-id", &*id), ("accept", "text/event-stream")];
    for method in ["GET", "DELETE"] {
        let foreign = request(method, &headers, "");
        let answer = server.ask_as(&server.token("bob", ""), foreign).await;
        assert_eq!(answer.status(), 404, "{method}");
    }
    let ping = in_session(&id, &rpc("ping", &json!({})));
    assert_eq!(
        server.ask_as(&server.token("ann", ""), ping).await.status(),
        200
    );
}

#[tokio::test]
async fn fault_85_the_state_of_a_call_that_asks_is_worth_nothing_to_others() {
    let server = start().await;
    let call = |state: Option<&Value>| {
        let mut params = json!({ "name": "ask", "arguments": {} });
        if let Some(state) = state {
            params["requestState"] = state.clone();
            params["inputResponses"] = json!({ "folders": { "roots": [] } });
        }
        let mut call = message(1, "tools/call", params);
        call["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"] =
            json!({ "roots": {} });
        let headers = [
            ("mcp-protocol-version", "2026-07-28"),
            ("mcp-method", "tools/call"),
            ("mcp-name", "ask"),
        ];
        post(&headers, &call)
    };
    let ann = server.token("ann", "");
    let asked = server.ask_as(&ann, call(None)).await;
    let state = asked.json()["result"]["requestState"].clone();
    assert!(state.is_string(), "{asked:?}");
    let stolen = server
        .ask_as(&server.token("bob", ""), call(Some(&state)))
        .await;
    assert_eq!(stolen.json()["error"]["code"], -32602, "{stolen:?}");
    // Its owner comes back with another token.
    let next = server.token("ann", "orders:read");
    let answer = server.ask_as(&next, call(Some(&state))).await;
    assert_eq!(text(&answer), "0 folders");
}

#[tokio::test]
async fn a_subscription_needs_a_token_of_its_own() {
    let server = start().await;
    let filter = json!({ "notifications": { "toolsListChanged": true } });
    let listen = modern(1, "subscriptions/listen", filter);
    assert_eq!(server.ask(&[], listen).await.status(), 401);
}
