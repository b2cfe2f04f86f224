//! Tokens that only their issuer can read (RFC 7662), and those that only the program can.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use toolwright::auth::{PresentedToken, TokenVerifier, Unverified, Verified, Verifying};
use toolwright::prelude::*;

use crate::peer::call;
use crate::server::{Live, challenge, list, start_with, text};

async fn start() -> Live {
    start_with(|auth| auth.introspection("rs:1", "s3cr3t/%")).await
}

fn knows(server: &Live, token: &str, change: impl FnOnce(&mut serde_json::Value)) {
    let mut said = server.claims("ann", "orders:write orders:read");
    said["active"] = json!(true);
    change(&mut said);
    server.issuer.state().tokens.insert(token.to_owned(), said);
}

#[tokio::test]
async fn the_issuer_is_asked_about_a_token_it_did_not_sign_once() {
    let server = start().await;
    knows(&server, "opaque-1", |_| {});
    for _ in 0..3 {
        let answer = server.ask_as("opaque-1", call(1, "order", json!({}))).await;
        assert_eq!(text(&answer), "ordered");
    }
    assert_eq!(server.issuer.count("/introspect"), 1);
    let state = server.issuer.state();
    let (_, credentials, body) = state.asked.last().expect("the question");
    // `rs%3A1:s3cr3t%2F%25`
    assert_eq!(credentials, "Basic cnMlM0ExOnMzY3IzdCUyRiUyNQ==");
    assert_eq!(body, "token=opaque-1&token_type_hint=access_token");
}

#[tokio::test]
async fn a_token_that_was_revoked_or_is_for_others_is_refused() {
    let server = start().await;
    knows(&server, "revoked", |said| said["active"] = json!(false));
    knows(&server, "other", |said| {
        said["aud"] = json!("https://other.example");
    });
    knows(&server, "no-audience", |said| said["aud"] = json!(null));
    knows(&server, "issuer", |said| {
        said["iss"] = json!("https://evil.example");
    });
    knows(&server, "expired", |said| said["exp"] = json!(1));
    for token in [
        "revoked",
        "other",
        "no-audience",
        "issuer",
        "expired",
        "never-issued",
    ] {
        let answer = server.ask_as(token, list()).await;
        assert_eq!(answer.status(), 401, "{token}");
        assert_eq!(challenge(&answer).param("error"), Some("invalid_token"));
    }
    // Nobody can make the issuer be asked again and again.
    let asked = server.issuer.count("/introspect");
    server.ask_as("never-issued", list()).await;
    assert_eq!(server.issuer.count("/introspect"), asked);
}

#[tokio::test]
async fn what_the_issuer_says_unintelligibly_says_nothing_of_the_token() {
    let server = start().await;
    knows(&server, "odd", |said| *said = json!({ "error": "busy" }));
    assert_eq!(server.ask_as("odd", list()).await.status(), 503);
}

#[tokio::test]
async fn signed_tokens_are_verified_without_asking() {
    let server = start().await;
    assert!(
        server
            .whoami(&server.token("ann", ""))
            .await
            .starts_with("ann")
    );
    assert_eq!(server.issuer.count("/introspect"), 0);
}

/// Knows one token.
struct OneToken(Arc<AtomicUsize>);

impl TokenVerifier for OneToken {
    fn verify<'a>(&'a self, token: &'a PresentedToken<'a>) -> Verifying<'a> {
        Box::pin(async move {
            self.0.fetch_add(1, Ordering::Relaxed);
            match token.reveal() {
                "known" => {
                    let eve = Principal::verified("eve").with_issuer("https://own.example");
                    let eve = eve.with_claims(json!({ "department": "own" }));
                    Ok(Verified::new(eve))
                }
                "down" => Err(Unverified::Unavailable("the database is away".to_owned())),
                _ => Err(Unverified::invalid("never heard of it")),
            }
        })
    }
}

#[tokio::test]
async fn a_verifier_of_the_program_has_the_last_word() {
    let asked = Arc::new(AtomicUsize::new(0));
    let verifier = OneToken(Arc::clone(&asked));
    let server = start_with(|auth| auth.verifier(verifier)).await;
    for _ in 0..3 {
        assert_eq!(
            server.whoami("known").await,
            "eve of own at https://own.example"
        );
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    let refused = server.ask_as("other", list()).await;
    assert_eq!(
        challenge(&refused).param("error_description"),
        Some("never heard of it")
    );
    assert_eq!(server.ask_as("down", list()).await.status(), 503);
    assert_eq!(server.issuer.state().asked.len(), 0);
}
