//! The client against servers that break the rules (the client's part of the faults).
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

mod client_support;

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use client_support::{Script, config};
use serde_json::{Value, json};
use tokio::io::{AsyncWrite, split};
use toolwright::Limits;
use toolwright::client::{Answers, CallError, CallOptions, Client, ServerEvent};

fn done() -> Value {
    json!({ "resultType": "complete", "content": [] })
}

/// A call that is under way, and its request as the server saw it.
macro_rules! call {
    ($script:ident, $client:expr) => {{
        let client = $client.clone();
        let calling = tokio::spawn(async move { client.call("work", json!({})).await });
        (calling, $script.next().await)
    }};
}

#[tokio::test]
async fn fault_07_a_line_over_the_cap_closes_with_an_error_that_names_it() {
    let limits = Limits {
        stdio_line: 1000,
        ..Limits::default()
    };
    let (mut script, client) = Script::modern(config().limits(limits)).await;
    let (calling, _) = call!(script, client);
    // It never ends, so nothing but its length can be judged.
    let endless = "x".repeat(1 << 17);
    let _ = script.try_say(&endless).await;
    let limit = CallError::Limit("stdio_line");
    assert_eq!(calling.await.unwrap(), Err(limit.clone()));
    assert_eq!(client.closed().await, limit);
    assert_eq!(client.call("work", json!({})).await, Err(limit));
    assert!(script.hung_up().await);
}

#[tokio::test]
async fn fault_13_junk_between_messages_is_skipped_and_never_answered() {
    let (mut script, client) = Script::modern(config()).await;
    for _ in 0..3 {
        let (calling, request) = call!(script, client);
        for junk in [
            "Listening on stdio",
            "{",
            "[]",
            "null",
            "\u{7}",
            "{\"a\":1}",
        ] {
            for _ in 0..100 {
                script.say(junk).await;
            }
        }
        script.answer(&request, done()).await;
        assert!(calling.await.unwrap().is_ok());
    }
    drop(client);
    assert!(script.hung_up().await, "nothing was answered to the junk");
}

#[tokio::test]
async fn fault_13_a_server_that_says_nothing_but_junk_is_left() {
    let (mut script, client) = Script::modern(config()).await;
    let (calling, _) = call!(script, client);
    for _ in 0..=Limits::default().junk_lines {
        let _ = script.try_say("junk").await;
    }
    assert_eq!(calling.await.unwrap(), Err(CallError::Limit("junk_lines")));
    let (mut script, connecting) = Script::dial(config());
    let connecting = tokio::spawn(connecting);
    script.next().await;
    for _ in 0..=Limits::default().junk_lines {
        let _ = script.try_say("junk").await;
    }
    assert_eq!(
        connecting.await.unwrap().unwrap_err(),
        CallError::Limit("junk_lines")
    );
}

#[tokio::test]
async fn fault_28_answers_to_nothing_and_second_answers_are_ignored() {
    let (mut script, client) = Script::modern(config()).await;
    let (calling, request) = call!(script, client);
    for id in [json!(99), json!("2"), json!(null), json!(-1)] {
        script
            .answer(&json!({ "id": id }), json!({ "content": 1 }))
            .await;
    }
    script.answer(&request, done()).await;
    script.answer(&request, json!({ "content": 1 })).await;
    assert!(calling.await.unwrap().is_ok());
    let (calling, request) = call!(script, client);
    script.answer(&request, done()).await;
    assert!(calling.await.unwrap().is_ok());
}

#[tokio::test]
async fn fault_31_an_answer_with_both_or_neither_is_an_error_of_its_caller() {
    let (mut script, client) = Script::modern(config()).await;
    for rest in [
        json!({}),
        json!({ "result": {}, "error": { "code": 1, "message": "" } }),
    ] {
        let (calling, request) = call!(script, client);
        let mut answer = rest;
        answer["jsonrpc"] = json!("2.0");
        answer["id"] = request["id"].clone();
        script.say(&answer.to_string()).await;
        let error = calling.await.unwrap().unwrap_err();
        assert!(matches!(error, CallError::Protocol(_)), "{error}");
    }
}

#[tokio::test]
async fn fault_43_a_result_of_an_unknown_type_is_none_and_one_without_type_is_complete() {
    let (mut script, client) = Script::modern(config()).await;
    let (calling, request) = call!(script, client);
    script
        .answer(&request, json!({ "resultType": "stew", "content": [] }))
        .await;
    let error = calling.await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::Protocol(_)), "{error}");
    let (calling, request) = call!(script, client);
    script.answer(&request, json!({ "content": [] })).await;
    assert!(calling.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn fault_44_a_probe_without_answer_falls_back_once_and_a_modern_error_does_not() {
    let (mut script, client) = Script::dial(config());
    let (client, ()) = tokio::join!(client, async {
        assert_eq!(script.next().await["method"], "server/discover");
        let handshake = script.next().await;
        script.initialized(&handshake).await;
    });
    assert!(client.is_ok());

    let (mut script, client) = Script::dial(config());
    let (client, ()) = tokio::join!(client, async {
        let probe = script.next().await;
        let data = json!({ "supported": ["2099-01-01"], "requested": "2026-07-28" });
        let error = json!({ "code": -32022, "message": "no", "data": data });
        let answer = json!({ "jsonrpc": "2.0", "id": probe["id"], "error": error });
        script.say(&answer.to_string()).await;
        assert!(script.hung_up().await);
    });
    assert!(matches!(client, Err(CallError::Server(_))));
}

#[tokio::test]
async fn fault_48_a_call_that_is_dropped_is_cancelled_and_its_answer_ignored() {
    let (mut script, client) = Script::modern(config()).await;
    let (calling, request) = call!(script, client);
    calling.abort();
    let cancelled = script.next().await;
    assert_eq!(cancelled["method"], "notifications/cancelled");
    assert_eq!(cancelled["params"]["requestId"], request["id"]);
    script.answer(&request, done()).await;
    let (calling, request) = call!(script, client);
    script.answer(&request, done()).await;
    assert!(calling.await.unwrap().is_ok());
}

fn progress(request: &Value, done: f64) -> Value {
    let token = &request["params"]["_meta"]["progressToken"];
    json!({ "progressToken": token, "progress": done })
}

#[tokio::test]
async fn fault_49_progress_that_goes_back_or_belongs_to_nothing_is_ignored() {
    let (mut script, client) = Script::modern(config()).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    let options = CallOptions::new().on_progress(move |progress| {
        sink.lock()
            .unwrap()
            .push(progress.progress.as_f64().unwrap());
    });
    let watched = client.with(options);
    let (calling, request) = call!(script, watched);
    let method = "notifications/progress";
    for step in [1.0, 1.0, 0.5, -3.0] {
        script.notify(method, progress(&request, step)).await;
    }
    script
        .notify(method, json!({ "progressToken": "?", "progress": 9 }))
        .await;
    script.answer(&request, done()).await;
    script.notify(method, progress(&request, 7.0)).await;
    assert!(calling.await.unwrap().is_ok());
    assert_eq!(*seen.lock().unwrap(), [1.0]);
}

#[tokio::test(start_paused = true)]
async fn fault_51_progress_resets_the_timer_and_the_maximum_is_still_enforced() {
    let (mut script, client) = Script::modern(config()).await;
    let second = Duration::from_secs(1);
    let options = CallOptions::new()
        .timeout(second * 10)
        .max_total(second * 60)
        .on_progress(|_| {});
    let client = client.with(options);
    let begin = tokio::time::Instant::now();
    let (calling, request) = call!(script, client);
    for step in 1..=7 {
        tokio::time::sleep(second * 8).await;
        script
            .notify("notifications/progress", progress(&request, step.into()))
            .await;
    }
    assert_eq!(calling.await.unwrap(), Err(CallError::Overdue(second * 60)));
    assert_eq!(begin.elapsed().as_secs(), 60);
    assert_eq!(script.next().await["method"], "notifications/cancelled");

    let (calling, _) = call!(script, client);
    assert_eq!(calling.await.unwrap(), Err(CallError::Timeout(second * 10)));
    assert_eq!(begin.elapsed().as_secs(), 70);
}

#[tokio::test]
async fn fault_99_lists_without_end_stop_at_a_cap() {
    let limits = Limits {
        list_entries: 500,
        list_bytes: 1_000_000,
        ..Limits::default()
    };
    let (mut script, client) = Script::modern(config().limits(limits)).await;
    let listing = |client: &toolwright::client::Client| {
        let client = client.clone();
        tokio::spawn(async move { client.tools().await.unwrap_err().to_string() })
    };
    let tool = |description: &str| json!({ "name": "t", "description": description, "inputSchema": { "type": "object" } });

    let asked = listing(&client);
    let page = json!({ "tools": vec![tool(""); 400], "nextCursor": "a" });
    script.serve("tools/list", page.clone()).await;
    let mut next = page;
    next["nextCursor"] = json!("b");
    let request = script.serve("tools/list", next).await;
    assert_eq!(request["params"]["cursor"], "a");
    assert!(asked.await.unwrap().contains("(limit `list_entries`)"));

    let asked = listing(&client);
    let page = json!({ "tools": [tool(&"x".repeat(1_100_000))] });
    script.serve("tools/list", page).await;
    assert!(asked.await.unwrap().contains("(limit `list_bytes`)"));

    let asked = listing(&client);
    for cursor in ["a", "b", "a"] {
        let page = json!({ "tools": [], "nextCursor": cursor });
        script.serve("tools/list", page).await;
    }
    assert!(asked.await.unwrap().contains("repeats the cursor \"a\""));
}

#[test]
fn fault_99_what_no_list_holds_is_beyond_the_caps_as_they_come() {
    let Limits {
        list_entries,
        stdio_line,
        response,
        sse_event,
        ..
    } = Limits::default();
    assert!(list_entries < 200_000);
    for one_message in [stdio_line, response, sse_event] {
        assert!(one_message < 50_000_000);
    }
}

#[tokio::test]
async fn a_flood_of_notifications_costs_the_oldest_and_not_the_memory() {
    let limits = Limits {
        queue: 4,
        ..Limits::default()
    };
    let (mut script, client) = Script::modern(config().limits(limits)).await;
    let mut events = client.events();
    let (calling, request) = call!(script, client);
    for number in 0..10 {
        let params = json!({ "uri": format!("n:{number}") });
        script
            .notify("notifications/resources/updated", params)
            .await;
    }
    script.answer(&request, done()).await;
    assert!(calling.await.unwrap().is_ok());
    assert_eq!(events.next().await, Some(ServerEvent::Missed(6)));
    let oldest = ServerEvent::ResourceUpdated("n:6".to_owned());
    assert_eq!(events.next().await, Some(oldest));
}

#[tokio::test]
async fn a_question_that_the_client_refuses_ends_the_call_without_blaming_the_server() {
    struct Silent;
    impl Answers for Silent {}
    let (mut script, near) = Script::pair();
    let (reader, writer) = split(near);
    let connecting = Client::builder(config())
        .answers(Silent)
        .over(reader, writer);
    let (client, ()) = tokio::join!(connecting, async {
        let probe = script.next().await;
        script.discovered(&probe).await;
    });
    let client = client.unwrap();
    let (calling, request) = call!(script, client);
    let asks = json!({ "where": { "method": "roots/list" } });
    let asked = json!({ "resultType": "input_required", "inputRequests": asks });
    script.answer(&request, asked).await;
    let error = calling.await.unwrap().unwrap_err();
    assert!(
        matches!(&error, CallError::Unanswered { key, .. } if key == "where"),
        "{error}"
    );
    // It is not sent again, and the connection goes on (MRTR-M-10).
    let (calling, request) = call!(script, client);
    assert!(request["params"].get("inputResponses").is_none());
    script.answer(&request, done()).await;
    assert!(calling.await.unwrap().is_ok());
}

/// A stream that takes everything, and its own end never.
struct Unending<W>(W);

impl<W: AsyncWrite + Unpin> AsyncWrite for Unending<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_dropped_leaves_although_its_stream_does_not_end() {
    let (mut script, near) = Script::pair();
    let (reader, writer) = split(near);
    let connecting = Client::over(reader, Unending(writer), config());
    let (client, ()) = tokio::join!(connecting, async {
        let probe = script.next().await;
        script.discovered(&probe).await;
    });
    drop(client.unwrap());
    let left = tokio::time::timeout(Duration::from_secs(60), script.hung_up()).await;
    assert_eq!(left, Ok(true), "Limits::drain_unread is over");
}
