//! The client's part of the faults, over HTTP.

use serde_json::{Value, json};
use toolwright::Limits;
use toolwright::client::{Answers, CallError};
use toolwright::jsonrpc::ErrorObject;
use toolwright::model::legacy::Root;
use toolwright::model::{ClientCapabilities, RootsCapability};

use crate::wire::{URL, builder, dial, legacy, modern};
use crate::{config, done, work};

#[tokio::test(start_paused = true)]
async fn fault_07_an_answer_over_the_cap_is_an_error_that_names_it_and_calls_go_on() {
    let limits = Limits {
        response: 1000,
        sse_event: 1000,
        ..Limits::default()
    };
    let (mut wire, client) = modern(config().limits(limits)).await;
    let long = "x".repeat(2000);
    let calling = work(&client);
    let big = json!({ "resultType": "complete", "content": [{ "type": "text", "text": long }] });
    wire.call("tools/call").await.result(big);
    assert_eq!(calling.await.unwrap(), Err(CallError::Limit("response")));

    let calling = work(&client);
    let stream = wire.call("tools/call").await.stream();
    stream.raw(&format!("data: {long}"));
    assert_eq!(calling.await.unwrap(), Err(CallError::Limit("sse_event")));
    stream.closed().await;

    let calling = work(&client);
    wire.call("tools/call").await.result(done());
    assert!(calling.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn fault_28_answers_to_nothing_and_second_answers_are_ignored() {
    let (mut wire, client) = modern(config()).await;
    let calling = work(&client);
    let stream = wire.call("tools/call").await.stream();
    for id in [json!(99), json!("2"), Value::Null, json!(-1)] {
        stream.message(&json!({ "jsonrpc": "2.0", "id": id, "result": { "content": 1 } }));
    }
    stream.result(done());
    stream.result(json!({ "content": 1 }));
    assert!(calling.await.unwrap().is_ok());
    let calling = work(&client);
    wire.call("tools/call").await.result(done());
    assert!(calling.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn fault_29_an_answer_of_another_connection_is_ignored() {
    let (mut wire, client) = modern(config()).await;
    let (mut other_wire, other) = modern(config()).await;
    let calling = work(&client);
    let call = wire.call("tools/call").await;
    let others_call = work(&other);
    let stream = other_wire.call("tools/call").await.stream();
    // The ids of both count from one: that of the other connection is known here too.
    let id = call.body()["id"].clone();
    let forged = json!({ "jsonrpc": "2.0", "id": id, "result": { "content": [{ "type": "text", "text": "forged" }] } });
    stream.message(&forged);
    let got = others_call.await.unwrap().unwrap();
    assert_eq!(
        got.content.len(),
        1,
        "it is an answer on its own connection alone"
    );
    call.result(done());
    assert!(calling.await.unwrap().unwrap().content.is_empty());
}

#[tokio::test(start_paused = true)]
async fn fault_31_an_answer_with_both_or_neither_is_an_error_of_its_caller() {
    let (mut wire, client) = modern(config()).await;
    let error = json!({ "code": 1, "message": "" });
    for rest in [json!({}), json!({ "result": {}, "error": error })] {
        let calling = work(&client);
        let call = wire.call("tools/call").await;
        let mut answer = rest;
        answer["jsonrpc"] = json!("2.0");
        answer["id"] = call.body()["id"].clone();
        call.text(200, "application/json", &answer.to_string());
        let error = calling.await.unwrap().unwrap_err();
        assert!(matches!(error, CallError::Protocol(_)), "{error}");
    }
    for (status, kind, text) in [
        (200, "application/json", ""),
        (200, "application/json", "{"),
        (200, "text/html", "<h1>"),
        (202, "text/plain", ""),
        (204, "text/plain", ""),
    ] {
        let calling = work(&client);
        wire.call("tools/call").await.text(status, kind, text);
        assert!(calling.await.unwrap().is_err(), "{status} {kind} {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn fault_43_a_result_of_an_unknown_type_is_none_and_one_without_type_is_complete() {
    let (mut wire, client) = modern(config()).await;
    let calling = work(&client);
    let strange = json!({ "resultType": "dream", "content": [] });
    wire.call("tools/call").await.result(strange);
    let error = calling.await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::Protocol(_)), "{error}");
    let calling = work(&client);
    wire.call("tools/call")
        .await
        .result(json!({ "content": [] }));
    assert!(calling.await.unwrap().is_ok());
}

struct Rooted;

impl Answers for Rooted {
    async fn roots(&self) -> Result<Vec<Root>, ErrorObject> {
        Ok(Vec::new())
    }
}

#[tokio::test(start_paused = true)]
async fn fault_55_a_server_that_asks_for_ever_is_left() {
    let capabilities = ClientCapabilities {
        roots: Some(RootsCapability::default()),
        ..ClientCapabilities::default()
    };
    let (mut wire, builder) = builder(config().capabilities(capabilities));
    let connecting = dial(builder.answers(Rooted));
    wire.next().await.discovered();
    let client = connecting.await.unwrap().unwrap();
    let calling = work(&client);
    let mut rounds = 0;
    let error = loop {
        if calling.is_finished() {
            break calling.await.unwrap().unwrap_err();
        }
        let asked = json!({ "r": { "method": "roots/list" } });
        let answer =
            json!({ "resultType": "input_required", "inputRequests": asked, "requestState": "s" });
        wire.call("tools/call").await.result(answer);
        rounds += 1;
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    };
    assert!(matches!(error, CallError::Protocol(_)), "{error}");
    assert_eq!(rounds, 33);
}

#[tokio::test(start_paused = true)]
async fn fault_86_streams_of_junk_are_skipped_up_to_a_cap() {
    let (mut wire, client) = modern(config()).await;
    let calling = work(&client);
    let stream = wire.call("tools/call").await.stream();
    stream.raw("id: a\u{0}b\r\nevent: ping\r\ndata: 1\r\r\n\ndata: \n\n: comment\r\n\r\n");
    for _ in 0..100 {
        stream.raw("event: ping\ndata: x\n\n");
    }
    stream.result(done());
    assert!(calling.await.unwrap().is_ok());

    let calling = work(&client);
    let stream = wire.call("tools/call").await.stream();
    stream.raw(&"event: ping\ndata: x\n\n".repeat(50_000));
    assert_eq!(calling.await.unwrap(), Err(CallError::Limit("junk_lines")));
    stream.closed().await;
    let calling = work(&client);
    wire.call("tools/call").await.result(done());
    assert!(calling.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn fault_88_a_redirect_to_another_origin_gets_nothing_at_all() {
    for place in [
        "https://evil.example/mcp",
        "http://host.example/mcp",
        "https://host.example:8443/mcp",
        "//evil.example/mcp",
    ] {
        for status in [301, 302, 303, 307, 308] {
            let (mut wire, builder) = builder(config());
            let connecting = dial(builder.header("authorization", "Bearer secret"));
            wire.next().await.redirect(status, place);
            let error = connecting.await.unwrap().unwrap_err();
            assert!(error.to_string().contains("another server"), "{error}");
            assert!(wire.is_over().await);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn fault_88_a_redirect_on_the_same_server_is_followed_as_long_as_the_request_stays_the_same()
{
    let (mut wire, client) = modern(config()).await;
    let calling = work(&client);
    let call = wire.call("tools/call").await;
    let body = call.body();
    call.redirect(307, "/mcp/");
    let call = wire.call("tools/call").await;
    assert_eq!(call.path(), "/mcp/");
    assert_eq!(call.body(), body);
    call.redirect(308, URL);
    wire.call("tools/call").await.result(done());
    assert!(calling.await.unwrap().is_ok());

    for status in [301, 302, 303] {
        let calling = work(&client);
        wire.call("tools/call").await.redirect(status, "/else");
        let error = calling.await.unwrap().unwrap_err();
        assert!(matches!(error, CallError::Refused { .. }), "{error}");
    }
    let calling = work(&client);
    for _ in 0..4 {
        wire.call("tools/call").await.redirect(307, "/mcp");
    }
    assert!(calling.await.unwrap().is_err());
    assert!(wire.is_idle());
}

#[tokio::test(start_paused = true)]
async fn fault_99_lists_without_end_stop_at_a_cap() {
    let (mut wire, client) = modern(config()).await;
    let tools = client.clone();
    let listing = tokio::spawn(async move { tools.tools().await });
    for _ in 0..2 {
        let list = wire.call("tools/list").await;
        list.result(json!({ "resultType": "complete", "tools": [], "nextCursor": "same" }));
    }
    let error = listing.await.unwrap().unwrap_err();
    assert!(error.to_string().contains("repeats the cursor"), "{error}");
    assert!(wire.is_idle());
}

#[tokio::test(start_paused = true)]
async fn fault_100_icons_that_are_no_https_or_data_uris_are_dropped() {
    let (mut wire, client) = modern(config()).await;
    let listing = tokio::spawn(async move { client.tools().await });
    let icons = json!([
        { "src": "javascript:alert(1)" }, { "src": "file:///etc/passwd" },
        { "src": "https://host.example/i.png" },
    ]);
    let tool = json!({ "name": "work", "inputSchema": { "type": "object" }, "icons": icons });
    let list = wire.call("tools/list").await;
    list.result(json!({ "resultType": "complete", "tools": [tool] }));
    let tools = listing.await.unwrap().unwrap();
    assert_eq!(tools[0].icons.as_ref().map(Vec::len), Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_a_session_with_a_message_over_the_cap_is_left() {
    let limits = Limits {
        sse_event: 1000,
        ..Limits::default()
    };
    let (mut wire, client, stream) = legacy(config().limits(limits)).await;
    stream.raw(&"x".repeat(2000));
    stream.closed().await;
    let calling = work(&client);
    wire.call("tools/call")
        .await
        .result(json!({ "content": [] }));
    assert!(calling.await.unwrap().is_ok());
}
