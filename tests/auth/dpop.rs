//! Tokens that are bound to a key, and the proofs that their bearers have it (RFC 9449).

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use toolwright::auth::Dpop;

use crate::peer::Answer;
use crate::server::{Live, challenge, list, start, start_with};
use crate::signer::{Key, now, part};

/// A token that is bound to `key`.
fn bound(server: &Live, key: &Key) -> String {
    server.changed(|claims| claims["cnf"] = json!({ "jkt": key.thumbprint() }))
}

/// The header and the claims of a proof for a request of `token`.
fn proof(server: &Live, key: &Key, token: &str, id: &str) -> (Value, Value) {
    let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": key.public() });
    let claims = json!({
        "jti": id, "htm": "POST", "htu": server.resource, "iat": now(),
        "ath": part(digest(&SHA256, token.as_bytes())),
    });
    (header, claims)
}

async fn ask(server: &Live, token: &str, proof: &str) -> Answer {
    let credentials = format!("DPoP {token}");
    let headers = [("authorization", &*credentials), ("dpop", proof)];
    server.ask(&headers, list()).await
}

#[tokio::test]
async fn a_bound_token_counts_with_its_proof_and_each_proof_once() {
    let server = start().await;
    let key = Key::new("client");
    let token = bound(&server, &key);
    let (header, claims) = proof(&server, &key, &token, "1");
    let first = key.sign(&header, &claims);
    assert_eq!(ask(&server, &token, &first).await.status(), 200);
    let again = ask(&server, &token, &first).await;
    assert_eq!(again.status(), 401);
    let told = challenge(&again);
    assert_eq!(told.name(), "DPoP");
    assert_eq!(told.param("error"), Some("invalid_dpop_proof"));
    assert_eq!(
        told.param("error_description"),
        Some("the proof came before")
    );
    assert!(
        told.param("algs")
            .is_some_and(|algs| algs.contains("ES256"))
    );
    assert!(told.param("resource_metadata").is_some());
    let (header, claims) = proof(&server, &key, &token, "2");
    let second = key.sign(&header, &claims);
    assert_eq!(ask(&server, &token, &second).await.status(), 200);
}

#[tokio::test]
async fn a_proof_of_anything_else_proves_nothing() {
    let server = start().await;
    let (key, other) = (Key::new("client"), Key::new("other"));
    let token = bound(&server, &key);
    type Change = fn(&mut Value, &mut Value);
    let cases: [(&str, Change); 11] = [
        ("another type", |h, _| h["typ"] = json!("jwt")),
        ("no key", |h, _| h["jwk"] = json!(null)),
        ("a private key", |h, _| h["jwk"]["d"] = json!("AA")),
        ("a secret", |h, _| h["alg"] = json!("HS256")),
        ("another method", |_, c| c["htm"] = json!("GET")),
        ("another URL", |_, c| {
            c["htu"] = json!("https://other.example/mcp");
        }),
        ("an old one", |_, c| c["iat"] = json!(now() - 120)),
        ("one of the future", |_, c| c["iat"] = json!(now() + 120)),
        ("another token", |_, c| {
            c["ath"] = json!(part(digest(&SHA256, b"x")));
        }),
        ("no token", |_, c| c["ath"] = json!(null)),
        ("no number", |_, c| c["jti"] = json!(null)),
    ];
    for (what, change) in cases {
        let (mut header, mut claims) = proof(&server, &key, &token, what);
        change(&mut header, &mut claims);
        let answer = ask(&server, &token, &key.sign(&header, &claims)).await;
        assert_eq!(answer.status(), 401, "{what}");
        let told = challenge(&answer);
        assert_eq!(told.param("error"), Some("invalid_dpop_proof"), "{what}");
    }
    // By a key that the token is not bound to, honestly and dishonestly.
    let (header, claims) = proof(&server, &other, &token, "honest");
    let answer = ask(&server, &token, &other.sign(&header, &claims)).await;
    assert_eq!(answer.status(), 401);
    let (header, claims) = proof(&server, &key, &token, "dishonest");
    let answer = ask(&server, &token, &other.sign(&header, &claims)).await;
    assert_eq!(answer.status(), 401);
    assert_eq!(ask(&server, &token, "junk").await.status(), 401);
    // What only differs in writing is the same.
    let (header, mut claims) = proof(&server, &key, &token, "same");
    claims["htu"] = json!(format!("{}?x=1", server.resource.replace("http:", "HTTP:")));
    let answer = ask(&server, &token, &key.sign(&header, &claims)).await;
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn a_bound_token_is_nothing_by_itself_and_a_proof_nothing_to_another() {
    let server = start().await;
    let key = Key::new("client");
    let token = bound(&server, &key);
    let stolen = server.ask_as(&token, list()).await;
    assert_eq!(stolen.status(), 401);
    assert_eq!(challenge(&stolen).param("error"), Some("invalid_token"));
    let free = server.token("ann", "");
    let (header, claims) = proof(&server, &key, &free, "1");
    let answer = ask(&server, &free, &key.sign(&header, &claims)).await;
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn a_server_may_take_bound_tokens_alone() {
    let server = start_with(|auth| auth.dpop(Dpop::Required)).await;
    let free = server.token("ann", "");
    assert_eq!(server.ask_as(&free, list()).await.status(), 401);
    let key = Key::new("client");
    let token = bound(&server, &key);
    let (header, claims) = proof(&server, &key, &token, "1");
    let answer = ask(&server, &token, &key.sign(&header, &claims)).await;
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn more_proofs_than_can_be_remembered_are_too_many() {
    let limits = toolwright::Limits {
        dpop_proofs: 4,
        ..toolwright::Limits::default()
    };
    let server = start_with(|auth| auth.limits(limits)).await;
    let key = Key::new("client");
    let token = bound(&server, &key);
    for (id, expected) in [("1", 200), ("2", 200), ("3", 429), ("1", 401)] {
        let (header, claims) = proof(&server, &key, &token, id);
        let answer = ask(&server, &token, &key.sign(&header, &claims)).await;
        assert_eq!(answer.status(), expected, "{id}");
    }
}
