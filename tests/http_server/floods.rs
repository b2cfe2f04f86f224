//! More sessions than anybody needs (faults 81 and 82).

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::map_request;
use tokio::net::TcpListener;
use toolwright::Limits;
use toolwright::http::{ClientAddress, HttpOptions};

use crate::auth::ByName;
use crate::legacy::{Client, ask, initialize};
use crate::peer::{Peer, with_header};
use crate::server::{Live, start_with};

async fn start(limits: Limits) -> Live {
    start_with(|server| server.limits(limits), HttpOptions::default()).await
}

#[tokio::test]
async fn fault_81_more_sessions_than_allowed_are_refused_for_now() {
    let server = start(Limits {
        sessions: 2,
        ..Limits::default()
    })
    .await;
    let first = Client::new(&server).await;
    Client::new(&server).await;
    let mut peer = server.peer().await;
    let refused = peer.ask(initialize("2025-11-25")).await;
    assert_eq!(refused.error(), (503, -32600));
    assert!(refused.body.contains("limit `sessions`"));
    assert!(refused.head.header("retry-after").is_some());
    server.still_serves(&mut peer).await;
    assert_eq!(ask(&server, first.delete()).await.status(), 204);
    Client::new(&server).await;
}

#[tokio::test]
async fn fault_81_sessions_that_nobody_ends_make_room_when_they_idled_for_too_long() {
    const SESSIONS: usize = 5;
    let limits = Limits {
        sessions: SESSIONS,
        ..Limits::default()
    };
    let idle = limits.session_idle;
    let server = start(limits).await;
    let mut left = Vec::new();
    for _ in 0..SESSIONS {
        left.push(Client::new(&server).await);
    }
    let busy = &left[0];
    let mut peer = server.peer().await;
    peer.send(busy.get(&[])).await;
    peer.head().await;
    let one_more = || ask(&server, initialize("2025-11-25"));
    assert_eq!(one_more().await.status(), 503);
    // Of those that nobody uses nothing is left; the one that is listened to goes on.
    tokio::time::pause();
    tokio::time::advance(idle + Duration::from_secs(1)).await;
    tokio::time::resume();
    for _ in 1..SESSIONS {
        assert_eq!(one_more().await.status(), 200);
    }
    assert_eq!(one_more().await.status(), 503);
    for gone in &left[1..] {
        assert_eq!(ask(&server, gone.delete()).await.status(), 404);
    }
    assert_eq!(ask(&server, busy.delete()).await.status(), 204);
}

#[tokio::test]
async fn fault_82_a_flood_of_handshakes_from_one_address_is_refused_and_harms_no_one() {
    let server = start(Limits {
        peer_sessions: 3,
        ..Limits::default()
    })
    .await;
    let mut peer = server.peer().await;
    let mut last = None;
    for _ in 0..3 {
        last = Some(Client::new(&server).await);
    }
    for _ in 0..100 {
        let refused = peer.ask(initialize("2025-11-25")).await;
        assert_eq!(refused.error(), (429, -32600));
        assert!(refused.body.contains("limit `peer_sessions`"));
        assert!(refused.head.header("retry-after").is_some());
    }
    server.still_serves(&mut peer).await;
    let last = last.unwrap();
    assert_eq!(ask(&server, last.delete()).await.status(), 204);
    Client::new(&server).await;
}

#[tokio::test]
async fn fault_82_a_principal_that_has_enough_leaves_room_for_the_others() {
    let limits = Limits {
        peer_sessions: 2,
        ..Limits::default()
    };
    let options = HttpOptions::default().auth(ByName);
    let server = start_with(|server| server.limits(limits), options).await;
    for (who, status) in [
        ("ann", 200),
        ("ann", 200),
        ("ann", 429),
        ("bob", 200),
        ("ann", 429),
        ("bob", 200),
        ("bob", 429),
    ] {
        let answer = ask(
            &server,
            with_header("authorization", who, initialize("2025-11-25")),
        )
        .await;
        assert_eq!(answer.status(), status, "{who}");
    }
    let stranger = ask(&server, initialize("2025-11-25")).await;
    assert_eq!(stranger.status(), 401);
}

#[tokio::test]
async fn fault_82_a_mounted_endpoint_is_told_the_addresses_by_its_router() {
    let limits = Limits {
        peer_sessions: 1,
        ..Limits::default()
    };
    let built = toolwright::server!().limits(limits).build().unwrap();
    let router = Router::new()
        .route_service("/mcp", built.http(HttpOptions::default()))
        .layer(map_request(as_the_proxy_says));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    for (said, status) in [
        ("192.0.2.1", 200),
        ("192.0.2.1", 429),
        ("192.0.2.2", 200),
        ("", 200),
        ("", 200),
    ] {
        let request = with_header("x-forwarded-for", said, initialize("2025-11-25"));
        let answer = Peer::connect(address).await.ask(request).await;
        assert_eq!(answer.status(), status, "{said}");
    }
}

async fn as_the_proxy_says(mut request: Request) -> Request {
    let said = request.headers().get("x-forwarded-for");
    let said = said.and_then(|said| said.to_str().ok()?.parse().ok());
    if let Some(address) = said.map(ClientAddress) {
        request.extensions_mut().insert(address);
    }
    request
}
