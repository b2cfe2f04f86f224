//! Which era a server belongs to, found by the first request (VER-D-10 to VER-D-13).

use serde_json::json;
use toolwright::client::{CallError, KnownServers};
use toolwright::{Era, Revision};

use crate::wire::{builder, dial};
use crate::{config, done, work};

#[tokio::test(start_paused = true)]
async fn fault_44_a_junk_4xx_falls_back_to_the_handshake_once() {
    for status in [400, 404, 405, 406, 415, 422, 500, 501] {
        let (mut wire, builder) = builder(config());
        let connecting = dial(builder);
        let probe = wire.call("server/discover").await;
        assert_eq!(probe.header("mcp-protocol-version"), Some("2026-07-28"));
        assert_eq!(probe.header("mcp-method"), Some("server/discover"));
        probe.text(status, "text/html", "<h1>What?</h1>");
        let _stream = wire.handshake("2025-06-18", None).await;
        let client = connecting.await.unwrap().unwrap();
        assert_eq!(client.peer().revision.as_str(), "2025-06-18", "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_modern_one_means_the_handshake_too() {
    let junk = |text: &'static str| (200, "text/html", text.to_owned());
    let error = |status, code: i64| {
        let error = json!({ "code": code, "message": "no" });
        let answer = json!({ "jsonrpc": "2.0", "id": 1, "error": error });
        (status, "application/json", answer.to_string())
    };
    for (status, kind, text) in [
        junk("hello"),
        error(200, -32601),
        error(400, -32000),
        error(503, -32603),
        error(404, -32601),
    ] {
        let (mut wire, builder) = builder(config());
        let connecting = dial(builder);
        wire.next().await.text(status, kind, &text);
        let _stream = wire.handshake("2025-11-25", None).await;
        assert!(connecting.await.unwrap().is_ok(), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn fault_44_a_probe_without_an_answer_falls_back_once_and_its_exchange_is_closed() {
    let (mut wire, builder) = builder(config());
    let connecting = dial(builder);
    let probe = wire.call("server/discover").await;
    let _stream = wire.handshake("2025-11-25", None).await;
    probe.given_up().await;
    assert!(connecting.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn fault_44_a_modern_error_never_means_the_handshake() {
    let (mut wire, builder) = builder(config());
    let connecting = dial(builder);
    let data = json!({ "supported": ["2099-01-01"], "requested": "2026-07-28" });
    wire.next().await.error(400, -32022, data);
    let error = connecting.await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::Server(error) if error.code.0 == -32022));
    assert!(wire.is_over().await);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_supports_legacy_versions_alone_is_shaken_hands_with() {
    let (mut wire, builder) = builder(config());
    let connecting = dial(builder);
    let data = json!({ "supported": ["2025-06-18"], "requested": "2026-07-28" });
    wire.next().await.error(400, -32022, data);
    let _stream = wire.handshake("2025-06-18", None).await;
    assert!(connecting.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_away_or_wants_to_know_who_asks_is_of_no_era() {
    for status in [401, 403, 429, 502, 503, 504] {
        let (mut wire, builder) = builder(config());
        let connecting = dial(builder);
        wire.next().await.text(status, "text/plain", "not now");
        let error = connecting.await.unwrap().unwrap_err();
        let why = "not now".to_owned();
        assert_eq!(error, CallError::Refused { status, why });
        assert!(wire.is_over().await);
    }
    let (wire, builder) = builder(config());
    drop(wire);
    let error = dial(builder).await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::Unreachable(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_known_or_pinned_modern_server_is_asked_nothing_first() {
    let known = KnownServers::new();
    let (mut wire, builder) = builder(config());
    let builder = builder.known_servers(known.clone());
    let connecting = dial(builder.clone());
    wire.next().await.discovered();
    let first = connecting.await.unwrap().unwrap();

    let second = dial(builder).await.unwrap().unwrap();
    assert_eq!(second.peer(), first.peer(), "it is remembered what it told");
    let calling = work(&second);
    wire.call("tools/call").await.result(done());
    assert!(calling.await.unwrap().is_ok());

    let (mut wire, builder) = self::builder(config().pin(Revision::NEWEST_MODERN));
    let pinned = dial(builder).await.unwrap().unwrap();
    assert!(wire.is_idle());
    assert_eq!(pinned.peer().capabilities, Default::default());
    let asking = {
        let client = pinned.clone();
        tokio::spawn(async move { client.discover().await })
    };
    wire.next().await.discovered();
    assert!(asking.await.unwrap().unwrap().capabilities.tools.is_some());
    assert!(pinned.peer().capabilities.tools.is_some(), "and kept");
}

#[tokio::test(start_paused = true)]
async fn fault_44_what_a_server_fell_back_to_is_remembered() {
    let (mut wire, builder) = builder(config());
    let connecting = dial(builder.clone());
    wire.next().await.status(404);
    let _stream = wire.handshake("2025-11-25", None).await;
    let _first = connecting.await.unwrap().unwrap();
    let connecting = dial(builder);
    let _stream = wire.handshake("2025-11-25", None).await;
    assert!(connecting.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_not_what_it_was_is_asked_again_and_no_call_is_lost() {
    let (mut wire, builder) = builder(config());
    let connecting = dial(builder.clone());
    wire.next().await.discovered();
    let _first = connecting.await.unwrap().unwrap();

    // Modern before, legacy now.
    let client = dial(builder.clone()).await.unwrap().unwrap();
    let calling = work(&client);
    wire.call("tools/call").await.status(400);
    wire.call("server/discover").await.status(400);
    let stream = wire.handshake("2025-11-25", Some("s")).await;
    let call = wire.call("tools/call").await;
    assert_eq!(
        call.body()["params"],
        json!({ "name": "work", "arguments": {} })
    );
    assert_eq!(call.header("mcp-method"), None);
    assert_eq!(call.header("mcp-session-id"), Some("s"));
    call.result(json!({ "content": [] }));
    assert!(calling.await.unwrap().is_ok());
    assert_eq!(client.peer().revision.era(), Era::Legacy);
    drop((client, stream));
    let farewell = wire.next().await;
    assert_eq!(farewell.request.method(), "DELETE");
    farewell.status(200);

    // Legacy before, modern now.
    let connecting = dial(builder);
    wire.call("initialize").await.status(404);
    wire.next().await.discovered();
    let client = connecting.await.unwrap().unwrap();
    assert_eq!(client.peer().revision.era(), Era::Modern);
}

#[tokio::test(start_paused = true)]
async fn a_server_of_2024_11_05_is_found_by_its_stream() {
    let (mut wire, builder) = builder(config());
    let connecting = dial(builder);
    wire.call("server/discover").await.status(405);
    wire.call("initialize").await.status(405);
    let get = wire.next().await;
    assert_eq!(get.request.method(), "GET");
    assert_eq!(get.header("accept"), Some("text/event-stream"));
    let stream = get.stream();
    stream.raw("event: endpoint\ndata: /messages?session=7\n\n");
    let initialize = wire.call("initialize").await;
    assert_eq!(initialize.path(), "/messages");
    let id = initialize.body()["id"].clone();
    initialize.text(202, "text/plain", "Accepted");
    let info = json!({ "name": "old", "version": "1" });
    let told = json!({ "protocolVersion": "2024-11-05", "capabilities": {}, "serverInfo": info });
    stream.message(&json!({ "jsonrpc": "2.0", "id": id, "result": told }));
    wire.call("notifications/initialized").await.status(202);
    let client = connecting.await.unwrap().unwrap();
    assert_eq!(client.peer().revision.as_str(), "2024-11-05");

    let calling = work(&client);
    let call = wire.call("tools/call").await;
    assert_eq!(call.path(), "/messages");
    let id = call.body()["id"].clone();
    call.status(202);
    stream.message(&json!({ "jsonrpc": "2.0", "id": id, "result": { "content": [] } }));
    assert!(calling.await.unwrap().is_ok());

    let calling = work(&client);
    wire.call("tools/call").await.status(202);
    drop(stream);
    assert_eq!(calling.await.unwrap(), Err(CallError::Closed));
    assert!(client.is_closed());
}

#[tokio::test(start_paused = true)]
async fn messages_go_to_no_other_server_than_the_stream_came_from() {
    for place in ["https://evil.example/messages", "http://host.example/mcp"] {
        let (mut wire, builder) = builder(config());
        let connecting = dial(builder);
        wire.next().await.status(405);
        wire.next().await.status(405);
        let stream = wire.next().await.stream();
        stream.raw(&format!("event: endpoint\ndata: {place}\n\n"));
        let error = connecting.await.unwrap().unwrap_err();
        assert!(error.to_string().contains("another server"), "{error}");
        assert!(wire.is_over().await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_none_is_refused_by_what_it_said_to_the_handshake() {
    let (mut wire, builder) = builder(config());
    let connecting = dial(builder);
    wire.next().await.status(404);
    wire.next().await.text(404, "text/plain", "no such page");
    wire.next().await.status(404);
    let error = connecting.await.unwrap().unwrap_err();
    let why = "no such page".to_owned();
    assert_eq!(error, CallError::Refused { status: 404, why });
    assert!(wire.is_over().await);
}
