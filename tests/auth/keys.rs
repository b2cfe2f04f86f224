//! The issuer: how it is found, and what happens when its keys change.

use std::sync::Arc;

use serde_json::json;

use crate::issuer::{Gate, Issuer};
use crate::server::{list, start, start_at};
use crate::signer::Key;

#[tokio::test]
async fn the_issuer_is_read_once_for_many_tokens_and_each_token_is_verified_once() {
    let server = start().await;
    let tokens = [server.token("ann", ""), server.token("bob", "")];
    for token in tokens.iter().cycle().take(20) {
        assert_eq!(server.ask_as(token, list()).await.status(), 200);
    }
    assert_eq!(server.issuer.count("/keys"), 1);
}

#[tokio::test]
async fn an_issuer_of_openid_is_found_too() {
    let issuer = Issuer::start().await;
    issuer.state().metadata_at = "/.well-known/openid-configuration";
    let server = start_at(issuer, |auth| auth).await;
    assert!(
        server
            .whoami(&server.token("ann", ""))
            .await
            .starts_with("ann")
    );
    let first = "/.well-known/oauth-authorization-server";
    assert_eq!(server.issuer.count(first), 1, "that is looked for first");
}

#[tokio::test]
async fn metadata_of_another_issuer_does_not_count() {
    let issuer = Issuer::start().await;
    issuer.state().name = format!("{}/", issuer.url);
    let server = start_at(issuer, |auth| auth).await;
    // Whether the token is worth anything is not known: the client should keep it.
    let answer = server.ask_as(&server.token("ann", ""), list()).await;
    assert_eq!(answer.status(), 503);
    assert!(answer.head.header("retry-after").is_some());
    assert_eq!(answer.head.header("www-authenticate"), None);
    assert_eq!(server.issuer.count("/keys"), 0);
}

#[tokio::test]
async fn an_issuer_that_is_away_is_not_asked_again_at_once() {
    let issuer = Issuer::start().await;
    issuer.state().metadata_at = "/nowhere";
    let server = start_at(issuer, |auth| auth).await;
    for who in ["ann", "bob", "eve"] {
        let answer = server.ask_as(&server.token(who, ""), list()).await;
        assert_eq!(answer.status(), 503);
    }
    let first = "/.well-known/oauth-authorization-server";
    assert_eq!(server.issuer.count(first), 1);
}

#[tokio::test]
async fn new_keys_are_found_when_a_token_names_one() {
    let server = start().await;
    let old = server.token("ann", "");
    assert_eq!(server.ask_as(&old, list()).await.status(), 200);
    server
        .issuer
        .state()
        .keys
        .push(Arc::new(Key::new("second")));
    let new = server.token("ann", "");
    assert_eq!(server.ask_as(&new, list()).await.status(), 200);
    assert_eq!(server.ask_as(&old, list()).await.status(), 200);
    assert_eq!(server.issuer.count("/keys"), 2);
}

#[tokio::test]
async fn invented_keys_do_not_make_the_server_flood_its_issuer() {
    let server = start().await;
    assert_eq!(
        server
            .ask_as(&server.token("ann", ""), list())
            .await
            .status(),
        200
    );
    for n in 0..20 {
        let invented = Key::new(&format!("invented-{n}"));
        let token = invented.token(&server.claims("ann", ""));
        assert_eq!(server.ask_as(&token, list()).await.status(), 401);
    }
    assert_eq!(server.issuer.count("/keys"), 2);
}

#[tokio::test]
async fn many_at_once_wait_for_one_answer_of_the_issuer() {
    let server = Arc::new(start().await);
    let asking = (0..20).map(|n| {
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            let token = server.token(&format!("user-{n}"), "");
            server.ask_as(&token, list()).await.status()
        })
    });
    let asking: Vec<_> = asking.collect();
    for answer in asking {
        assert_eq!(answer.await.unwrap(), 200);
    }
    assert_eq!(server.issuer.count("/keys"), 1);
}

#[tokio::test]
async fn a_key_without_a_name_counts_for_tokens_that_name_none() {
    let server = start().await;
    let token = server
        .issuer
        .key()
        .sign(&json!({ "alg": "ES256" }), &server.claims("ann", ""));
    assert_eq!(server.ask_as(&token, list()).await.status(), 200);
}

#[tokio::test]
async fn whoever_hangs_up_does_not_take_new_keys_away_from_others() {
    let server = start().await;
    assert!(
        server
            .whoami(&server.token("ann", ""))
            .await
            .starts_with("ann")
    );
    let gate = Arc::new(Gate::default());
    {
        let mut state = server.issuer.state();
        state.keys.push(Arc::new(Key::new("second")));
        state.gate = Some(Arc::clone(&gate));
    }
    let server = Arc::new(server);
    let (invented, impatient) = (Key::new("invented"), Arc::clone(&server));
    let token = invented.token(&server.claims("eve", ""));
    let asking = tokio::spawn(async move { impatient.ask_as(&token, list()).await.status() });
    gate.reached.notified().await;
    asking.abort();
    assert!(asking.await.is_err());
    let (patient, token) = (Arc::clone(&server), server.token("ann", ""));
    let asking = tokio::spawn(async move { patient.ask_as(&token, list()).await.status() });
    gate.open.notify_one();
    assert_eq!(asking.await.unwrap(), 200);
}
