//! A host listens again when a server ends a subscription. Time is virtual.
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

mod client_support;

use std::sync::Mutex;

use client_support::{Script, config};
use serde_json::{Value, json};
use tokio::io::{DuplexStream, split};
use tokio::time::Instant;
use toolwright::client::{
    Backoff, ClientBuilder, Connecting, Connector, Host, HostEventKind, HostEvents, ServerEvent,
};

/// One connection, made once.
struct Once(Mutex<Option<DuplexStream>>);

impl Connector for Once {
    fn connect(&self, builder: ClientBuilder) -> Connecting {
        let near = self.0.lock().unwrap().take().expect("it connects once");
        Box::pin(async move {
            let (reader, writer) = split(near);
            Ok(builder.over(reader, writer).await?)
        })
    }
}

/// A host of one modern server, which has agreed to tell of its tools.
async fn listening() -> (Script, Value, HostEvents, Host) {
    let (mut script, near) = Script::pair();
    let builder = Host::builder(config())
        .backoff(Backoff::new().jitter(|| 0.0))
        .server("s", Once(Mutex::new(Some(near))));
    let events = builder.events();
    let host = builder.start();
    let probe = script.next().await;
    script.discovered(&probe).await;
    let listen = script.next().await;
    agree(&mut script, &listen).await;
    (script, listen, events, host)
}

async fn agree(script: &mut Script, listen: &Value) {
    assert_eq!(listen["method"], "subscriptions/listen");
    let filter = &listen["params"]["notifications"];
    assert_eq!(filter, &json!({ "toolsListChanged": true }));
    let params = json!({ "notifications": filter, "_meta": subscription(listen) });
    script
        .notify("notifications/subscriptions/acknowledged", params)
        .await;
}

fn subscription(listen: &Value) -> Value {
    json!({ "io.modelcontextprotocol/subscriptionId": listen["id"] })
}

/// Ends a subscription as a server should (SUB-M-08).
async fn end(script: &mut Script, listen: &Value) {
    let result = json!({ "resultType": "complete", "_meta": subscription(listen) });
    script.answer(listen, result).await;
}

#[tokio::test(start_paused = true)]
async fn fault_87_a_subscription_that_the_server_ends_is_asked_for_again_after_a_wait_that_grows() {
    let (mut script, mut listen, mut events, _host) = listening().await;
    for wait in [500, 1_000, 2_000] {
        let begin = Instant::now();
        end(&mut script, &listen).await;
        let again = script.next().await;
        assert_eq!(begin.elapsed().as_millis(), wait);
        assert_ne!(again["id"], listen["id"]);
        agree(&mut script, &again).await;
        while events.next().await.unwrap().kind != HostEventKind::ListeningAgain {}
        listen = again;
    }
    let changed = json!({ "_meta": subscription(&listen) });
    script
        .notify("notifications/tools/list_changed", changed)
        .await;
    let said = HostEventKind::Said(ServerEvent::ToolsChanged);
    while events.next().await.unwrap().kind != said {}
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_lasted_is_asked_for_again_after_the_shortest_wait() {
    let (mut script, mut listen, _events, _host) = listening().await;
    for _ in 0..3 {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        let begin = Instant::now();
        end(&mut script, &listen).await;
        listen = script.next().await;
        assert_eq!(begin.elapsed().as_millis(), 500);
        agree(&mut script, &listen).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_to_tell_is_asked_no_more_in_the_end_and_goes_on_to_be_used() {
    let (mut script, listen, _events, host) = listening().await;
    end(&mut script, &listen).await;
    for _ in 0..10 {
        let again = script.next().await;
        assert_eq!(again["method"], "subscriptions/listen");
        let error = json!({ "code": -32603, "message": "no more" });
        let answer = json!({ "jsonrpc": "2.0", "id": again["id"], "error": error });
        script.say(&answer.to_string()).await;
    }
    let client = host.client("s").await.unwrap();
    let calling = tokio::spawn(async move { client.call("work", json!({})).await });
    let done = json!({ "resultType": "complete", "content": [] });
    let call = script.serve("tools/call", done).await;
    assert_eq!(call["params"]["name"], "work");
    assert!(calling.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_was_listed_is_listed_anew_after_a_gap_in_listening() {
    let (mut script, listen, mut events, host) = listening().await;
    let tool = json!({ "name": "work", "inputSchema": { "type": "object" } });
    let tools = json!({ "resultType": "complete", "tools": [tool] });
    for gap in [false, true] {
        if gap {
            end(&mut script, &listen).await;
            let again = script.next().await;
            agree(&mut script, &again).await;
            while events.next().await.unwrap().kind != HostEventKind::ListeningAgain {}
        }
        let (listed, _) = tokio::join!(host.tools(), script.serve("tools/list", tools.clone()));
        assert_eq!(listed[0].name, "s.work");
    }
}
