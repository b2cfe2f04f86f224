//! Keys that are known beforehand.

use serde_json::json;
use toolwright::auth::{Secret, StaticKeys};
use toolwright::handler::Scopes;

use crate::peer::call;
use crate::server::{ask_at, challenge, list, serve, text};

const KEY: &str = "0123456789abcdef-ci";

fn keys() -> StaticKeys {
    let orders = Scopes::parse("orders:read orders:write");
    StaticKeys::new()
        .key("ci", &Secret::from(KEY), orders)
        .and_then(|keys| {
            keys.key(
                "guest",
                &Secret::from("0123456789abcdef-guest"),
                Scopes::NONE,
            )
        })
        .expect("long keys")
}

#[tokio::test]
async fn whoever_has_a_key_is_its_owner_with_its_scopes() {
    let (address, _) = serve(|_| keys()).await;
    let order = || call(1, "order", json!({}));
    let ask = async |credentials: &str, request: Vec<u8>| {
        ask_at(address, &[("authorization", credentials)], request).await
    };
    let answer = ask(&format!("Bearer {KEY}"), order()).await;
    assert_eq!(text(&answer), "ordered");
    let refused = ask("Bearer 0123456789abcdef-guest", order()).await;
    assert_eq!(refused.status(), 403);
    assert_eq!(
        challenge(&refused).param("scope"),
        Some("orders:read orders:write")
    );
    for wrong in [
        "Bearer 0123456789abcdef-c",
        "Bearer 0123456789abcdef-cj",
        "Bearer x",
    ] {
        let refused = ask(wrong, list()).await;
        assert_eq!(refused.status(), 401, "{wrong}");
        assert_eq!(challenge(&refused).param("error"), Some("invalid_token"));
    }
    let nothing = ask_at(address, &[], list()).await;
    assert_eq!(nothing.status(), 401);
    assert_eq!(challenge(&nothing).param("error"), None);
}

#[test]
fn a_key_that_could_be_guessed_is_refused() {
    let weak = StaticKeys::new().key("ci", &Secret::from("hunter2"), Scopes::NONE);
    let error = weak.expect_err("too short").to_string();
    assert!(
        error.contains("ci") && !error.contains("hunter2"),
        "{error}"
    );
}
