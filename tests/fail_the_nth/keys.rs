//! Keys and tables that are not there when they are needed: at every request the client meets a
//! replica of the server that has others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tokio::time::sleep;
use toolwright::ask::{Journals, KeyRing};
use toolwright::client::{Backoff, Exchanging, HttpClient, KnownServers};
use toolwright::http::HttpOptions;
use toolwright::{Limits, Revision};

use crate::network::{Network, URL};
use crate::points::{How, Points, fail_each};
use crate::rig::{self, Desk};
use crate::session::session;

/// Leads to one replica, and to the other for one request or from then on.
struct Elsewhere {
    here: Network,
    there: Network,
    moved: AtomicBool,
    points: Arc<Points>,
}

impl HttpClient for Elsewhere {
    fn exchange(&self, request: Request<Bytes>) -> Exchanging {
        let failed = self.points.pass("request");
        if failed == Some(How::End) {
            self.moved.store(true, Ordering::Relaxed);
        }
        let moved = self.moved.load(Ordering::Relaxed);
        if moved || failed == Some(How::Interrupted) {
            return self.there.exchange(request);
        }
        self.here.exchange(request)
    }
}

const WAYS: [How; 2] = [How::Interrupted, How::End];

#[test]
fn whenever_a_key_is_missing_calls_end_and_no_step_runs_twice() {
    let ring = |key| Journals::sealed(KeyRing::new([key; 32]));
    fail_each("key ring", &WAYS, 20, |points| {
        run(points, Revision::V2026_07_28, [ring(1), ring(2)])
    });
    fail_each("table of asks", &WAYS, 20, |points| {
        let tables = [Journals::in_process(), Journals::in_process()];
        run(points, Revision::V2026_07_28, tables)
    });
    fail_each("table of sessions", &WAYS, 20, |points| {
        run(points, Revision::V2025_11_25, [ring(1), ring(2)])
    });
}

async fn run(points: Arc<Points>, revision: Revision, journals: [Journals; 2]) {
    let desk = Arc::new(Desk::default());
    let servers = journals.map(|journals| rig::server(&desk).journals(journals).build().unwrap());
    let services = [&servers[0], &servers[1]].map(|server| server.http(HttpOptions::default()));
    let sound = Points::new(0, How::Short);
    let way = Elsewhere {
        here: Network::new(&services[0], &sound),
        there: Network::new(&services[1], &sound),
        moved: AtomicBool::new(false),
        points: Arc::clone(&points),
    };
    let connecting = rig::builder(Some(revision))
        .http_client(way)
        .known_servers(KnownServers::new())
        .reconnect(Backoff::new().jitter(|| 0.0))
        .connect(URL);
    match connecting.await {
        Ok(client) => session(&client, &servers[0], &points).await,
        Err(error) => assert!(points.has_failed(), "{error}"),
    }
    let steps = desk.steps.load(Ordering::Relaxed);
    assert!(steps <= 1, "the step ran {steps} times");
    for server in &servers {
        rig::serves_others(server, &points).await;
    }
    drop((servers, services));
    // A cancellation that went elsewhere leaves a handler that its time limit ends.
    sleep(Limits::default().call_timeout + Duration::from_secs(60)).await;
    assert_eq!(desk.running(), 0, "handlers are left");
    assert_eq!(Arc::strong_count(&desk), 1, "the server is left");
}
