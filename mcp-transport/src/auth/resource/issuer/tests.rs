use std::future::ready;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use mcp_core::Limits;
use serde_json::json;

use super::*;
use crate::auth::metadata::issuer_url;
use crate::http_client::{Exchanging, HttpClient, ReceivedBody};

const ISSUER: &str = "https://as.example";

/// An issuer with these keys, which may be away.
#[derive(Clone, Default)]
struct Stub(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    kids: Vec<&'static str>,
    away: bool,
    asked: usize,
}

impl Stub {
    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.0.lock().unwrap()
    }
}

impl HttpClient for Stub {
    fn exchange(&self, request: Request<Bytes>) -> Exchanging {
        let mut told = self.told();
        let keys = told.kids.iter();
        let keys = keys.map(|kid| json!({ "kty": "EC", "crv": "P-256", "kid": kid }));
        let body = match request.uri().path() {
            "/keys" => json!({ "keys": keys.collect::<Vec<_>>() }),
            _ => json!({ "issuer": ISSUER, "jwks_uri": format!("{ISSUER}/keys") }),
        };
        told.asked += usize::from(request.uri().path() == "/keys" || told.away);
        let mut response = Response::new(ReceivedBody::whole(body.to_string()));
        if told.away {
            *response.status_mut() = StatusCode::BAD_GATEWAY;
        }
        Box::pin(ready(Ok(response)))
    }
}

struct Rig {
    stub: Stub,
    fetcher: Fetcher,
    issuer: Arc<Issuer>,
}

impl Rig {
    fn new(kids: &[&'static str]) -> Self {
        let stub = Stub::default();
        stub.told().kids = kids.to_vec();
        let fetcher = Fetcher::with(Arc::new(stub.clone()), &Limits::default());
        let url = issuer_url(ISSUER).unwrap();
        let issuer = Arc::new(Issuer::new(ISSUER.to_owned(), url));
        Self {
            stub,
            fetcher,
            issuer,
        }
    }

    async fn has(&self, kid: &str) -> Result<bool, Unverified> {
        let keys = self.issuer.keys(&self.fetcher, Some(kid), Algorithm::Es256);
        match keys.await {
            Ok(_) => Ok(true),
            Err(Unverified::Invalid(_)) => Ok(false),
            Err(unavailable) => Err(unavailable),
        }
    }

    fn asked(&self) -> usize {
        self.stub.told().asked
    }
}

async fn pass(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_withdrawn_counts_no_longer_than_the_keys_are_fresh() {
    let rig = Rig::new(&["old"]);
    assert_eq!(rig.has("old").await, Ok(true));
    rig.stub.told().kids = vec!["new"];
    pass(599).await;
    assert_eq!(rig.has("old").await, Ok(true));
    pass(1).await;
    assert_eq!(rig.has("old").await, Ok(false));
    assert_eq!(rig.has("new").await, Ok(true));
}

#[tokio::test(start_paused = true)]
async fn unknown_keys_are_looked_for_at_most_every_30_seconds() {
    let rig = Rig::new(&["a"]);
    assert_eq!(rig.has("a").await, Ok(true));
    assert_eq!(rig.asked(), 1);
    for _ in 0..3 {
        assert_eq!(rig.has("invented").await, Ok(false));
    }
    assert_eq!(rig.asked(), 2);
    rig.stub.told().kids.push("b");
    pass(29).await;
    assert_eq!(rig.has("b").await, Ok(false));
    pass(1).await;
    assert_eq!(rig.has("b").await, Ok(true));
    assert_eq!(rig.asked(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_known_stays_known_while_the_issuer_is_away() {
    let rig = Rig::new(&["a"]);
    assert_eq!(rig.has("a").await, Ok(true));
    rig.stub.told().away = true;
    pass(3600).await;
    assert_eq!(rig.has("a").await, Ok(true));
    let asked = rig.asked();
    pass(4).await;
    assert_eq!(rig.has("a").await, Ok(true));
    assert_eq!(rig.asked(), asked, "it is not asked at once again");
    rig.stub.told().away = false;
    rig.stub.told().kids = vec!["b"];
    pass(1).await;
    assert_eq!(rig.has("b").await, Ok(true));
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_was_away_at_first_is_asked_again_after_a_while() {
    let rig = Rig::new(&["a"]);
    rig.stub.told().away = true;
    assert!(rig.has("a").await.is_err());
    rig.stub.told().away = false;
    pass(4).await;
    assert!(rig.has("a").await.is_err());
    pass(1).await;
    assert_eq!(rig.has("a").await, Ok(true));
}
