//! Tokens that end, and the others that take their place.

use std::time::Duration;

use http::StatusCode;
use mcp_core::engine::CallError;
use mcp_transport::driver::ClientHandle;

use super::web::{Web, empty, list};

fn refreshes(web: &Web) -> usize {
    let tokens = web.of("POST as.example/token").into_iter();
    let refresh = |seen: &super::web::Seen| seen.says("grant_type").unwrap() == "refresh_token";
    tokens.filter(refresh).count()
}

/// As many requests at once, each of which succeeds.
async fn twenty_at_once(client: &ClientHandle) {
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let client = client.clone();
        all.spawn(async move { list(&client).await });
    }
    while let Some(outcome) = all.join_next().await {
        outcome.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_before_it_ends_and_the_server_notices_nothing() {
    let web = Web::default();
    let client = web.connect(&web.login().build()).await;
    list(&client).await.unwrap();
    tokio::time::advance(Duration::from_secs(3560)).await;
    list(&client).await.unwrap();
    assert_eq!(refreshes(&web), 0);
    tokio::time::advance(Duration::from_secs(15)).await;
    let before = web.of("POST mcp.example/mcp").len();
    list(&client).await.unwrap();
    assert_eq!(refreshes(&web), 1);
    assert_eq!(web.of("POST mcp.example/mcp").len(), before + 1);
}

#[tokio::test(start_paused = true)]
async fn concurrent_requests_share_one_refresh() {
    let web = Web::default();
    let client = web.connect(&web.login().build()).await;
    list(&client).await.unwrap();
    tokio::time::advance(Duration::from_secs(3590)).await;
    twenty_at_once(&client).await;
    assert_eq!(refreshes(&web), 1);
    assert_eq!(web.of("GET as.example/authorize").len(), 1);
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_without_a_user() {
    let web = Web::default();
    let client = web.connect(&web.login().build()).await;
    list(&client).await.unwrap();
    web.state()
        .tokens
        .retain(|token, _| token.starts_with("refr3sh"));
    list(&client).await.unwrap();
    assert_eq!(refreshes(&web), 1);
    assert_eq!(web.of("GET as.example/authorize").len(), 1);
}

#[tokio::test]
async fn a_refresh_token_that_is_refused_means_another_login() {
    let web = Web::default();
    let client = web.connect(&web.login().build()).await;
    list(&client).await.unwrap();
    web.state().tokens.clear();
    list(&client).await.unwrap();
    assert_eq!(refreshes(&web), 1);
    assert_eq!(web.of("GET as.example/authorize").len(), 2);
}

#[tokio::test]
async fn an_authorization_server_that_is_away_costs_no_login() {
    let web = Web::default();
    let client = web.connect(&web.login().build()).await;
    list(&client).await.unwrap();
    web.state()
        .tokens
        .retain(|token, _| token.starts_with("refr3sh"));
    web.script("POST as.example/token", |_| {
        Some(empty(StatusCode::SERVICE_UNAVAILABLE))
    });
    let error = list(&client).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Refused { why, .. } if why.contains("503")),
        "{error}"
    );
    web.script("POST as.example/token", |_| None);
    list(&client).await.unwrap();
    assert_eq!(web.of("GET as.example/authorize").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_outlives_the_caller_who_began_it() {
    let web = Web::default();
    let client = web.connect(&web.login().build()).await;
    list(&client).await.unwrap();
    tokio::time::advance(Duration::from_secs(3590)).await;
    let impatient = tokio::spawn({
        let client = client.clone();
        async move { list(&client).await }
    });
    while refreshes(&web) == 0 {
        tokio::task::yield_now().await;
    }
    // The new refresh token is on its way, and the old one counts no more.
    impatient.abort();
    list(&client).await.unwrap();
    assert_eq!(refreshes(&web), 1);
    assert_eq!(web.of("GET as.example/authorize").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn requests_do_not_queue_up_for_an_authorization_server_that_is_away() {
    let web = Web::default();
    let client = web.connect(&web.login().build()).await;
    list(&client).await.unwrap();
    tokio::time::advance(Duration::from_secs(3590)).await;
    web.script("POST as.example/token", |_| {
        Some(empty(StatusCode::SERVICE_UNAVAILABLE))
    });
    twenty_at_once(&client).await;
    assert_eq!(refreshes(&web), 1);
    // Later it is tried again.
    web.script("POST as.example/token", |_| None);
    tokio::time::advance(Duration::from_secs(6)).await;
    list(&client).await.unwrap();
    assert_eq!(refreshes(&web), 2);
}
