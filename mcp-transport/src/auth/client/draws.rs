//! Fail the Nth: every draw of what nobody can guess fails, once or from then on, on the way to a
//! token. What cannot be kept from others is not made at all, and the next request goes through.

use http::StatusCode;
use mcp_core::engine::{CallError, Scopes};
use serde_json::json;
use tokio::runtime::Builder;

use super::{OAuth, Registration, SigningKey};
use crate::random::failing::{Which, drawn, let_fail};

#[path = "../../../tests/auth_client/web.rs"]
#[allow(dead_code, reason = "other tests ask for more")]
mod web;

use self::web::{Web, json_answer};

/// A user logs in for a token that is bound to a key: a key, its nonces, a verifier, a state, and a
/// proof for every request that shows a token.
fn bound_login() -> (Web, OAuth) {
    let web = Web::default();
    let inside = web.clone();
    web.script("POST as.example/token", move |_| {
        let scopes = Scopes::parse("read");
        inside.state().tokens.insert("bound".to_owned(), scopes);
        let answer = json!({ "access_token": "bound", "token_type": "DPoP", "expires_in": 3600 });
        Some(json_answer(StatusCode::OK, &answer))
    });
    let oauth = web.login().dpop().build();
    (web, oauth)
}

/// A client that the authorization server knows by a key.
fn signed_statement() -> (Web, OAuth) {
    let web = Web::default();
    let key = SigningKey::generate().expect("nothing fails yet");
    let client = Registration::new("robot").key(key).issuer(web::AS);
    let oauth = OAuth::client_credentials(client).http_client(web.clone());
    (web, oauth.build())
}

/// One session: two requests, of which the first needs a token.
async fn session(web: &Web, oauth: &OAuth) -> Result<(), CallError> {
    web.call(oauth).await?;
    web.call(oauth).await
}

/// Runs the session with every draw failing in turn, and returns how many draws there are.
fn fail_each(what: &str, make: fn() -> (Web, OAuth)) -> usize {
    let run = |which: fn(usize) -> Which, nth: usize| {
        let (web, oauth) = make();
        let runtime = Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build();
        runtime.expect("a runtime").block_on(async {
            let_fail(which(nth));
            let outcome = session(&web, &oauth).await;
            let drawn = drawn();
            let_fail(Which::None);
            if which(nth) == Which::None {
                outcome.expect("nothing failed");
            } else {
                let error = outcome.expect_err("it went on without").to_string();
                assert!(error.contains("no random bytes"), "draw {nth}: {error}");
            }
            let next = session(&web, &oauth).await;
            next.unwrap_or_else(|error| panic!("{what}, after draw {nth} had failed: {error}"));
            drawn
        })
    };
    let draws = run(|_| Which::None, 0);
    for nth in 1..=draws {
        run(Which::Only, nth);
        run(Which::From, nth);
    }
    println!("{what}: {draws} draws, each failed in two ways");
    draws
}

#[test]
fn a_login_that_can_draw_nothing_is_given_up_with_an_error_that_says_so() {
    // Of the key: itself, and what hedges its nonces. Of the login: verifier and state. Of each of
    // three proofs: its id and its signature.
    assert!(fail_each("login", bound_login) >= 10);
}

#[test]
fn a_client_that_can_sign_nothing_is_refused_its_token_with_an_error_that_says_so() {
    assert!(fail_each("client credentials", signed_statement) >= 2);
}
