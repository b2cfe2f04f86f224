//! The modern era: requests that stand alone.

use std::sync::{Arc, Mutex};

use serde_json::json;
use toolwright::client::{CallError, CallOptions, ServerEvent};
use toolwright::model::ListenFilter;

use crate::wire::modern;
use crate::{config, done, work};

#[tokio::test(start_paused = true)]
async fn an_answer_may_be_one_message_or_a_stream_that_reports_first() {
    let (mut wire, client) = modern(config()).await;
    let calling = work(&client);
    wire.call("tools/call").await.result(done());
    assert!(calling.await.unwrap().is_ok());

    let mut events = client.events();
    let seen = Arc::new(Mutex::new(None));
    let latest = Arc::clone(&seen);
    let options = CallOptions::new().on_progress(move |progress| {
        *latest.lock().unwrap() = progress.progress.as_f64();
    });
    let calling = work(&client.with(options));
    let call = wire.call("tools/call").await;
    let token = call.body()["params"]["_meta"]["progressToken"].clone();
    let stream = call.stream();
    stream.raw(": keep-alive\n\n");
    stream.notify(
        "notifications/progress",
        json!({ "progressToken": token, "progress": 1 }),
    );
    stream.notify(
        "notifications/message",
        json!({ "level": "info", "data": "half" }),
    );
    assert!(matches!(events.next().await, Some(ServerEvent::Log(_))));
    stream.result(done());
    assert!(calling.await.unwrap().is_ok());
    assert_eq!(*seen.lock().unwrap(), Some(1.0));
    drop(stream);
    drop(client);
    assert!(wire.is_over().await, "a modern server is told of nothing");
}

#[tokio::test(start_paused = true)]
async fn fault_48_a_call_that_is_dropped_closes_its_exchange_and_says_nothing() {
    let (mut wire, client) = modern(config()).await;
    let begin = tokio::time::Instant::now();
    let calling = work(&client);
    let call = wire.call("tools/call").await;
    calling.abort();
    call.given_up().await;
    assert!(begin.elapsed() < std::time::Duration::from_millis(100));
    let calling = work(&client);
    let stream = wire.call("tools/call").await.stream();
    stream.raw(":\n\n");
    calling.abort();
    stream.closed().await;
    assert!(wire.is_idle());
}

#[tokio::test(start_paused = true)]
async fn a_call_without_an_answer_in_time_closes_its_exchange() {
    let (mut wire, client) = modern(config()).await;
    let calling = work(&client);
    let call = wire.call("tools/call").await;
    assert!(matches!(calling.await.unwrap(), Err(CallError::Timeout(_))));
    call.given_up().await;
    assert!(wire.is_idle());
}

#[tokio::test(start_paused = true)]
async fn fault_51_progress_renews_the_wait_up_to_the_longest() {
    let (mut wire, client) = modern(config()).await;
    let options = CallOptions::new()
        .timeout(std::time::Duration::from_secs(10))
        .max_total(std::time::Duration::from_secs(25))
        .on_progress(|_| {});
    let calling = work(&client.with(options));
    let call = wire.call("tools/call").await;
    let token = call.body()["params"]["_meta"]["progressToken"].clone();
    let stream = call.stream();
    for step in 1..=4 {
        let params = json!({ "progressToken": token, "progress": step });
        stream.notify("notifications/progress", params);
        tokio::time::sleep(std::time::Duration::from_secs(8)).await;
    }
    assert!(matches!(calling.await.unwrap(), Err(CallError::Overdue(_))));
    stream.closed().await;
}

#[tokio::test(start_paused = true)]
async fn changes_are_heard_on_the_stream_of_their_subscription() {
    let (mut wire, client) = modern(config()).await;
    let filter = ListenFilter {
        tools_list_changed: Some(true),
        ..ListenFilter::default()
    };
    let listening = {
        let client = client.clone();
        let filter = filter.clone();
        tokio::spawn(async move { client.listen(filter).await })
    };
    let listen = wire.call("subscriptions/listen").await;
    let meta = json!({ "io.modelcontextprotocol/subscriptionId": listen.body()["id"] });
    let stream = listen.stream();
    let agreed = json!({ "_meta": meta, "notifications": { "toolsListChanged": true } });
    stream.notify("notifications/subscriptions/acknowledged", agreed);
    let mut subscription = listening.await.unwrap().unwrap();
    assert_eq!(subscription.acknowledged(), &filter);
    stream.notify("notifications/tools/list_changed", json!({ "_meta": meta }));
    assert_eq!(subscription.next().await, Some(ServerEvent::ToolsChanged));
    // Dropped on the way: it ends (SUB-M-09).
    drop(stream);
    assert_eq!(subscription.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_dropped_closes_its_stream() {
    let (mut wire, client) = modern(config()).await;
    let listening = {
        let client = client.clone();
        tokio::spawn(async move { client.subscribe("memo://today").await })
    };
    let listen = wire.call("subscriptions/listen").await;
    let meta = json!({ "io.modelcontextprotocol/subscriptionId": listen.body()["id"] });
    let stream = listen.stream();
    let agreed = json!({ "_meta": meta, "notifications": {} });
    stream.notify("notifications/subscriptions/acknowledged", agreed);
    drop(listening.await.unwrap().unwrap());
    stream.closed().await;
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_and_not_answered_is_lost_and_not_sent_again() {
    let (mut wire, client) = modern(config()).await;
    let calling = work(&client);
    let stream = wire.call("tools/call").await.stream();
    stream.raw("id: 7\ndata: \n\n");
    drop(stream);
    assert!(
        matches!(calling.await.unwrap(), Err(CallError::Lost(_))),
        "CAN-M-03"
    );
    assert!(wire.is_idle());
}
