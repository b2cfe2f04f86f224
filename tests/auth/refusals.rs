//! Tokens that are worth nothing here (fault 94).

use serde_json::json;

use crate::peer::{Answer, call};
use crate::server::{Live, challenge, list, start, start_with, text};
use crate::signer::{Key, now, part, unsigned};

/// Refused as `invalid_token`, with all a client needs to get another one.
fn assert_refused(server: &Live, what: &str, answer: &Answer) {
    assert_eq!(answer.status(), 401, "{what}: {answer:?}");
    let told = challenge(answer);
    assert_eq!(told.param("error"), Some("invalid_token"), "{what}");
    assert!(told.param("error_description").is_some(), "{what}");
    let metadata = told.param("resource_metadata").expect("a URL");
    let origin = server.resource.strip_suffix("/mcp").expect("the path");
    assert!(metadata.starts_with(origin), "{what}");
    assert!(answer.body.is_empty(), "{what}");
}

#[tokio::test]
async fn fault_94_a_token_that_is_not_for_this_server_or_not_sound_is_refused() {
    let server = start().await;
    let claims = server.claims("ann", "");
    let key = server.issuer.key();
    let header = json!({ "alg": "ES256", "kid": "first", "typ": "at+jwt" });
    let with = |member: &str, value: serde_json::Value| {
        let mut header = header.clone();
        header[member] = value;
        header
    };
    let sound = server.token("ann", "");
    let (signed, _) = sound.rsplit_once('.').unwrap();
    let none = json!({ "alg": "none" });
    let tokens = [
        (
            "another audience",
            server.changed(|c| c["aud"] = json!("https://other.example/mcp")),
        ),
        ("no audience", server.changed(|c| c["aud"] = json!(null))),
        ("expired", server.changed(|c| c["exp"] = json!(now() - 60))),
        ("not yet", server.changed(|c| c["nbf"] = json!(now() + 60))),
        ("for ever", server.changed(|c| c["exp"] = json!(null))),
        (
            "another issuer",
            server.changed(|c| c["iss"] = json!("https://evil.example")),
        ),
        (
            "nobody",
            server.changed(|c| {
                c.as_object_mut()
                    .unwrap()
                    .retain(|name, _| name != "sub" && name != "client_id");
            }),
        ),
        (
            "bound by a certificate",
            server.changed(|c| c["cnf"] = json!({ "x5t#S256": "a" })),
        ),
        ("alg none", format!("{}.", unsigned(&none, &claims))),
        (
            "alg none, signed",
            format!("{}.{}", unsigned(&none, &claims), part("x")),
        ),
        (
            "public key as secret",
            key.confused(&with("alg", json!("HS256")), &claims),
        ),
        (
            "public key as secret, alg of the key",
            key.confused(&header, &claims),
        ),
        (
            "another algorithm",
            key.sign(&with("alg", json!("RS256")), &claims),
        ),
        ("another key of that name", Key::new("first").token(&claims)),
        ("an unknown key", Key::new("unknown").token(&claims)),
        ("its own key", {
            let own = Key::new("first");
            own.sign(&with("jwk", own.public()), &claims)
        }),
        (
            "another type",
            key.sign(&with("typ", json!("logout+jwt")), &claims),
        ),
        (
            "an extension",
            key.sign(&with("crit", json!(["x"])), &claims),
        ),
        ("no signature", format!("{signed}.")),
        ("half a signature", sound[..sound.len() - 40].to_owned()),
        ("no token at all", "opaque".to_owned()),
    ];
    for (what, token) in tokens {
        let answer = server.ask_as(&token, list()).await;
        assert_refused(&server, what, &answer);
        // And it stays refused.
        let again = server.ask_as(&token, list()).await;
        assert_eq!(again.status(), 401, "{what}");
    }
    assert_eq!(server.ask_as(&sound, list()).await.status(), 200);
}

#[tokio::test]
async fn fault_94_a_token_in_the_url_is_refused_even_beside_one_in_the_header() {
    let server = start().await;
    let token = server.token("ann", "");
    let request = String::from_utf8(list()).unwrap();
    let in_url = request.replacen("/mcp", &format!("/mcp?access_token={token}"), 1);
    let answer = server.ask(&[], in_url.clone().into_bytes()).await;
    assert_refused(&server, "in the URL", &answer);
    let answer = server.ask_as(&token, in_url.into_bytes()).await;
    assert_refused(&server, "in the URL as well", &answer);
}

#[tokio::test]
async fn credentials_that_are_malformed_are_a_bad_request() {
    let server = start().await;
    let long = format!("Bearer {}", "a".repeat(17 * 1024));
    for credentials in ["Bearer", "Bearer ", "Bearer a b", "Bearer \u{7f}", &long] {
        let answer = server.ask(&[("authorization", credentials)], list()).await;
        assert_eq!(answer.status(), 400, "{credentials:.20}");
        // hyper has its own word for what is no header at all.
        if answer.head.header("www-authenticate").is_some() {
            let told = challenge(&answer);
            assert_eq!(told.param("error"), Some("invalid_request"));
        }
    }
    let token = format!("Bearer {}", server.token("ann", ""));
    let twice = [("authorization", &*token), ("authorization", &*token)];
    assert_eq!(server.ask(&twice, list()).await.status(), 400);
    let basic = server.ask(&[("authorization", "Basic YTpi")], list()).await;
    assert_eq!(basic.status(), 401);
}

#[tokio::test]
async fn fault_94_a_lack_of_scopes_is_told_once_and_a_better_token_suffices() {
    let server = start_with(|auth| {
        let auth = auth.scopes(["orders:read", "orders:write"]);
        auth.implies("orders", ["orders:write"])
            .implies("orders:write", ["orders:read"])
    })
    .await;
    let order = || call(1, "order", json!({}));
    for scope in ["", "orders:read", "other"] {
        let refused = server.ask_as(&server.token("ann", scope), order()).await;
        assert_eq!(refused.status(), 403, "{scope}");
        let told = challenge(&refused);
        assert_eq!(told.param("error"), Some("insufficient_scope"));
        assert_eq!(told.param("scope"), Some("orders:read orders:write"));
        assert!(told.param("resource_metadata").is_some());
    }
    for scope in ["orders:write orders:read", "orders:write", "orders"] {
        let answer = server.ask_as(&server.token("ann", scope), order()).await;
        assert_eq!(text(&answer), "ordered", "{scope}");
    }
}
