//! Fail the Nth, over HTTP as it is read and written: a fixed session of this crate's client with
//! this crate's server is run once to count what hyper reads, writes, flushes and shuts down on one
//! side, and then once for each of these operations and each way in which it can fail. Every run
//! ends, every request has one outcome that is right or says that it is none, nothing is left, and
//! the next client is served within a second. Time is virtual, and connections are in memory.

mod desk;
mod draws;
// How operations are counted and fail is the same on any stream.
#[path = "../../../../tests/fail_the_nth/points.rs"]
mod points;
mod session;
#[path = "../../../../tests/fail_the_nth/stream.rs"]
mod stream;

use std::future::pending;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Uri, Version};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use mcp_core::engine::{CallError, ClientConfig, ServerProfile};
use mcp_core::model::{ClientCapabilities, Implementation};
use mcp_core::{Limits, Revision};
use tokio::sync::watch;
use tokio::time::sleep;
use tower_service::Service;

use self::desk::Desk;
use self::points::{How, Points, fail_each};
use self::session::{Ears, Roots, is_served, session};
use self::stream::Failing;
use super::probes::Stage;
use super::serve::converse;
use super::{ClientAddress, HttpOptions, HttpService};
use crate::backoff::Backoff;
use crate::driver::ClientHandle;
use crate::http_client::{BoxError, Endpoint, HyperOver, KnownServers, connect};
use crate::memory::{self, MemoryConnection};

/// Bytes that wait in each direction: few, so that messages are read and written in pieces.
const CAPACITY: usize = 700;

/// Whose reads and writes fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Server,
    Client,
}

#[test]
fn whatever_a_server_over_http_fails_to_read_or_write_ends_and_leaves_nothing() {
    every(Side::Server);
}

#[test]
fn whatever_a_client_over_http_fails_to_read_or_write_ends_and_leaves_nothing() {
    every(Side::Client);
}

#[cfg(feature = "http2")]
#[test]
fn whatever_either_side_of_http_2_fails_to_read_or_write_ends_and_leaves_nothing() {
    for side in [Side::Server, Side::Client] {
        let ways = [How::Error, How::End, How::Stuck];
        fail_each(&format!("HTTP/2 of the {side:?}"), &ways, 60, |points| {
            run(points, side, Version::HTTP_2, None)
        });
    }
}

fn every(side: Side) {
    // Of the modern era is what is found.
    for revision in [None, Some(Revision::NEWEST_LEGACY)] {
        let name = format!("hyper of the {side:?}, {revision:?}");
        fail_each(&name, &How::OF_STREAMS, 150, |points| {
            run(points, side, Version::HTTP_11, revision)
        });
    }
}

async fn run(points: Arc<Points>, side: Side, version: Version, revision: Option<Revision>) {
    let mut world = World::new(Limits::default());
    world.version = version;
    let ears = Arc::<Ears>::default();
    match world.connect(&points, side, revision, &ears).await {
        Ok(client) => session(&client, &ears, &world.desk, &points).await,
        Err(error) => assert!(points.has_failed(), "{error}"),
    }
    if points.how() == How::Jump {
        // A clock that has yet to jump would be what took long.
        sleep(Duration::from_secs(1)).await;
    }
    let sound = Points::new(0, How::Short);
    let begun = tokio::time::Instant::now();
    let other = world.connect(&sound, side, revision, &Arc::default()).await;
    is_served(&other.unwrap()).await;
    assert!(begun.elapsed() < Duration::from_secs(1), "it took too long");
    // Sessions whose client was cut off expire, and connections that nobody uses are closed.
    sleep(Limits::default().session_idle + Duration::from_secs(10 * 60)).await;
    assert_eq!(world.desk.counts().running(), 0, "handlers are left");
    assert_eq!(world.desk.mailboxes(), 0, "connections are noted");
    let desk = Arc::clone(&world.desk);
    drop(world);
    assert_eq!(Arc::strong_count(&desk), 1, "the server is left");
}

/// A server, to be connected to without sockets.
struct World {
    desk: Arc<Desk>,
    service: HttpService<Desk>,
    /// Of HTTP.
    version: Version,
    /// That it goes on.
    stage: watch::Sender<Stage>,
}

impl World {
    fn new(limits: Limits) -> Self {
        let desk = Arc::<Desk>::default();
        let info = Implementation::new("nth", "1.0.0");
        let profile = ServerProfile::new(info, Desk::capabilities(), None, &Revision::ALL);
        let (profile, options) = (Arc::new(profile), HttpOptions::default());
        let service = HttpService::new(Arc::clone(&desk), profile, limits, options);
        let (stage, _) = watch::channel(Stage::Serving);
        Self {
            desk,
            service,
            version: Version::HTTP_11,
            stage,
        }
    }

    async fn connect(
        &self,
        points: &Arc<Points>,
        side: Side,
        revision: Option<Revision>,
        ears: &Arc<Ears>,
    ) -> Result<ClientHandle, CallError> {
        let dial = Dial {
            service: self.service.clone(),
            stages: self.stage.subscribe(),
            points: Arc::clone(points),
            side,
        };
        let endpoint = Endpoint::new("http://127.0.0.1/mcp").unwrap();
        let endpoint = endpoint
            .client(Arc::new(HyperOver::new(
                dial,
                self.version,
                &Limits::default(),
            )))
            .known(KnownServers::new())
            .backoff(Backoff::new().jitter(|| 0.0));
        let mut config = ClientConfig::new("nth", "1.0.0");
        config.pinned = revision;
        config.capabilities = ClientCapabilities {
            roots: Some(Default::default()),
            ..ClientCapabilities::default()
        };
        connect(endpoint, config, ears.listener(), Some(Arc::new(Roots))).await
    }
}

/// Makes connections whose reads and writes fail on one side.
#[derive(Clone)]
struct Dial {
    service: HttpService<Desk>,
    stages: watch::Receiver<Stage>,
    points: Arc<Points>,
    side: Side,
}

impl Service<Uri> for Dial {
    type Response = TokioIo<Failing<MemoryConnection>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        match self.points.pass("connection") {
            Some(How::Error | How::Interrupted | How::End) => {
                return Box::pin(async { Err("refused".into()) });
            }
            Some(How::Stuck) => return Box::pin(pending()),
            Some(How::Short | How::Jump) | None => {}
        }
        let sound = Points::new(0, How::Short);
        let (of_client, of_server) = match self.side {
            Side::Client => (&self.points, &sound),
            Side::Server => (&sound, &self.points),
        };
        let (near, far) = memory::pair(CAPACITY);
        let (near, far) = (Failing::new(near, of_client), Failing::new(far, of_server));
        let peer = ClientAddress(IpAddr::V4(Ipv4Addr::LOCALHOST));
        tokio::spawn(converse(
            far,
            peer,
            self.service.clone(),
            self.stages.clone(),
        ));
        Box::pin(async { Ok(TokioIo::new(near)) })
    }
}

impl Connection for Failing<MemoryConnection> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
