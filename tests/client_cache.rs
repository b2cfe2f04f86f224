//! Results that the server calls fresh, in virtual time (CCH-M-01 to CCH-M-04), and subscriptions.
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

mod client_support;

use std::time::Duration;

use client_support::{Script, config};
use serde_json::{Value, json};
use toolwright::client::{CachePolicy, CallOptions, Client, ServerEvent};
use toolwright::model::ListenFilter;

fn page(name: &str, ttl: Value) -> Value {
    let tool = json!({ "name": name, "inputSchema": { "type": "object" } });
    json!({ "tools": [tool], "ttlMs": ttl, "cacheScope": "private" })
}

/// Lists while the server answers with `page`.
async fn ask(script: &mut Script, client: &Client, page: Value) -> String {
    let (listed, _) = tokio::join!(client.tools(), script.serve("tools/list", page));
    listed.unwrap()[0].name.clone()
}

/// Lists while the server says nothing.
async fn cached(client: &Client) -> String {
    client.tools().await.unwrap()[0].name.clone()
}

#[tokio::test(start_paused = true)]
async fn a_result_is_used_again_until_its_time_is_over() {
    let (mut script, client) = Script::modern(config()).await;
    assert_eq!(ask(&mut script, &client, page("a", json!(1000))).await, "a");
    tokio::time::sleep(Duration::from_millis(999)).await;
    assert_eq!(cached(&client).await, "a");
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(ask(&mut script, &client, page("b", json!(1000))).await, "b");
    assert_eq!(cached(&client.clone()).await, "b");
}

#[tokio::test(start_paused = true)]
async fn what_has_no_time_or_a_strange_one_is_never_kept() {
    let (mut script, client) = Script::modern(config()).await;
    for ttl in [json!(0), json!(-1), json!(null), json!("1000"), json!(1.5)] {
        ask(&mut script, &client, page("a", ttl)).await;
    }
    ask(&mut script, &client, page("b", json!(1))).await;
}

#[tokio::test(start_paused = true)]
async fn a_change_invalidates_at_once_and_overtakes_an_answer_under_way() {
    let (mut script, client) = Script::modern(config()).await;
    let changed = "notifications/tools/list_changed";
    let mut events = client.events();
    ask(&mut script, &client, page("a", json!(60_000))).await;
    script.notify(changed, json!({})).await;
    assert_eq!(events.next().await, Some(ServerEvent::ToolsChanged));

    let asking = {
        let client = client.clone();
        tokio::spawn(async move { client.tools().await })
    };
    let request = script.next().await;
    script.notify(changed, json!({})).await;
    script.answer(&request, page("b", json!(60_000))).await;
    assert_eq!(asking.await.unwrap().unwrap()[0].name, "b");
    assert_eq!(
        ask(&mut script, &client, page("c", json!(60_000))).await,
        "c"
    );
    assert_eq!(cached(&client).await, "c");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_asks_and_keeps_what_it_got() {
    let (mut script, client) = Script::modern(config()).await;
    ask(&mut script, &client, page("a", json!(60_000))).await;
    let fresh = client.with(CallOptions::new().cache(CachePolicy::Refresh));
    assert_eq!(
        ask(&mut script, &fresh, page("b", json!(60_000))).await,
        "b"
    );
    assert_eq!(cached(&client).await, "b");
}

#[tokio::test(start_paused = true)]
async fn a_resource_is_kept_by_its_uri_until_it_or_what_lies_below_it_is_updated() {
    let (mut script, client) = Script::modern(config()).await;
    let contents =
        |uri: &str| json!({ "contents": [{ "uri": uri, "text": "t" }], "ttlMs": 60_000 });
    for uri in ["file:///a", "file:///b"] {
        let serving = script.serve("resources/read", contents(uri));
        let (read, _) = tokio::join!(client.read(uri), serving);
        read.unwrap();
        client.read(uri).await.unwrap();
    }
    let mut events = client.events();
    let params = json!({ "uri": "file:///a/part" });
    script
        .notify("notifications/resources/updated", params)
        .await;
    events.next().await.unwrap();
    client.read("file:///b").await.unwrap();
    let serving = script.serve("resources/read", contents("file:///a"));
    let (read, _) = tokio::join!(client.read("file:///a"), serving);
    read.unwrap();
}

#[tokio::test(start_paused = true)]
async fn pages_are_kept_one_by_one_and_all_dropped_with_a_dead_cursor() {
    let (mut script, client) = Script::modern(config()).await;
    let mut first = page("a", json!(60_000));
    first["nextCursor"] = json!("2");
    let (listed, ()) = tokio::join!(client.tools(), async {
        script.serve("tools/list", first.clone()).await;
        script.serve("tools/list", page("b", json!(0))).await;
    });
    assert_eq!(listed.unwrap().len(), 2);
    let (listed, ()) = tokio::join!(client.tools(), async {
        let request = script.next().await;
        assert_eq!(request["params"]["cursor"], "2", "the first page is fresh");
        let error = json!({ "code": -32602, "message": "no such cursor" });
        let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "error": error });
        script.say(&answer.to_string()).await;
    });
    assert!(listed.is_err());
    assert_eq!(ask(&mut script, &client, page("c", json!(0))).await, "c");
}

#[tokio::test]
async fn more_than_the_cache_holds_costs_what_is_stale_first() {
    let limits = toolwright::Limits {
        client_cache: 250,
        ..toolwright::Limits::default()
    };
    let (mut script, client) = Script::modern(config().limits(limits)).await;
    let contents = |ttl: u64| json!({ "contents": [], "text": "x".repeat(50), "ttlMs": ttl });
    for (uri, ttl) in [("u:1", 50_000), ("u:2", 90_000), ("u:3", 70_000)] {
        let serving = script.serve("resources/read", contents(ttl));
        let (read, _) = tokio::join!(client.read(uri), serving);
        read.unwrap();
    }
    client.read("u:2").await.unwrap();
    client.read("u:3").await.unwrap();
    let serving = script.serve("resources/read", contents(0));
    let (read, request) = tokio::join!(client.read("u:1"), serving);
    read.unwrap();
    assert_eq!(request["params"]["uri"], "u:1");
}

fn listening_to_tools() -> ListenFilter {
    ListenFilter {
        tools_list_changed: Some(true),
        ..ListenFilter::default()
    }
}

#[tokio::test(start_paused = true)]
async fn subscriptions_are_told_apart_outlive_every_timeout_and_end_with_their_handle() {
    let (mut script, client) = Script::modern(config()).await;
    let subscription = "io.modelcontextprotocol/subscriptionId";
    let mut open = Vec::new();
    for _ in 0..2 {
        let (opened, request) = tokio::join!(client.listen(listening_to_tools()), async {
            let request = script.next().await;
            assert_eq!(request["method"], "subscriptions/listen");
            let meta = json!({ subscription: request["id"] });
            let params = json!({ "_meta": meta, "notifications": { "toolsListChanged": true } });
            script
                .notify("notifications/subscriptions/acknowledged", params)
                .await;
            request
        });
        open.push((opened.unwrap(), request));
    }
    let (mut second, request) = open.pop().unwrap();
    let (mut first, first_request) = open.pop().unwrap();
    assert_eq!(first.acknowledged(), &listening_to_tools());
    tokio::time::sleep(Duration::from_secs(86_400)).await;

    let meta = json!({ "_meta": { subscription: request["id"] } });
    script
        .notify("notifications/tools/list_changed", meta)
        .await;
    assert_eq!(second.next().await, Some(ServerEvent::ToolsChanged));
    drop(second);
    let cancelled = script.next().await;
    assert_eq!(cancelled["params"]["requestId"], request["id"]);

    // The end by a notification, what was said before it included (AMB-01).
    let meta = json!({ "_meta": { subscription: first_request["id"] } });
    script
        .notify("notifications/tools/list_changed", meta)
        .await;
    let over = json!({ "requestId": first_request["id"] });
    script.notify("notifications/cancelled", over).await;
    assert_eq!(first.next().await, Some(ServerEvent::ToolsChanged));
    assert_eq!(first.next().await, None);
}
