//! What a login is made of, and that it is made once.

use mcp_core::engine::{ClientConfig, Scopes};
use mcp_transport::auth::client::Registration;

use super::web::{REDIRECT, SERVER, Web, list};

#[tokio::test]
async fn a_refused_request_finds_its_way_to_a_token_and_through() {
    let web = Web::default();
    let oauth = web.login().name("Example").build();
    web.call(&oauth).await.unwrap();
    assert_eq!(
        web.lines(),
        [
            "POST mcp.example/mcp",
            "GET mcp.example/.well-known/oauth-protected-resource/mcp",
            "GET as.example/.well-known/oauth-authorization-server",
            "POST as.example/register",
            "GET as.example/authorize",
            "POST as.example/token",
            "POST mcp.example/mcp",
        ]
    );
    let page = &web.of("GET as.example/authorize")[0];
    let form = &web.of("POST as.example/token")[0];
    for (name, expected) in [
        ("response_type", "code"),
        ("client_id", "client-of-as.example"),
        ("redirect_uri", REDIRECT),
        ("code_challenge_method", "S256"),
        ("resource", SERVER),
        ("scope", "read"),
    ] {
        assert_eq!(page.says(name).as_deref(), Some(expected), "{name}");
    }
    for (name, expected) in [
        ("grant_type", "authorization_code"),
        ("client_id", "client-of-as.example"),
        ("redirect_uri", REDIRECT),
        ("resource", SERVER),
    ] {
        assert_eq!(form.says(name).as_deref(), Some(expected), "{name}");
    }
    assert!(form.says("code_verifier").unwrap().len() >= 43);
    assert_ne!(page.says("code_challenge"), form.says("code_verifier"));
    let shown = web.of("POST mcp.example/mcp");
    assert_eq!(shown[0].authorization(), None);
    assert_eq!(shown[1].authorization(), Some("Bearer t0ken-2"));
}

#[tokio::test]
async fn a_client_registers_as_what_it_is() {
    let web = Web::default();
    web.call(&web.login().name("Example").build())
        .await
        .unwrap();
    let body = &web.of("POST as.example/register")[0].body;
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({
            "client_name": "Example",
            "redirect_uris": [REDIRECT],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "application_type": "native",
        })
    );
}

#[tokio::test]
async fn requests_that_are_refused_together_share_one_login() {
    let web = Web::default();
    let oauth = web.login().build();
    let client = web.connect(&oauth).await;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let client = client.clone();
        all.spawn(async move { list(&client).await });
    }
    while let Some(outcome) = all.join_next().await {
        outcome.unwrap().unwrap();
    }
    assert_eq!(web.of("GET as.example/authorize").len(), 1);
    assert_eq!(web.of("POST as.example/token").len(), 1);
}

#[tokio::test]
async fn a_client_that_is_known_beforehand_does_not_register() {
    let web = Web::default();
    let client = Registration::new("known")
        .secret("s3cr3t")
        .issuer("https://as.example");
    let oauth = web
        .login()
        .client(client)
        .metadata_document("https://me.example/c")
        .build();
    web.call(&oauth).await.unwrap();
    assert!(web.of("POST as.example/register").is_empty());
    let page = &web.of("GET as.example/authorize")[0];
    assert_eq!(page.says("client_id").as_deref(), Some("known"));
    // `known:s3cr3t`, and not in the form.
    let form = &web.of("POST as.example/token")[0];
    assert_eq!(form.authorization(), Some("Basic a25vd246czNjcjN0"));
    assert_eq!(form.says("client_secret"), None);
}

#[tokio::test]
async fn a_document_is_the_clients_id_where_such_are_taken() {
    let web = Web::default();
    let line = "GET as.example/.well-known/oauth-authorization-server";
    web.edit(line, |document| {
        document["client_id_metadata_document_supported"] = true.into();
    });
    let oauth = web
        .login()
        .metadata_document("https://me.example/client")
        .build();
    web.call(&oauth).await.unwrap();
    assert!(web.of("POST as.example/register").is_empty());
    let page = &web.of("GET as.example/authorize")[0];
    assert_eq!(
        page.says("client_id").as_deref(),
        Some("https://me.example/client")
    );
}

#[tokio::test]
async fn a_client_that_nobody_knows_says_what_to_do() {
    let web = Web::default();
    let line = "GET as.example/.well-known/oauth-authorization-server";
    web.edit(line, |document| {
        document
            .as_object_mut()
            .unwrap()
            .remove("registration_endpoint");
    });
    let error = web
        .call(&web.login().build())
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("register one there"), "{error}");
}

#[tokio::test]
async fn scopes_of_the_user_of_the_library_are_asked_for_too() {
    let web = Web::default();
    let oauth = web.login().scopes(Scopes::parse("profile")).build();
    web.call(&oauth).await.unwrap();
    let page = &web.of("GET as.example/authorize")[0];
    assert_eq!(page.says("scope").as_deref(), Some("profile read"));
}

#[tokio::test]
async fn a_server_from_before_resources_gives_its_own_tokens() {
    let web = Web::default();
    web.state().needs = Scopes::NONE;
    let gone = |_: &_| Some(super::web::empty(http::StatusCode::NOT_FOUND));
    web.script(
        "GET mcp.example/.well-known/oauth-protected-resource/mcp",
        gone,
    );
    web.script("POST mcp.example/mcp", |seen| {
        let refused = seen.authorization().is_none();
        refused.then(|| super::web::empty(http::StatusCode::UNAUTHORIZED))
    });
    web.call(&web.login().build()).await.unwrap();
    assert_eq!(
        web.lines()[1..],
        [
            "GET mcp.example/.well-known/oauth-protected-resource/mcp",
            "GET mcp.example/.well-known/oauth-protected-resource",
            "GET mcp.example/.well-known/oauth-authorization-server",
            "POST mcp.example/register",
            "GET mcp.example/authorize",
            "POST mcp.example/token",
            "POST mcp.example/mcp",
        ]
    );
    assert_eq!(web.of("POST mcp.example/token")[0].says("resource"), None);
}

#[tokio::test]
async fn a_login_that_was_refused_is_not_asked_for_again_to_shake_hands() {
    let web = Web::default();
    web.script("GET as.example/authorize", |seen| {
        let state = seen.says("state").unwrap();
        let answer = "error=access_denied&iss=https%3A%2F%2Fas.example";
        Some(super::web::redirect(&format!(
            "{REDIRECT}?state={state}&{answer}"
        )))
    });
    let oauth = web.login().build();
    let error = web
        .dial(&oauth, ClientConfig::new("test", "1"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("access_denied"), "{error}");
    assert_eq!(web.of("GET as.example/authorize").len(), 1);
}
