//! The seam for authorization.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use serde_json::json;
use toolwright::client::{Authorize, Authorized, CallError, Challenged, Client, Judged, Verdict};

use crate::config;
use crate::wire::{builder, dial};

/// Knows a new token after each challenge, which takes a person two minutes.
#[derive(Default)]
struct Tokens {
    number: AtomicU32,
    seen: Arc<AtomicU32>,
    refuse: bool,
}

impl Authorize for Tokens {
    fn authorize<'a>(&'a self, request: &'a Parts) -> Authorized<'a> {
        assert_eq!(request.uri.host(), Some("host.example"));
        let number = self.number.load(Ordering::SeqCst);
        Box::pin(async move {
            let mut headers = HeaderMap::new();
            if number > 0 {
                let token = HeaderValue::try_from(format!("Bearer {number}"))?;
                headers.insert("authorization", token);
            }
            Ok(headers)
        })
    }

    fn challenged<'a>(&'a self, challenge: Challenged<'a>) -> Judged<'a> {
        assert_eq!(challenge.www_authenticate().count(), 1);
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(120)).await;
            if self.refuse {
                return Err("nobody is there to ask".into());
            }
            self.seen.store(challenge.attempt, Ordering::SeqCst);
            self.number.fetch_add(1, Ordering::SeqCst);
            Ok(Verdict::Retry)
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_challenge_is_answered_and_may_take_longer_than_a_request() {
    let (mut wire, builder) = builder(config());
    let connecting = dial(builder.authorize(Tokens::default()));
    let probe = wire.next().await;
    assert_eq!(probe.header("authorization"), None);
    probe.challenge(401, "Bearer resource_metadata=\"https://host.example/x\"");
    let probe = wire.next().await;
    assert_eq!(probe.header("authorization"), Some("Bearer 1"));
    probe.discovered();
    assert!(connecting.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn fault_95_a_server_that_is_never_satisfied_is_left_after_three_challenges() {
    let seen = Arc::new(AtomicU32::new(0));
    let tokens = Tokens {
        seen: Arc::clone(&seen),
        ..Tokens::default()
    };
    let (mut wire, builder) = builder(config());
    let connecting = dial(builder.authorize(tokens));
    for _ in 0..=3 {
        wire.next()
            .await
            .challenge(403, "Bearer error=\"insufficient_scope\"");
    }
    let error = connecting.await.unwrap().unwrap_err();
    assert!(
        matches!(error, CallError::Refused { status: 403, .. }),
        "{error}"
    );
    assert!(wire.is_over().await);
    assert_eq!(seen.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn why_there_are_no_credentials_reaches_the_caller() {
    let tokens = Tokens {
        refuse: true,
        ..Tokens::default()
    };
    let (mut wire, builder) = builder(config());
    let connecting = dial(builder.authorize(tokens));
    wire.next().await.challenge(401, "Bearer");
    let error = connecting.await.unwrap().unwrap_err();
    let why = "nobody is there to ask".to_owned();
    assert_eq!(error, CallError::Refused { status: 401, why });
}

#[tokio::test(start_paused = true)]
async fn what_was_kept_is_forgotten_with_the_credentials_it_was_shown_to() {
    let (mut wire, builder) = builder(config());
    let connecting = dial(builder.authorize(Tokens::default()));
    wire.next().await.discovered();
    let client = connecting.await.unwrap().unwrap();
    let list = |client: &Client| {
        let client = client.clone();
        tokio::spawn(async move { client.tools().await })
    };
    let page = |name: &str| {
        let tool = json!({ "name": name, "inputSchema": { "type": "object" } });
        json!({ "resultType": "complete", "tools": [tool], "ttlMs": 3_600_000, "cacheScope": "private" })
    };

    let listing = list(&client);
    wire.call("tools/list").await.result(page("for_anybody"));
    assert_eq!(listing.await.unwrap().unwrap()[0].name, "for_anybody");
    let kept = list(&client).await.unwrap().unwrap();
    assert_eq!(kept[0].name, "for_anybody");

    let reading = tokio::spawn({
        let client = client.clone();
        async move { client.prompts().await }
    });
    let refused = wire.call("prompts/list").await;
    refused.challenge(403, "Bearer error=\"insufficient_scope\"");
    let again = wire.call("prompts/list").await;
    assert_eq!(again.header("authorization"), Some("Bearer 1"));
    again.result(json!({ "resultType": "complete", "prompts": [] }));
    assert!(reading.await.unwrap().unwrap().is_empty());

    let listing = list(&client);
    wire.call("tools/list").await.result(page("for_ann"));
    assert_eq!(listing.await.unwrap().unwrap()[0].name, "for_ann");
}
