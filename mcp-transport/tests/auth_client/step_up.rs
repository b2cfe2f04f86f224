//! Requests that need more than was granted.

use mcp_core::engine::Scopes;

use super::web::{Web, list};

fn asked(web: &Web) -> Vec<String> {
    let pages = web.of("GET as.example/authorize");
    pages
        .iter()
        .map(|page| page.says("scope").unwrap())
        .collect()
}

#[tokio::test]
async fn a_step_up_asks_for_what_there_was_and_what_is_missing() {
    let web = Web::default();
    let client = web.connect(&web.login().build()).await;
    list(&client).await.unwrap();
    web.state().needs = Scopes::parse("write");
    list(&client).await.unwrap();
    web.state().needs = Scopes::parse("delete");
    list(&client).await.unwrap();
    assert_eq!(asked(&web), ["read", "read write", "delete read write"]);
    // A token that was enough goes on to be.
    web.state().needs = Scopes::parse("read");
    list(&client).await.unwrap();
    assert_eq!(asked(&web).len(), 3);
}

#[tokio::test]
async fn fault_95_a_server_that_is_never_content_is_given_up() {
    let web = Web::default();
    web.script("POST mcp.example/mcp", |seen| {
        seen.authorization()?;
        let mut answer = super::web::empty(http::StatusCode::FORBIDDEN);
        let challenge = "Bearer error=\"insufficient_scope\", scope=\"more\"";
        answer
            .headers_mut()
            .insert("www-authenticate", challenge.parse().unwrap());
        Some(answer)
    });
    let client = web.connect(&web.login().build()).await;
    for _ in 0..5 {
        list(&client).await.unwrap_err();
    }
    assert!(asked(&web).len() <= 3, "{:?}", asked(&web));
}

#[tokio::test]
async fn fault_95_a_server_that_always_wants_something_else_gets_three_logins_a_request() {
    let web = Web::default();
    let mut number = 0;
    web.script("POST mcp.example/mcp", move |seen| {
        seen.authorization()?;
        number += 1;
        let mut answer = super::web::empty(http::StatusCode::FORBIDDEN);
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"s{number}\"");
        answer
            .headers_mut()
            .insert("www-authenticate", challenge.parse().unwrap());
        Some(answer)
    });
    let client = web.connect(&web.login().build()).await;
    list(&client).await.unwrap_err();
    assert_eq!(asked(&web).len(), 3);
}

#[tokio::test]
async fn a_refusal_that_names_no_scopes_stands() {
    let web = Web::default();
    let client = web.connect(&web.login().build()).await;
    list(&client).await.unwrap();
    web.script("POST mcp.example/mcp", |_| {
        Some(super::web::empty(http::StatusCode::FORBIDDEN))
    });
    list(&client).await.unwrap_err();
    assert_eq!(asked(&web).len(), 1);
}
