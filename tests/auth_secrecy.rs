//! What is secret stays secret, in logs and wherever something is shown (fault 95). Apart from the
//! other tests of authorization, because it listens to the log of the whole process.
#![cfg(all(feature = "macros", feature = "http-server", feature = "auth"))]
#![allow(clippy::unwrap_used, reason = "a test that fails says where")]

#[path = "auth/issuer.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod issuer;
#[path = "http_server/peer.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod peer;
#[path = "auth/server.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod server;
#[path = "auth/signer.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod signer;

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use toolwright::auth::{ResourceServer, Secret, StaticKeys};
use toolwright::handler::Scopes;
use toolwright::http::HttpOptions;
use toolwright::prelude::*;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use server::{list, start_with};

const HIDDEN: &str = "do-not-show-this-to-anybody";

fn assert_hides(what: &str, shown: &dyn Debug) {
    for text in [format!("{shown:?}"), format!("{shown:#?}")] {
        assert!(!text.contains(HIDDEN), "{what}: {text}");
    }
}

#[test]
fn fault_95_nothing_that_holds_a_secret_shows_it() {
    let secret = || Secret::from(HIDDEN);
    assert_hides("a secret", &secret());
    assert_hides("a secret inside", &Some(vec![secret()]));
    let keys = StaticKeys::new()
        .key("ci", &secret(), Scopes::NONE)
        .expect("long");
    assert_hides("keys", &keys);
    let resource = || ResourceServer::new("https://as.example", "https://rs.example/mcp");
    let server = resource().expect("URLs").introspection("id", secret());
    assert_hides("a resource server", &server);
    assert_hides("options", &HttpOptions::default().auth(server));
    let ann = Principal::verified("ann").with_claims(serde_json::json!({ "email": HIDDEN }));
    assert_hides("a principal", &ann);
    assert_hides("claims of a principal in a list", &vec![ann]);
}

/// Everything that is logged, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = self.0.lock().expect("no test panics with it");
        let _ = writeln!(text, "{field}={value:?}");
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn fault_95_tokens_and_credentials_never_come_to_the_log() {
    let log = Log::default();
    tracing::subscriber::set_global_default(log.clone()).expect("no other test listens");
    let server = start_with(|auth| auth.introspection("id", HIDDEN)).await;
    let sound = server.token("ann", "");
    let (signed, signature) = sound.rsplit_once('.').expect("a token");
    let signature = signature.to_owned();
    let wrong = format!("{signed}.{}", "A".repeat(86));
    let expired = server.changed(|claims| claims["exp"] = serde_json::json!(1));
    for token in [&sound, &wrong, &expired, "opaque-token-of-somebody", HIDDEN] {
        server.ask_as(token, list()).await;
    }
    server.issuer.state().metadata_at = "/gone";
    server
        .ask(&[("authorization", "Bearer"), ("dpop", HIDDEN)], list())
        .await;
    let text = log.0.lock().expect("no test panics with it").clone();
    assert!(text.contains("a token was refused"), "{text}");
    let (_, payload) = signed.rsplit_once('.').expect("two parts");
    for secret in [
        HIDDEN,
        &signature,
        payload,
        "opaque-token-of-somebody",
        &expired,
    ] {
        assert!(!text.contains(secret), "{text}");
    }
}
