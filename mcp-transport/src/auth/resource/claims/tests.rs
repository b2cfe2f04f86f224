use serde_json::json;

use super::*;

const ISSUER: &str = "https://as.example";
const RESOURCE: &str = "https://rs.example/mcp";

fn rules() -> Rules {
    Rules {
        issuer: ISSUER.to_owned(),
        audiences: vec![RESOURCE.to_owned()],
        leeway: Duration::from_secs(30),
        implied: vec![
            ("admin".into(), Scopes::parse("write")),
            ("write".into(), Scopes::parse("read list")),
            ("list".into(), Scopes::parse("admin2")),
        ],
    }
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)
}

fn claims(change: impl FnOnce(&mut Value)) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "sub": "ann", "aud": RESOURCE, "exp": 1_000_100, "scope": "read"
    });
    change(&mut claims);
    claims
}

fn judged(change: impl FnOnce(&mut Value)) -> Result<Verified, String> {
    let judged = rules().judge(claims(change), Kind::Signed, now());
    judged.map_err(|unverified| unverified.to_string())
}

#[test]
fn fault_94_what_does_not_fit_is_said_in_words() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 13] = [
        (|c| c["aud"] = json!("https://other.example"), "audience"),
        (|c| c["aud"] = json!(["a", "b"]), "audience"),
        (|c| c["aud"] = json!(null), "audience"),
        (|c| c["aud"] = json!("https://rs.example/mcp/x"), "audience"),
        (|c| c["iss"] = json!("https://as.example/"), "issuer"),
        (|c| c["iss"] = json!(null), "issuer"),
        (|c| c["exp"] = json!(1_000_000 - 31), "expired"),
        (|c| c["exp"] = json!(-1), "expired"),
        (|c| c["exp"] = json!(1e300), "expired"),
        (|c| c["exp"] = json!(null), "never"),
        (|c| c["nbf"] = json!(1_000_031), "not valid yet"),
        (|c| c["sub"] = json!(""), "names nobody"),
        (|c| c["cnf"] = json!({ "x5t#S256": "abc" }), "bound"),
    ];
    for (change, word) in cases {
        let why = judged(change).expect_err(word);
        assert!(why.contains(word), "{why}");
    }
}

#[test]
fn what_fits_within_the_leeway_counts() {
    type Change = fn(&mut Value);
    let cases: [Change; 6] = [
        |_| {},
        |c| c["exp"] = json!(1_000_000 - 29),
        |c| c["exp"] = json!(1_000_000.5),
        |c| c["nbf"] = json!(1_000_029),
        |c| c["aud"] = json!(["other", RESOURCE]),
        |c| {
            c["client_id"] = json!("machine");
            c.as_object_mut().expect("claims").remove("sub");
        },
    ];
    for change in cases {
        judged(change).expect("a token");
    }
}

#[test]
fn it_is_kept_no_longer_than_it_is_worth_something() {
    let soon = judged(|c| c["exp"] = json!(1_000_010)).expect("a token");
    assert_eq!(soon.remaining(now()), Duration::from_secs(40));
    let late = judged(|c| c["exp"] = json!(2_000_000)).expect("a token");
    assert_eq!(late.remaining(now()), Verified::KEEP);
}

#[test]
fn scopes_bring_along_what_they_imply() {
    let scopes = |change: fn(&mut Value)| {
        let verified = judged(change).expect("a token");
        verified.principal.scopes().to_string()
    };
    assert_eq!(scopes(|_| {}), "read");
    assert_eq!(
        scopes(|c| c["scope"] = json!("admin")),
        "admin admin2 list read write"
    );
    assert_eq!(scopes(|c| c["scope"] = json!(["a", "b c"])), "a b c");
    assert_eq!(scopes(|c| c["scp"] = json!(["x"])), "read x");
    assert_eq!(scopes(|c| c["scope"] = json!(null)), "");
}

#[test]
fn a_bound_token_says_which_key_it_needs() {
    let bound = judged(|c| c["cnf"] = json!({ "jkt": "abc" })).expect("a token");
    assert_eq!(bound.bound_to.as_deref(), Some("abc"));
}
