//! How a client without a token learns where to get one.

use serde_json::{Value, json};
use tokio::net::TcpListener;
use toolwright::auth::{Dpop, ResourceServer};
use toolwright::http::HttpOptions;
use toolwright::prelude::*;

use crate::peer::request;
use crate::server::{ask_at, challenge, list, start, start_with};

#[tokio::test]
async fn a_client_without_a_token_is_told_where_to_get_one() {
    let server = start_with(|auth| auth.scopes(["b", "a"]).name("Shop")).await;
    let refused = server.ask(&[], list()).await;
    assert_eq!(refused.status(), 401);
    let told = challenge(&refused);
    assert_eq!(told.name(), "Bearer");
    assert_eq!(told.param("scope"), Some("a b"));
    assert_eq!(told.param("error"), None, "it made no mistake yet");
    let url = told.param("resource_metadata").expect("where to read on");
    let origin = server.resource.strip_suffix("/mcp").expect("the path");
    let path = url.strip_prefix(origin).expect("on this server");
    assert_eq!(path, "/.well-known/oauth-protected-resource/mcp");
    for path in [path, "/.well-known/oauth-protected-resource"] {
        let get = String::from_utf8(request("GET", &[], "")).unwrap();
        let get = get.replacen("/mcp", path, 1).into_bytes();
        let answer = server.ask(&[], get).await;
        assert_eq!(answer.status(), 200, "{path}");
        let expected = json!({
            "resource": server.resource,
            "authorization_servers": [server.issuer.url],
            "scopes_supported": ["a", "b"],
            "bearer_methods_supported": ["header"],
            "resource_name": "Shop",
        });
        let mut said: Value = answer.json();
        let said = said.as_object_mut().unwrap();
        let proofs = said.remove("dpop_signing_alg_values_supported").unwrap();
        assert!(proofs.as_array().unwrap().contains(&json!("ES256")));
        assert_eq!(Value::from(said.clone()), expected);
    }
}

#[tokio::test]
async fn what_every_request_needs_is_asked_for_first() {
    let server = start_with(|auth| auth.scopes(["a", "b"]).requires(["b"])).await;
    let refused = server.ask(&[], list()).await;
    assert_eq!(challenge(&refused).param("scope"), Some("b"));
    let refused = server.ask_as(&server.token("ann", "a"), list()).await;
    assert_eq!(refused.status(), 403);
    let told = challenge(&refused);
    assert_eq!(told.param("error"), Some("insufficient_scope"));
    assert_eq!(told.param("scope"), Some("b"));
    let allowed = server.ask_as(&server.token("ann", "b"), list()).await;
    assert_eq!(allowed.status(), 200);
}

#[tokio::test]
async fn a_server_that_takes_bound_tokens_alone_says_so() {
    let server = start_with(|auth| auth.dpop(Dpop::Required)).await;
    assert_eq!(challenge(&server.ask(&[], list()).await).name(), "DPoP");
}

#[tokio::test]
async fn a_valid_token_says_who_calls() {
    let server = start().await;
    let token = server.token("ann", "");
    let expected = format!("ann of tea at {}", server.issuer.url);
    assert_eq!(server.whoami(&token).await, expected);
}

#[tokio::test]
async fn a_mounted_service_answers_with_its_metadata_where_that_belongs() {
    let auth = ResourceServer::new("https://login.example.com", "http://127.0.0.1/tools/mcp");
    let options = HttpOptions::default().auth(auth.expect("sound URLs"));
    let server = Server::new("mounted", "1.0.0").build().expect("a server");
    let (path, service) = (
        "/.well-known/oauth-protected-resource",
        server.http(options),
    );
    let router = axum::Router::new()
        .route_service("/tools/mcp", service.clone())
        .route_service(&format!("{path}/tools/mcp"), service.clone())
        .route_service(path, service);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    for path in [&format!("{path}/tools/mcp"), path] {
        let get = String::from_utf8(request("GET", &[], "")).unwrap();
        let answer = ask_at(address, &[], get.replacen("/mcp", path, 1).into_bytes()).await;
        assert_eq!(
            answer.json()["resource"],
            "http://127.0.0.1/tools/mcp",
            "{path}"
        );
    }
    let list = String::from_utf8(list())
        .unwrap()
        .replacen("/mcp", "/tools/mcp", 1);
    let refused = ask_at(address, &[], list.into_bytes()).await;
    let metadata = challenge(&refused);
    let metadata = metadata.param("resource_metadata").expect("a URL");
    assert_eq!(metadata, format!("http://127.0.0.1{path}/tools/mcp"));
}
