//! Requests that say whom they are from.

use http::HeaderValue;
use http::header::AUTHORIZATION;
use http::request::Parts;
use serde_json::json;
use toolwright::handler::Principal;
use toolwright::http::{Authenticate, Authenticating, Challenge, HttpOptions};

use crate::legacy::{Client, initialize};
use crate::peer::{Answer, modern_with, with_header};
use crate::server::{Live, start_with};

/// Takes the credentials for the name.
pub(crate) struct ByName;

impl Authenticate for ByName {
    fn authenticate<'a>(&'a self, head: &'a Parts) -> Authenticating<'a> {
        Box::pin(async move {
            let name = head
                .headers
                .get(AUTHORIZATION)
                .and_then(|name| name.to_str().ok());
            name.map(Principal::verified).ok_or_else(|| {
                Challenge::unauthorized(HeaderValue::from_static("Bearer realm=\"test\""))
            })
        })
    }
}

async fn start() -> Live {
    start_with(|server| server, HttpOptions::default().auth(ByName)).await
}

/// `request` from somebody.
async fn ask(server: &Live, who: &str, request: Vec<u8>) -> Answer {
    let request = with_header("authorization", who, request);
    server.peer().await.ask(request).await
}

#[tokio::test]
async fn whoever_does_not_say_who_they_are_is_told_how_to() {
    let server = start().await;
    let request = |more: &[(&str, &str)]| modern_with(more, 1, "tools/list", json!({}));
    let answer = server.peer().await.ask(request(&[])).await;
    assert_eq!(answer.status(), 401);
    assert_eq!(
        answer.head.header("www-authenticate"),
        Some("Bearer realm=\"test\"")
    );
    // A foreign host is turned away before it learns even that.
    let answer = server
        .peer()
        .await
        .ask(request(&[("host", "evil.example.com")]))
        .await;
    assert_eq!(answer.status(), 403);
    assert_eq!(ask(&server, "ann", request(&[])).await.status(), 200);
}

#[tokio::test]
async fn fault_76_a_session_of_another_principal_looks_like_one_that_never_was() {
    let server = start().await;
    let begun = ask(&server, "ann", initialize("2025-11-25")).await;
    let id = begun
        .head
        .header("mcp-session-id")
        .expect("a session")
        .to_owned();
    let client = Client {
        id,
        version: "2025-11-25",
    };
    let unknown = Client {
        id: "A".repeat(32),
        version: "2025-11-25",
    };
    for request in [
        Client::delete,
        |c: &Client| c.get(&[]),
        |c: &Client| c.call(1, "add", json!({})),
    ] {
        let of_ann = ask(&server, "bob", request(&client)).await;
        let of_nobody = ask(&server, "bob", request(&unknown)).await;
        assert_eq!(of_ann.status(), 404);
        assert_eq!(of_ann.body, of_nobody.body);
    }
    assert_eq!(ask(&server, "ann", client.delete()).await.status(), 204);
}
