//! Fault 95: what authorization is made of is in no log and in nobody's `Debug`.
#![cfg(feature = "auth")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(
    dead_code,
    reason = "the web of `auth_client`, of which not all is needed here"
)]

#[path = "auth_client/web.rs"]
mod web;

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mcp_transport::auth::client::{MemoryStore, Registration};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use web::{AS, Web, list};

/// All that is logged, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Text(&self.0));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Text(&self.0));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Text(&self.0));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Text<'a>(&'a Mutex<String>);

impl Visit for Text<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0.lock().unwrap(), "{}={value:?}", field.name()).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn fault_95_secrets_are_in_no_log_and_in_nobodys_debug() {
    let log = Log::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    let web = Web::default();
    let known = Registration::new("robot").secret("s3cr3t").issuer(AS);
    let builder = web.login().client(known).store(MemoryStore::new());
    let mut shown = format!("{builder:?}");
    let oauth = builder.build();
    let client = web.connect(&oauth).await;
    list(&client).await.unwrap();
    write!(shown, "{oauth:?} {client:?}").unwrap();

    // Through a refresh, a refused refresh, another login and a failure.
    tokio::time::advance(Duration::from_secs(3590)).await;
    list(&client).await.unwrap();
    web.state().tokens.clear();
    list(&client).await.unwrap();
    web.state().tokens.clear();
    web.script("POST as.example/token", |_| {
        Some(web::error_answer("invalid_grant"))
    });
    let error = list(&client).await.unwrap_err();
    write!(shown, "{error} {error:?} {oauth:?}").unwrap();

    let logged = log.0.lock().unwrap().clone();
    assert!(logged.contains("asking for a token"), "{logged}");
    let states = web.of("GET as.example/authorize").into_iter();
    let mut secrets: Vec<_> = states.map(|page| page.says("state").unwrap()).collect();
    secrets.extend(["s3cr3t", "czNjcjN0", "t0ken-", "refr3sh-", "code-1"].map(str::to_owned));
    for form in web.of("POST as.example/token") {
        secrets.extend(form.says("code_verifier"));
    }
    for secret in secrets {
        assert!(!logged.contains(&secret), "{secret} in {logged}");
        assert!(!shown.contains(&secret), "{secret} in {shown}");
    }
}
