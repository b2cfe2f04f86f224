//! Tools, prompts and resources that need scopes (AUTH-S-04).

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use toolwright::handler::{Claims, Scopes};
use toolwright::http::{Authenticate, Authenticating, Challenge, HttpOptions};
use toolwright::prelude::*;
use toolwright::server::ScopedLists;

use crate::legacy::{Client, initialize, legacy};
use crate::peer::{Answer, message, modern, post, request};
use crate::server::{Live, start_with};

/// Takes the credentials for a name and the scopes after it: `ann a b`.
struct ByName;

impl Authenticate for ByName {
    fn authenticate<'a>(&'a self, head: &'a Parts) -> Authenticating<'a> {
        Box::pin(async move {
            let said = head.headers.get(AUTHORIZATION);
            let said = said.and_then(|said| said.to_str().ok());
            let said = said.ok_or(Challenge::unauthorized(HeaderValue::from_static("Name")))?;
            let (name, scopes) = said.split_once(' ').unwrap_or((said, ""));
            Ok(Principal::verified(name)
                .with_scopes(Scopes::parse(scopes))
                .with_claims(json!({ "name": name })))
        })
    }
}

#[data]
struct Named {
    name: String,
}

/// Places an order.
#[tool(scopes = ["orders:read", "orders:write"])]
fn order(Claims(caller): Claims<Named>) -> String {
    format!("ordered for {}", caller.name)
}

/// Reports.
#[prompt(scopes = ["orders:read"])]
fn report(#[arg(complete = months)] month: String) -> String {
    month
}

fn months(_: &str) -> Vec<&'static str> {
    vec!["secret month"]
}

#[resource("orders://all", scopes = ["orders:read"])]
fn all_orders() -> &'static str {
    "all"
}

#[resource("orders://{id}", scopes = ["orders:read"])]
fn one_order(#[arg(complete = months)] id: String) -> String {
    id
}

#[resource("about://shop")]
fn about() -> &'static str {
    "a shop"
}

fn scoped(server: Server) -> Server {
    server
        .tool::<order>()
        .prompt::<report>()
        .resource::<(all_orders, one_order, about)>()
}

async fn start() -> Live {
    start_with(scoped, HttpOptions::default().auth(ByName)).await
}

/// `request` from somebody.
async fn ask(server: &Live, who: &str, request: Vec<u8>) -> Answer {
    let request = String::from_utf8(request).unwrap();
    let from = format!("\r\nauthorization: {who}\r\n");
    let request = request.replacen("\r\n", &from, 1);
    server.peer().await.ask(request).await
}

const ALL: &str = "ann orders:read orders:write";

/// The scopes that an answer asks for.
fn asked_for(answer: &Answer) -> String {
    assert_eq!(answer.status(), 403, "{answer:?}");
    let challenge = answer.head.header("www-authenticate").expect("a challenge");
    let scheme = toolwright::http::Scheme::parse(challenge.as_bytes(), 1000).remove(0);
    assert_eq!(scheme.name(), "Bearer");
    assert_eq!(scheme.param("error"), Some("insufficient_scope"));
    scheme.param("scope").expect("scopes").to_owned()
}

fn requests() -> Vec<(&'static str, Value, &'static str)> {
    let uri = |uri: &str| json!({ "uri": uri });
    let complete = |reference: Value| json!({ "ref": reference, "argument": { "name": "month", "value": "" } });
    vec![
        (
            "tools/call",
            json!({ "name": "order", "arguments": {} }),
            "orders:read orders:write",
        ),
        (
            "prompts/get",
            json!({ "name": "report", "arguments": { "month": "May" } }),
            "orders:read",
        ),
        ("resources/read", uri("orders://all"), "orders:read"),
        ("resources/read", uri("orders://7"), "orders:read"),
        (
            "completion/complete",
            complete(json!({ "type": "ref/prompt", "name": "report" })),
            "orders:read",
        ),
        (
            "completion/complete",
            complete(json!({ "type": "ref/resource", "uri": "orders://{id}" })),
            "orders:read",
        ),
    ]
}

#[tokio::test]
async fn fault_94_what_needs_scopes_is_refused_by_one_challenge_that_names_all_of_them() {
    let server = start().await;
    for (method, params, needed) in requests() {
        let request = modern(7, method, params);
        let refused = ask(&server, "ann other", request.clone()).await;
        assert_eq!(asked_for(&refused), needed, "{method}");
        assert_eq!(refused.json()["id"], 7);
        assert!(!refused.body.contains("secret"), "{refused:?}");
        let allowed = ask(&server, ALL, request).await;
        assert_eq!(allowed.status(), 200, "{method} {allowed:?}");
    }
    // What needs none is open to everybody who is somebody.
    let read = modern(1, "resources/read", json!({ "uri": "about://shop" }));
    assert_eq!(ask(&server, "bob", read).await.status(), 200);
}

#[tokio::test]
async fn what_is_wrong_otherwise_is_told_before_a_lack_of_scopes() {
    let server = start().await;
    let call = message(1, "tools/call", json!({ "name": "order", "arguments": {} }));
    // Without the headers that repeat the message.
    let answer = ask(
        &server,
        "ann",
        post(&[("mcp-protocol-version", "2026-07-28")], &call),
    )
    .await;
    assert_eq!(answer.error(), (400, -32020), "{answer:?}");
}

#[tokio::test]
async fn a_session_is_refused_what_its_caller_lacks_and_goes_on_once_it_was_granted() {
    let server = start().await;
    let begun = ask(&server, "ann", initialize("2025-11-25")).await;
    let id = begun.head.header("mcp-session-id").expect("a session");
    let client = Client {
        id: id.to_owned(),
        version: "2025-11-25",
    };
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(ask(&server, "ann", client.post(&note)).await.status(), 202);
    let requests = requests().into_iter().chain([(
        "resources/subscribe",
        json!({ "uri": "orders://7" }),
        "orders:read",
    )]);
    for (method, params, needed) in requests {
        let request = client.post(&legacy(7, method, params));
        let refused = ask(&server, "ann", request.clone()).await;
        assert_eq!(asked_for(&refused), needed, "{method}");
        let allowed = ask(&server, ALL, request).await;
        assert_eq!(allowed.status(), 200, "{method} {allowed:?}");
        assert!(!allowed.body.contains("\"error\""), "{allowed:?}");
    }
}

#[tokio::test]
async fn nothing_of_a_batch_is_done_when_a_part_of_it_needs_scopes() {
    let server = start().await;
    let begun = ask(&server, "ann", initialize("2025-03-26")).await;
    let id = begun.head.header("mcp-session-id").expect("a session");
    let client = Client {
        id: id.to_owned(),
        version: "2025-03-26",
    };
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    ask(&server, "ann", client.post(&note)).await;
    let all = requests().into_iter().enumerate();
    let batch: Vec<_> = all
        .map(|(id, (method, params, _))| legacy(id, method, params))
        .collect();
    let refused = ask(&server, "ann", client.post(&json!(batch))).await;
    assert_eq!(asked_for(&refused), "orders:read orders:write");
    let allowed = ask(&server, ALL, client.post(&json!(batch))).await;
    assert_eq!(allowed.status(), 200);
}

#[tokio::test]
async fn nobody_hears_of_changes_of_what_they_may_not_read() {
    let server = start().await;
    let uris =
        json!({ "notifications": { "resourceSubscriptions": ["about://shop", "orders://7"] } });
    let listen = || modern(1, "subscriptions/listen", uris.clone());
    assert_eq!(
        asked_for(&ask(&server, "ann", listen()).await),
        "orders:read"
    );
    let mut peer = server.peer().await;
    let allowed = String::from_utf8(listen()).unwrap();
    peer.send(allowed.replacen("\r\n", &format!("\r\nauthorization: {ALL}\r\n"), 1))
        .await;
    assert_eq!(peer.head().await.status, 200);
}

/// What a caller is shown by a list.
async fn shown(server: &Live, who: &str, list: &str, of: &str) -> (Vec<String>, Value) {
    let answer = ask(server, who, modern(1, list, json!({}))).await;
    let result = answer.json()["result"].clone();
    let entries = result[of].as_array().expect("a list");
    let names = entries.iter().map(|entry| {
        let name = entry["name"].as_str().expect("a name");
        name.to_owned()
    });
    (names.collect(), result["cacheScope"].clone())
}

#[tokio::test]
async fn a_list_shows_what_its_caller_may_call_to_that_caller_alone() {
    let server = start().await;
    for (list, of, hidden) in [
        ("tools/list", "tools", "order"),
        ("prompts/list", "prompts", "report"),
        ("resources/list", "resources", "all_orders"),
        ("resources/templates/list", "resourceTemplates", "one_order"),
    ] {
        let (few, scope) = shown(&server, "ann orders:write", list, of).await;
        assert!(!few.contains(&hidden.to_owned()), "{few:?}");
        assert_eq!(scope, "private");
        let (all, scope) = shown(&server, ALL, list, of).await;
        assert!(all.contains(&hidden.to_owned()), "{all:?}");
        assert_eq!(all.len(), few.len() + 1);
        assert_eq!(scope, "private");
    }
}

#[tokio::test]
async fn pages_are_made_of_what_is_shown() {
    let change = |server: Server| scoped(server).page_size(2);
    let server = start_with(change, HttpOptions::default().auth(ByName)).await;
    let mut params = json!({});
    let mut pages = Vec::new();
    loop {
        let answer = ask(&server, "ann", modern(1, "tools/list", params.clone())).await;
        let result = answer.json()["result"].clone();
        pages.push(result["tools"].as_array().expect("a list").len());
        match result.get("nextCursor") {
            Some(cursor) => params["cursor"] = cursor.clone(),
            None => break,
        }
    }
    let (last, others) = pages.split_last().expect("pages");
    assert!(
        others.iter().all(|page| *page == 2) && (1..=2).contains(last),
        "{pages:?}"
    );
    let whole = start().await;
    let (all, _) = shown(&whole, "ann", "tools/list", "tools").await;
    assert_eq!(pages.iter().sum::<usize>(), all.len());
}

#[tokio::test]
async fn lists_may_show_everything_so_that_clients_learn_what_to_ask_for() {
    let change = |server: Server| scoped(server).scoped_lists(ScopedLists::Everything);
    let server = start_with(change, HttpOptions::default().auth(ByName)).await;
    let (all, scope) = shown(&server, "ann", "tools/list", "tools").await;
    assert!(all.contains(&"order".to_owned()));
    assert_eq!(scope, "public");
    let call = modern(1, "tools/call", json!({ "name": "order" }));
    asked_for(&ask(&server, "ann", call).await);
}

#[tokio::test]
async fn without_authentication_nobody_is_granted_anything() {
    let server = start_with(scoped, HttpOptions::default()).await;
    let call = modern(1, "tools/call", json!({ "name": "order" }));
    let answer = server.peer().await.ask(call).await;
    assert_eq!(answer.status(), u16::from(StatusCode::FORBIDDEN));
    assert_eq!(answer.head.header("www-authenticate"), None);
}

#[tokio::test]
async fn the_documents_of_an_authenticator_lie_beside_the_endpoint() {
    struct Documented;

    impl Authenticate for Documented {
        fn authenticate<'a>(&'a self, _: &'a Parts) -> Authenticating<'a> {
            Box::pin(async { Err(Challenge::unavailable(7)) })
        }

        fn document(&self, path: &str) -> Option<String> {
            (path == "/about").then(|| "{}".to_owned())
        }
    }

    let server = start_with(|server| server, HttpOptions::default().auth(Documented)).await;
    let ask = async |method: &str, path: &str, host: &str| {
        let text = request(method, &[("host", host)], "");
        let text = String::from_utf8(text).unwrap().replacen("/mcp", path, 1);
        server.peer().await.ask(text).await
    };
    let document = ask("GET", "/about", "127.0.0.1").await;
    assert_eq!((document.status(), &*document.body), (200, "{}"));
    assert_eq!(
        document.head.header("content-type"),
        Some("application/json")
    );
    assert_eq!(ask("POST", "/about", "127.0.0.1").await.status(), 405);
    assert_eq!(ask("GET", "/about", "evil.example").await.status(), 403);
    assert_eq!(ask("GET", "/other", "127.0.0.1").await.status(), 404);
    let unknown = server
        .peer()
        .await
        .ask(modern(1, "tools/list", json!({})))
        .await;
    assert_eq!(unknown.status(), 503);
    assert_eq!(unknown.head.header("retry-after"), Some("7"));
}
