//! Tokens that are bound to a key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use http::StatusCode;
use serde_json::{Value, json};

use super::web::{Seen, Web, empty, json_answer, list};

/// What the proof of a request says.
fn proof(seen: &Seen) -> Value {
    let proof = seen.headers.get("dpop").unwrap().to_str().unwrap();
    let payload = proof.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64URL.decode(payload).unwrap()).unwrap()
}

fn with_nonce(mut answer: http::Response<Vec<u8>>, nonce: &str) -> http::Response<Vec<u8>> {
    answer
        .headers_mut()
        .insert("dpop-nonce", nonce.parse().unwrap());
    answer
}

/// A web whose tokens are bound, and whose servers want nonces.
fn bound() -> Web {
    let web = Web::default();
    web.edit(
        "GET mcp.example/.well-known/oauth-protected-resource/mcp",
        |document| {
            document["dpop_bound_access_tokens_required"] = true.into();
        },
    );
    let inside = web.clone();
    web.script("POST as.example/token", move |seen| {
        if proof(seen).get("nonce") != Some(&json!("as-nonce")) {
            return Some(with_nonce(
                super::web::error_answer("use_dpop_nonce"),
                "as-nonce",
            ));
        }
        let scopes = mcp_core::engine::Scopes::parse("read");
        inside.state().tokens.insert("bound".to_owned(), scopes);
        let answer = json!({ "access_token": "bound", "token_type": "DPoP", "expires_in": 3600 });
        Some(json_answer(StatusCode::OK, &answer))
    });
    web.script("POST mcp.example/mcp", |seen| {
        let bound = seen.authorization()?.starts_with("DPoP ");
        let fresh = proof(seen).get("nonce") == Some(&json!("rs-nonce"));
        if bound && fresh {
            return None;
        }
        let mut answer = empty(StatusCode::UNAUTHORIZED);
        let challenge = "DPoP error=\"use_dpop_nonce\"";
        answer
            .headers_mut()
            .insert("www-authenticate", challenge.parse().unwrap());
        Some(with_nonce(answer, "rs-nonce"))
    });
    web
}

#[tokio::test]
async fn each_server_gets_the_nonce_it_asked_for_in_a_new_proof() {
    let web = bound();
    let client = web.connect(&web.login().build()).await;
    list(&client).await.unwrap();
    let forms: Vec<Value> = web.of("POST as.example/token").iter().map(proof).collect();
    assert_eq!(forms.len(), 2);
    assert_eq!(forms[1]["nonce"], "as-nonce");
    assert_ne!(forms[0]["jti"], forms[1]["jti"]);
    let posts = web.of("POST mcp.example/mcp");
    assert_eq!(posts.len(), 3);
    let (first, second) = (proof(&posts[1]), proof(&posts[2]));
    assert_eq!(first["htm"], "POST");
    assert_eq!(first["htu"], "https://mcp.example/mcp");
    assert_eq!(first["ath"], second["ath"]);
    assert_eq!(second["nonce"], "rs-nonce");
    assert_ne!(first["jti"], second["jti"]);
    // From now on it is known.
    list(&client).await.unwrap();
    assert_eq!(web.of("POST mcp.example/mcp").len(), 4);
}

#[tokio::test]
async fn a_server_that_wants_ever_another_nonce_is_given_up() {
    let web = bound();
    let mut number = 0;
    web.script("POST mcp.example/mcp", move |seen| {
        seen.authorization()?;
        number += 1;
        let mut answer = empty(StatusCode::UNAUTHORIZED);
        let challenge = "DPoP error=\"use_dpop_nonce\"";
        answer
            .headers_mut()
            .insert("www-authenticate", challenge.parse().unwrap());
        Some(with_nonce(answer, &format!("n{number}")))
    });
    let client = web.connect(&web.login().build()).await;
    list(&client).await.unwrap_err();
    assert!(web.of("POST mcp.example/mcp").len() <= 4);
}
