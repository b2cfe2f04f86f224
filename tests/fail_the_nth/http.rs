//! Over HTTP, where each message is an exchange of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use toolwright::client::{Backoff, KnownServers};
use toolwright::http::HttpOptions;
use toolwright::{Limits, Revision};

use crate::network::{Network, URL};
use crate::points::{How, Points, fail_each};
use crate::rig::{self, Desk};
use crate::session::session;

/// Every way in which an exchange can fail; to do less than it could is no question here.
const WAYS: [How; 4] = [How::Error, How::End, How::Stuck, How::Jump];

#[test]
fn whatever_fails_between_two_sides_over_http_ends_and_leaves_nothing() {
    let newest = [
        Some(Revision::V2026_07_28),
        Some(Revision::V2025_11_25),
        None,
    ];
    for revision in newest {
        fail_each(&format!("over HTTP, {revision:?}"), &WAYS, 150, |points| {
            run(points, revision)
        });
    }
}

async fn run(points: Arc<Points>, revision: Option<Revision>) {
    let desk = Arc::new(Desk::default());
    // One session that is left would be one that nobody else can have.
    let limits = Limits {
        sessions: 2,
        ..Limits::default()
    };
    let server = rig::server(&desk).limits(limits).build().unwrap();
    let service = server.http(HttpOptions::default());
    let connecting = rig::builder(revision)
        .http_client(Network::new(&service, &points))
        .known_servers(KnownServers::new())
        .reconnect(Backoff::new().jitter(|| 0.0))
        .connect(URL);
    match connecting.await {
        Ok(client) => session(&client, &server, &points).await,
        Err(error) => assert!(points.has_failed(), "{error}"),
    }
    // Sessions whose client was cut off expire.
    sleep(Limits::default().session_idle + Duration::from_secs(60)).await;
    assert_eq!(desk.running(), 0, "handlers are left");
    for _ in 0..2 {
        another(&service).await;
    }
    drop((server, service));
    sleep(Duration::from_secs(60)).await;
    assert_eq!(Arc::strong_count(&desk), 1, "the server is left");
}

/// A session of somebody whose network is sound, and who does not say that it is over.
async fn another(service: &toolwright::http::HttpService) {
    let sound = Points::new(0, How::Short);
    let client = rig::builder(Some(Revision::V2025_11_25))
        .http_client(Network::new(service, &sound))
        .known_servers(KnownServers::new())
        .connect(URL)
        .await
        .unwrap();
    let answer = client.call("echo", serde_json::json!({ "text": "here" }));
    assert_eq!(answer.await.unwrap().content[0].as_text(), Some("here"));
}
