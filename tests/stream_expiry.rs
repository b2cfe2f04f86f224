//! Streams do not outlive the token that opened them, and a fresh token opens others. Time is virtual.
#![cfg(all(feature = "http-server", feature = "http-client"))]
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST, HeaderValue};
use http::request::Parts;
use http::{Method, Request};
use tokio::time::{Instant, sleep, timeout};
use toolwright::Revision;
use toolwright::client::{
    Client, ClientBuilder, ClientConfig, Exchanging, HttpClient, KnownServers, ReceivedBody,
    ServerEvent,
};
use toolwright::http::{Authenticate, Authenticating, Challenge, HttpOptions, HttpService};
use toolwright::model::ListenFilter;
use toolwright::prelude::*;

const URL: &str = "http://127.0.0.1/mcp";
/// How long a token counts from when it is shown, as if it were a fresh one each time.
const LIFE: Duration = Duration::from_secs(600);

/// Takes any token.
struct Tokens;

impl Authenticate for Tokens {
    fn authenticate<'a>(&'a self, head: &'a Parts) -> Authenticating<'a> {
        Box::pin(async {
            match head.headers.get(AUTHORIZATION) {
                Some(_) => Ok(Principal::verified("ann").with_expiry(SystemTime::now() + LIFE)),
                None => Err(Challenge::unauthorized(HeaderValue::from_static("Bearer"))),
            }
        })
    }
}

/// Leads to a service without a network, and counts the streams that were opened by GET.
#[derive(Clone)]
struct Direct {
    service: HttpService,
    opened: Arc<AtomicUsize>,
}

impl HttpClient for Direct {
    fn exchange(&self, mut request: Request<Bytes>) -> Exchanging {
        if request.method() == Method::GET {
            self.opened.fetch_add(1, Ordering::Relaxed);
        }
        let mut service = self.service.clone();
        let host = HeaderValue::from_static("127.0.0.1");
        request.headers_mut().insert(HOST, host);
        Box::pin(async move {
            let request = request.map(axum::body::Body::from);
            let answer = tower_service::Service::call(&mut service, request).await;
            Ok(answer.unwrap().map(ReceivedBody::new))
        })
    }
}

fn served() -> (ServerHandle, Direct) {
    let tool = RuntimeTool::new(
        "none",
        serde_json::json!({ "type": "object" }),
        |_, _| async { "" },
    );
    let server = Server::new("protected", "1.0.0").runtime_tool(tool);
    let server = server.build().unwrap();
    let service = server.http(HttpOptions::default().auth(Tokens));
    let opened = Arc::default();
    (server, Direct { service, opened })
}

fn client(direct: &Direct, revision: Revision) -> ClientBuilder {
    Client::builder(ClientConfig::new("test", "1").pin(revision))
        .http_client(direct.clone())
        .known_servers(KnownServers::new())
        .header("authorization", "Bearer t0ken")
}

#[tokio::test(start_paused = true)]
async fn a_subscription_ends_with_its_token_and_a_fresh_one_opens_another() {
    let (server, direct) = served();
    let client = client(&direct, Revision::V2026_07_28)
        .connect(URL)
        .await
        .unwrap();
    let filter = ListenFilter {
        tools_list_changed: Some(true),
        ..ListenFilter::default()
    };
    for _ in 0..2 {
        let mut subscription = client.listen(filter.clone()).await.unwrap();
        let begun = Instant::now();
        server.tools_changed();
        assert_eq!(subscription.next().await, Some(ServerEvent::ToolsChanged));
        assert_eq!(subscription.next().await, None, "a clean end");
        let lasted = begun.elapsed().as_secs();
        assert!((599..=601).contains(&lasted), "{lasted} s");
    }
    assert!(!client.is_closed());
}

#[tokio::test(start_paused = true)]
async fn the_stream_of_a_session_ends_with_its_token_and_the_session_goes_on() {
    let (server, direct) = served();
    let client = client(&direct, Revision::V2025_11_25)
        .connect(URL)
        .await
        .unwrap();
    let mut events = client.events();
    for opened in 1..4 {
        sleep(LIFE / 2).await;
        assert_eq!(direct.opened.load(Ordering::Relaxed), opened);
        server.tools_changed();
        let heard = timeout(Duration::from_secs(60), events.next()).await;
        assert_eq!(heard.unwrap(), Some(ServerEvent::ToolsChanged));
        // A while after the end of the token, so that the client has come back.
        sleep(LIFE / 2 + Duration::from_secs(30)).await;
    }
}
