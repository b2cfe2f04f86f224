//! There is no OAuth proxy here that could be confused (fault 101): the server relays no login, and
//! what its callers show it goes nowhere.

use serde_json::{Value, json};
use tokio::net::TcpListener;
use toolwright::auth::ResourceServer;
use toolwright::handler::Claims;
use toolwright::http::HttpOptions;
use toolwright::prelude::*;

use crate::issuer::Issuer;
use crate::peer::{call, request};
use crate::server::{ask_at, start, text};

#[tokio::test]
async fn fault_101_a_server_has_no_page_that_relays_a_login() {
    let server = start().await;
    let login = "client_id=evil&redirect_uri=https://evil.example/cb&response_type=code&state=s";
    for path in [
        "/authorize",
        "/token",
        "/register",
        "/callback",
        "/revoke",
        "/introspect",
        "/oauth/authorize",
        "/oauth/callback",
        "/mcp/authorize",
        "/mcp/token",
        "/mcp/register",
        "/mcp/callback",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/mcp",
        "/.well-known/openid-configuration",
        "/.well-known/jwks.json",
    ] {
        for method in ["GET", "POST"] {
            let text = String::from_utf8(request(method, &[], login)).unwrap();
            let asked = text.replacen("/mcp", &format!("{path}?{login}"), 1);
            for token in [None, Some(server.token("ann", ""))] {
                let answer = match token {
                    Some(token) => server.ask_as(&token, asked.clone().into_bytes()).await,
                    None => server.ask(&[], asked.clone().into_bytes()).await,
                };
                assert_eq!(answer.status(), 404, "{method} {path}");
                assert_eq!(answer.head.header("location"), None, "{method} {path}");
                assert_eq!(answer.head.header("set-cookie"), None, "{method} {path}");
            }
        }
    }
    // Nobody was asked anything on behalf of these requests.
    assert_eq!(server.issuer.state().asked, []);
}

#[tokio::test]
async fn fault_101_whom_a_client_logs_in_at_is_never_the_server_itself() {
    let server = start().await;
    let path = "/.well-known/oauth-protected-resource/mcp";
    let get = String::from_utf8(request("GET", &[], "")).unwrap();
    let answer = server.ask(&[], get.replacen("/mcp", path, 1).into_bytes());
    let told = answer.await.json();
    let issuers = told["authorization_servers"].as_array().unwrap().clone();
    assert_eq!(issuers, [json!(server.issuer.url)]);
    let own = server.resource.strip_suffix("/mcp").unwrap();
    assert!(
        !issuers
            .iter()
            .any(|issuer| issuer.as_str().unwrap().starts_with(own))
    );
}

/// Tells all that a handler gets to see of its caller.
#[tool]
fn tell(cx: Context, caller: Principal, Claims(claims): Claims<Value>) -> String {
    format!("{cx:?} {caller:?} {claims}")
}

#[tokio::test]
async fn fault_101_a_callers_token_reaches_no_handler_and_nobody_behind_the_server() {
    let issuer = Issuer::start().await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let resource = format!("http://{address}/mcp");
    let auth = ResourceServer::new(issuer.url.clone(), &resource).unwrap();
    let server = Server::new("protected", "1.0.0").tool::<tell>();
    let server = server.build().unwrap();
    let options = HttpOptions::default().auth(auth);
    tokio::spawn(async move { server.serve_listener(listener, options).await });

    let token = issuer.key().token(&issuer.claims(&resource, "ann", ""));
    let credentials = format!("Bearer {token}");
    let headers = [("authorization", &*credentials)];
    let told = text(&ask_at(address, &headers, call(1, "tell", json!({}))).await);
    assert!(told.contains("ann"), "{told}");
    let parts = token.split('.').map(str::to_owned);
    for secret in parts.chain([token.clone()]) {
        assert!(!told.contains(&secret), "{told}");
        for (path, credentials, body) in &issuer.state().asked {
            let sent = format!("{path} {credentials} {body}");
            assert!(!sent.contains(&secret), "{sent}");
        }
    }
    assert!(issuer.count("/keys") > 0, "what was asked was looked at");
}
