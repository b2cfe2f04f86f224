//! HTTP/2: calls like any other, and what a client can do to its connection there.

use std::time::Duration;

use serde_json::json;
use toolwright::http::HttpOptions;
use toolwright::prelude::*;

use crate::frames::{
    CANCEL, CONTINUATION, DATA, END_HEADERS, END_STREAM, Frame, H2, HEADERS, RST_STREAM,
    WINDOW_UPDATE, call, head, literal, post,
};
use crate::peer::message;
use crate::server::{start, start_with};

#[tokio::test]
async fn a_call_goes_over_http_2_like_any_other() {
    let server = start().await;
    let mut peer = H2::connect(&server).await;
    peer.send(&call(1, "add", json!({ "a": 2, "b": 3 }))).await;
    let answer = peer.answer(1).await;
    assert_eq!((answer.status, answer.text()), (Some(200), "5".to_owned()));
}

#[tokio::test]
async fn calls_on_one_http_2_connection_are_answered_in_the_order_they_end() {
    let server = start().await;
    let mut peer = H2::connect(&server).await;
    peer.send(&call(1, "wait", json!({}))).await;
    peer.send(&call(3, "report", json!({}))).await;
    server.desk.began.acquire_many(2).await.unwrap().forget();
    let (head, event) = (peer.frame().await.unwrap(), peer.frame().await.unwrap());
    assert_eq!((head.kind, head.stream, event.stream), (HEADERS, 3, 3));
    assert!(event.payload.starts_with(b"data: "), "a report is an event");
    peer.still_serves(5).await;
    server.desk.go.notify_one();
    assert_eq!(peer.answer(1).await.text(), "gone on");
    server.desk.go.notify_one();
    assert!(peer.answer(3).await.body.contains("reported"));
}

#[tokio::test]
async fn fault_47_a_reset_stream_cancels_its_call_and_no_other() {
    let server = start().await;
    let mut peer = H2::connect(&server).await;
    peer.send(&call(1, "wait", json!({}))).await;
    server.desk.began.acquire().await.unwrap().forget();
    peer.send(&call(3, "wait", json!({}))).await;
    server.desk.began.acquire().await.unwrap().forget();
    peer.send(&[Frame::new(RST_STREAM, 0, 1, CANCEL)]).await;
    server.desk.cancelled.acquire().await.unwrap().forget();
    server.desk.go.notify_one();
    assert_eq!(peer.answer(3).await.text(), "gone on");
    peer.still_serves(5).await;
}

#[tokio::test]
async fn fault_59_an_authority_of_another_host_is_refused() {
    let server = start().await;
    let list = message(1, "tools/list", json!({})).to_string();
    let mirrored = ("mcp-method", "tools/list");
    for (authority, host, status) in [
        ("127.0.0.1", None, 200),
        ("127.0.0.1", Some("127.0.0.1"), 200),
        ("evil.example.com", None, 403),
        ("evil.example.com", Some("127.0.0.1"), 400),
        ("127.0.0.1", Some("evil.example.com"), 400),
    ] {
        let mut peer = H2::connect(&server).await;
        let host = host.map(|host| ("host", host));
        let more: Vec<_> = [mirrored].into_iter().chain(host).collect();
        let head = Frame::new(HEADERS, END_HEADERS, 1, head(authority, &more));
        peer.send(&[head, Frame::new(DATA, END_STREAM, 1, list.clone())])
            .await;
        let answer = peer.answer(1).await;
        assert_eq!(answer.status, Some(status), "{authority} {more:?}");
        peer.still_serves(3).await;
    }
    server.serves_others().await;
}

#[tokio::test]
async fn fault_70_streams_that_are_reset_as_soon_as_they_begin_end_the_connection() {
    let server = start().await;
    let mut other = H2::connect(&server).await;
    other.still_serves(1).await;
    let mut peer = H2::connect(&server).await;
    let flood: Vec<_> = (0..500)
        .map(|n| 2 * n + 1)
        .flat_map(|stream| {
            let head = head("127.0.0.1", &[("mcp-method", "tools/list")]);
            [
                Frame::new(HEADERS, END_HEADERS, stream, head),
                Frame::new(RST_STREAM, 0, stream, CANCEL),
            ]
        })
        .collect();
    peer.send(&flood).await;
    assert_eq!(peer.goes_away().await, 0xb, "calm is asked for");
    other.still_serves(3).await;
    server.serves_others().await;
}

#[tokio::test]
async fn fault_70_a_head_that_never_ends_ends_the_connection() {
    let server = start().await;
    let mut other = H2::connect(&server).await;
    other.still_serves(1).await;
    let mut filler = Vec::new();
    for _ in 0..50 {
        literal(&mut filler, "x-more", &"x".repeat(100));
    }
    for part in [filler, Vec::new()] {
        let mut peer = H2::connect(&server).await;
        peer.send(&[Frame::new(HEADERS, 0, 1, head("127.0.0.1", &[]))])
            .await;
        let flood: Vec<_> = (0..1000)
            .map(|_| Frame::new(CONTINUATION, 0, 1, part.clone()))
            .collect();
        peer.send(&flood).await;
        assert_ne!(peer.goes_away().await, 0);
    }
    other.still_serves(3).await;
    server.serves_others().await;
}

#[tokio::test]
async fn fault_71_a_head_of_too_many_fields_is_refused_over_http_2_too() {
    let server = start().await;
    let list = message(1, "tools/list", json!({}));
    // Every head here has four fields of its own.
    for (fields, status) in [(96, 200), (97, 431)] {
        let names: Vec<_> = (0..fields).map(|n| format!("x-{n}")).collect();
        let mut more = vec![("mcp-method", "tools/list")];
        more.extend(names.iter().map(|name| (name.as_str(), "1")));
        let mut peer = H2::connect(&server).await;
        peer.send(&post(1, &more, &list)).await;
        let answer = peer.answer(1).await;
        assert_eq!(answer.status, Some(status), "{fields}");
        peer.still_serves(3).await;
    }
    server.serves_others().await;
}

/// More than the window of a stream is by default.
const LENGTHY: usize = 1 << 20;

/// Answers at length.
#[tool]
fn verbose() -> String {
    "x".repeat(LENGTHY)
}

/// Reports at length, and never comes to an end.
#[tool]
async fn endless(cx: Context) {
    cx.progress(1.0, None, Some(&"x".repeat(LENGTHY)));
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn fault_68_a_stream_of_http_2_that_is_not_read_is_reset_and_its_connection_goes_on() {
    let limits = toolwright::Limits {
        write_timeout: Duration::from_secs(5),
        ..toolwright::Limits::default()
    };
    let change = |server: Server| server.limits(limits).tool::<(verbose, endless)>();
    let server = start_with(change, HttpOptions::default()).await;
    let mut peer = H2::connect(&server).await;
    // The connection has room for everything, each stream for what it has by default.
    let room = u32::try_from(LENGTHY * 8).unwrap().to_be_bytes();
    peer.send(&[Frame::new(WINDOW_UPDATE, 0, 0, room)]).await;
    for (stream, tool) in [(1, "verbose"), (3, "endless")] {
        peer.send(&call(stream, tool, json!({}))).await;
        tokio::time::pause();
        let mut read = 0;
        let reset = loop {
            let frame = peer.frame().await.expect("the connection goes on");
            assert_eq!(frame.stream, stream);
            match frame.kind {
                DATA => read += frame.payload.len(),
                HEADERS => {}
                _ => break frame,
            }
        };
        tokio::time::resume();
        assert_eq!((reset.kind, &reset.payload[..]), (RST_STREAM, &CANCEL[..]));
        assert_eq!(read, 65_535, "all that there was room for");
    }
    peer.still_serves(5).await;
    server.serves_others().await;
}

#[tokio::test]
async fn a_long_answer_over_http_2_comes_whole_to_who_reads_it() {
    let server = start_with(|server| server.tool::<verbose>(), HttpOptions::default()).await;
    let mut peer = H2::connect(&server).await;
    let room = u32::try_from(LENGTHY * 8).unwrap().to_be_bytes();
    let more = |stream| Frame::new(WINDOW_UPDATE, 0, stream, room);
    peer.send(&[more(0)]).await;
    peer.send(&call(1, "verbose", json!({}))).await;
    peer.send(&[more(1)]).await;
    assert_eq!(peer.answer(1).await.text().len(), LENGTHY);
    peer.still_serves(3).await;
}
