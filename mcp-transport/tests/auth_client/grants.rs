//! Ways to a token without a user.

use mcp_transport::auth::Secret;
use mcp_transport::auth::client::{IdentityProvider, OAuth, Registration};
use serde_json::json;

use super::web::{AS, SERVER, Web, error_answer, json_answer, list};

#[tokio::test]
async fn a_client_with_a_secret_is_its_own_user() {
    let web = Web::default();
    let client = Registration::new("robot").secret("s3cr3t").issuer(AS);
    let oauth = OAuth::client_credentials(client)
        .http_client(web.clone())
        .build();
    let client = web.connect(&oauth).await;
    list(&client).await.unwrap();
    let form = &web.of("POST as.example/token")[0];
    assert_eq!(
        form.says("grant_type").as_deref(),
        Some("client_credentials")
    );
    assert_eq!(form.says("resource").as_deref(), Some(SERVER));
    assert_eq!(form.says("scope").as_deref(), Some("read"));
    // When the token counts no more another one is had in the same way.
    web.state().tokens.clear();
    list(&client).await.unwrap();
    assert_eq!(web.of("POST as.example/token").len(), 2);
    assert!(web.of("GET as.example/authorize").is_empty());
}

#[tokio::test]
async fn an_enterprise_vouches_for_its_user() {
    let web = Web::default();
    web.script("POST idp.example/token", |_| {
        let answer = json!({
            "access_token": "id-jag", "token_type": "N_A",
            "issued_token_type": "urn:ietf:params:oauth:token-type:id-jag",
        });
        Some(json_answer(http::StatusCode::OK, &answer))
    });
    let provider = IdentityProvider::new(
        "https://idp.example/token",
        Registration::new("at-the-idp"),
        Secret::from("id-t0ken"),
    );
    let client = Registration::new("robot").secret("s3cr3t").issuer(AS);
    let oauth = OAuth::enterprise(provider, client)
        .http_client(web.clone())
        .build();
    web.call(&oauth).await.unwrap();
    let exchange = &web.of("POST idp.example/token")[0];
    for (name, expected) in [
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        (
            "requested_token_type",
            "urn:ietf:params:oauth:token-type:id-jag",
        ),
        ("audience", AS),
        ("resource", SERVER),
        ("subject_token", "id-t0ken"),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:id_token",
        ),
        ("client_id", "at-the-idp"),
    ] {
        assert_eq!(exchange.says(name).as_deref(), Some(expected), "{name}");
    }
    let form = &web.of("POST as.example/token")[0];
    assert_eq!(
        form.says("grant_type").as_deref(),
        Some("urn:ietf:params:oauth:grant-type:jwt-bearer")
    );
    assert_eq!(form.says("assertion").as_deref(), Some("id-jag"));
    assert_eq!(form.authorization(), Some("Basic cm9ib3Q6czNjcjN0"));
}

#[tokio::test]
async fn a_provider_that_vouches_with_something_else_is_not_believed() {
    let web = Web::default();
    web.script("POST idp.example/token", |_| {
        let answer = json!({ "access_token": "plain", "token_type": "Bearer" });
        Some(json_answer(http::StatusCode::OK, &answer))
    });
    let provider = IdentityProvider::new(
        "https://idp.example/token",
        Registration::new("at-the-idp"),
        Secret::from("id-t0ken"),
    );
    let client = Registration::new("robot").secret("s3cr3t").issuer(AS);
    let oauth = OAuth::enterprise(provider, client)
        .http_client(web.clone())
        .build();
    let error = web.call(&oauth).await.unwrap_err().to_string();
    assert!(error.contains("another type"), "{error}");
    assert!(web.of("POST as.example/token").is_empty());
}

#[tokio::test]
async fn an_identity_that_is_refused_is_shown_once() {
    let web = Web::default();
    web.script("POST as.example/token", |_| {
        Some(error_answer("invalid_grant"))
    });
    let oauth = OAuth::workload(Registration::new("job").issuer(AS), Secret::from("jwt"));
    let oauth = oauth.http_client(web.clone()).build();
    let error = web.call(&oauth).await.unwrap_err().to_string();
    assert!(error.contains("invalid_grant"), "{error}");
    let forms = web.of("POST as.example/token");
    assert_eq!(forms.len(), 1);
    assert_eq!(forms[0].says("assertion").as_deref(), Some("jwt"));
    assert_eq!(forms[0].says("client_id").as_deref(), Some("job"));
}
