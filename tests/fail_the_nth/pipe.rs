//! Over a pair of byte streams, as on standard input and output.

use std::sync::Arc;
use std::time::Duration;

use mcp_transport::memory;
use tokio::io::split;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use toolwright::Revision;
use toolwright::server::Error;

use crate::points::{How, Points, fail_each};
use crate::rig::{self, Desk};
use crate::session::session;
use crate::stream::Failing;

/// Bytes that wait in each direction: few, so that messages are read and written in pieces.
const CAPACITY: usize = 700;

/// Whose streams fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Server,
    Client,
}

const ERAS: [Option<Revision>; 3] = [
    Some(Revision::V2026_07_28),
    Some(Revision::V2025_11_25),
    None,
];

#[test]
fn whatever_fails_on_the_streams_of_a_server_ends_and_leaves_nothing() {
    for revision in ERAS {
        let name = format!("server over a pipe, {revision:?}");
        fail_each(&name, &How::OF_STREAMS, 150, |points| {
            run(points, Side::Server, revision)
        });
    }
}

#[test]
fn whatever_fails_on_the_streams_of_a_client_ends_and_leaves_nothing() {
    for revision in ERAS {
        let name = format!("client over a pipe, {revision:?}");
        fail_each(&name, &How::OF_STREAMS, 150, |points| {
            run(points, Side::Client, revision)
        });
    }
}

async fn run(points: Arc<Points>, side: Side, revision: Option<Revision>) {
    let desk = Arc::new(Desk::default());
    let server = rig::server(&desk).build().unwrap();
    let (near, far) = memory::pair(CAPACITY);
    let ((reader, writer), (from, to)) = (split(near), split(far));
    let serving: JoinHandle<Result<(), Error>> = {
        let (server, points) = (server.clone(), Arc::clone(&points));
        tokio::spawn(async move {
            match side {
                Side::Client => server.serve(from, to).await,
                Side::Server => {
                    let from = Failing::new(from, &points);
                    server.serve(from, Failing::new(to, &points)).await
                }
            }
        })
    };
    let builder = rig::builder(revision);
    let connected = match side {
        Side::Server => builder.over(reader, writer).await,
        Side::Client => {
            let reader = Failing::new(reader, &points);
            builder.over(reader, Failing::new(writer, &points)).await
        }
    };
    match connected {
        Ok(client) => session(&client, &server, &points).await,
        Err(error) => assert!(points.has_failed(), "{error}"),
    }
    ends(&points, side, &serving).await;
    rig::serves_others(&server, &points).await;
    server.shutdown();
    // How it ended is nobody's business here; that it did is.
    drop(serving.await.unwrap());
    drop(server);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(desk.running(), 0, "handlers are left");
    assert_eq!(Arc::strong_count(&desk), 1, "the server is left");
}

/// The client is gone, and its server ends by itself; unless it was its reading that got stuck,
/// because then it has never heard of that.
async fn ends(points: &Points, side: Side, serving: &JoinHandle<Result<(), Error>>) {
    if side == Side::Server && points.how() == How::Stuck && points.has_failed() {
        return;
    }
    sleep(Duration::from_secs(60)).await;
    assert!(serving.is_finished(), "the server goes on without a client");
}
