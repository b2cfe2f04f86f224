//! Credentials that outlive the run they were got in.

use std::sync::Arc;
use std::time::Duration;

use mcp_transport::auth::Secret;
use mcp_transport::auth::client::{CredentialKey, CredentialStore, Loading, MemoryStore, Storing};

use super::web::Web;

#[tokio::test]
async fn the_next_run_goes_on_with_what_was_kept() {
    let web = Web::default();
    let store = Arc::new(MemoryStore::new());
    for _ in 0..2 {
        let oauth = web.login().store(Arc::clone(&store)).build();
        web.call(&oauth).await.unwrap();
    }
    assert_eq!(web.of("GET as.example/authorize").len(), 1);
    assert_eq!(web.of("POST as.example/token").len(), 1);
}

#[tokio::test]
async fn a_token_that_ended_meanwhile_is_renewed_by_the_client_that_was_registered_then() {
    let web = Web::default();
    web.state().lasts = 0;
    let store = Arc::new(MemoryStore::new());
    let oauth = web.login().store(Arc::clone(&store)).build();
    web.call(&oauth).await.unwrap();
    let before = web.of("POST as.example/token").len();
    web.state().lasts = 3600;
    let oauth = web.login().store(store).build();
    web.call(&oauth).await.unwrap();
    let tokens = web.of("POST as.example/token");
    assert_eq!(tokens.len(), before + 1);
    assert_eq!(
        tokens[before].says("grant_type").as_deref(),
        Some("refresh_token")
    );
    assert_eq!(
        tokens[before].says("client_id").as_deref(),
        Some("client-of-as.example")
    );
    assert_eq!(web.of("POST as.example/register").len(), 1);
    assert_eq!(web.of("GET as.example/authorize").len(), 1);
}

#[tokio::test]
async fn kept_tokens_that_count_no_more_are_forgotten() {
    let web = Web::default();
    let store = Arc::new(MemoryStore::new());
    let oauth = web.login().store(Arc::clone(&store)).build();
    web.call(&oauth).await.unwrap();
    web.state().tokens.clear();
    let oauth = web.login().store(store).build();
    web.call(&oauth).await.unwrap();
    assert_eq!(web.of("GET as.example/authorize").len(), 2);
    assert_eq!(web.of("POST as.example/register").len(), 1);
}

#[tokio::test]
async fn a_client_that_was_forgotten_there_registers_anew_at_the_next_login() {
    let web = Web::default();
    let oauth = web.login().build();
    let line = "POST as.example/token";
    web.script(line, |_| Some(super::web::error_answer("invalid_client")));
    web.call(&oauth).await.unwrap_err();
    web.script(line, |_| None);
    web.call(&oauth).await.unwrap();
    assert_eq!(web.of("POST as.example/register").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_never_answers_costs_its_time_and_a_login() {
    struct Locked;

    impl CredentialStore for Locked {
        fn load<'a>(&'a self, _: &'a CredentialKey) -> Loading<'a> {
            Box::pin(std::future::pending())
        }

        fn save<'a>(&'a self, _: &'a CredentialKey, _: Secret<String>) -> Storing<'a> {
            Box::pin(std::future::pending())
        }

        fn remove<'a>(&'a self, _: &'a CredentialKey) -> Storing<'a> {
            Box::pin(std::future::pending())
        }
    }

    let web = Web::default();
    let oauth = web.login().store(Locked).build();
    let day = Duration::from_secs(24 * 60 * 60);
    let called = tokio::time::timeout(day, web.call(&oauth)).await;
    called.expect("Limits::login_timeout is over").unwrap();
    assert_eq!(web.of("GET as.example/authorize").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_costs_a_login_and_nothing_more() {
    struct Broken;

    impl CredentialStore for Broken {
        fn load<'a>(&'a self, _: &'a CredentialKey) -> Loading<'a> {
            Box::pin(async { Err("locked".into()) })
        }

        fn save<'a>(&'a self, _: &'a CredentialKey, _: Secret<String>) -> Storing<'a> {
            Box::pin(async { Err("locked".into()) })
        }

        fn remove<'a>(&'a self, _: &'a CredentialKey) -> Storing<'a> {
            Box::pin(async { Err("locked".into()) })
        }
    }

    let web = Web::default();
    let oauth = web.login().store(Broken).build();
    web.call(&oauth).await.unwrap();
    tokio::time::advance(Duration::from_secs(3590)).await;
    web.call(&oauth).await.unwrap();
    assert_eq!(web.of("GET as.example/authorize").len(), 1);
}
