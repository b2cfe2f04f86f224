//! `subscriptions/listen` and its legacy equivalents (SUB-M-01 to SUB-M-08, SUB-L-10).

use mcp_core::engine::Change;
use mcp_core::{Limits, Revision};
use serde_json::{Value, json};

use crate::harness::{Server, capabilities_of, profile};
use crate::messages::{cancelled, initialize, modern, notification, request, result};

const NOTHING: [Value; 0] = [];
const ID: &str = "io.modelcontextprotocol/subscriptionId";

fn listen(id: impl Into<Value>, filter: Value) -> Value {
    modern(
        id,
        "subscriptions/listen",
        json!({ "notifications": filter }),
    )
}

fn acknowledged(id: impl Into<Value>, filter: Value) -> Value {
    let params = json!({ "_meta": { ID: id.into() }, "notifications": filter });
    notification("notifications/subscriptions/acknowledged", params)
}

fn changed(list: &str, id: impl Into<Value>) -> Value {
    let method = format!("notifications/{list}/list_changed");
    notification(&method, json!({ "_meta": { ID: id.into() } }))
}

fn updated(uri: &str, id: impl Into<Value>) -> Value {
    let params = json!({ "_meta": { ID: id.into() }, "uri": uri });
    notification("notifications/resources/updated", params)
}

#[test]
fn a_subscription_is_acknowledged_first_and_tagged_by_the_type_of_its_id() {
    let mut server = Server::new();
    let all = json!({
        "toolsListChanged": true,
        "promptsListChanged": true,
        "resourcesListChanged": true,
        "resourceSubscriptions": ["a://1"],
    });
    assert_eq!(server.change(Change::Tools), NOTHING, "before anyone asked");
    assert_eq!(
        server.send(&listen(7, all.clone())),
        [acknowledged(7, all.clone())]
    );
    assert_eq!(
        server.send(&listen("7", all.clone())),
        [acknowledged("7", all)]
    );
    assert_eq!(
        server.change(Change::Tools),
        [changed("tools", 7), changed("tools", "7")]
    );
    assert_eq!(
        server.change(Change::Prompts),
        [changed("prompts", 7), changed("prompts", "7")]
    );
    assert_eq!(
        server.change(Change::Resources),
        [changed("resources", 7), changed("resources", "7")]
    );
    let uri = "a://1";
    assert_eq!(
        server.change(Change::Resource(uri.into())),
        [updated(uri, 7), updated(uri, "7")]
    );
    assert_eq!(server.send(&cancelled(7)), NOTHING);
    assert_eq!(server.change(Change::Tools), [changed("tools", "7")]);
    assert_eq!(server.send(&cancelled("7")), NOTHING);
    server.lives();
}

#[test]
fn nothing_is_sent_that_was_not_asked_for() {
    let mut server = Server::new();
    let filter = json!({ "toolsListChanged": false, "promptsListChanged": true });
    let honoured = json!({ "promptsListChanged": true });
    assert_eq!(server.send(&listen(1, filter)), [acknowledged(1, honoured)]);
    assert_eq!(server.change(Change::Tools), NOTHING);
    assert_eq!(server.change(Change::Resources), NOTHING);
    assert_eq!(server.change(Change::Resource("a://1".into())), NOTHING);
    server.send(&cancelled(1));
    server.lives();
}

#[test]
fn what_the_server_does_not_announce_is_left_out_of_the_acknowledgement() {
    let capabilities = json!({ "tools": { "listChanged": true }, "prompts": {}, "resources": {} });
    let profile = profile(capabilities_of(capabilities), &Revision::ALL);
    let mut server = Server::with(profile, Limits::default());
    let filter = json!({
        "toolsListChanged": true,
        "promptsListChanged": true,
        "resourcesListChanged": true,
        "resourceSubscriptions": ["a://1"],
        "taskIds": ["t"],
    });
    let honoured = json!({ "toolsListChanged": true });
    assert_eq!(server.send(&listen(1, filter)), [acknowledged(1, honoured)]);
    server.send(&cancelled(1));
    server.lives();
}

#[test]
fn a_listen_without_a_filter_is_invalid() {
    let mut server = Server::new();
    for params in [
        json!({}),
        json!({ "notifications": { "toolsListChanged": "yes" } }),
    ] {
        let answer = server.send(&modern(1, "subscriptions/listen", params));
        assert_eq!(answer[0]["error"]["code"], -32602);
    }
    server.lives();
}

#[test]
fn changes_between_two_turns_are_announced_once() {
    let mut server = Server::new();
    server.send(&listen(1, json!({ "toolsListChanged": true })));
    for _ in 0..1000 {
        server.engine.signals().change(Change::Tools);
    }
    assert_eq!(server.output(), [changed("tools", 1)]);
    server.send(&cancelled(1));
    server.lives();
}

#[test]
fn a_server_that_ends_a_subscription_sends_its_result_and_then_the_cancellation() {
    let mut server = Server::new();
    server.send(&listen("s", json!({ "toolsListChanged": true })));
    server.engine.end_subscriptions();
    let meta = json!({
        ID: "s",
        "io.modelcontextprotocol/serverInfo": { "name": "tested", "version": "1" },
    });
    let ended = json!({ "resultType": "complete", "_meta": meta });
    assert_eq!(server.output(), [result("s", ended), cancelled("s")]);
    assert_eq!(server.change(Change::Tools), NOTHING);
    assert_eq!(server.send(&cancelled("s")), NOTHING);
    server.lives();
}

#[test]
fn fault_58_all_subscriptions_of_a_peer_share_one_cap() {
    let mut server = Server::limited(Limits {
        subscriptions: 3,
        ..Limits::default()
    });
    server.handshake("2025-11-25");
    let two = json!({ "resourceSubscriptions": ["a://1", "a://2"] });
    assert_eq!(server.send(&listen(1, two.clone())).len(), 1);
    let why = "Invalid params: 4 resource subscriptions on this connection (limit \
               `subscriptions` = 3)";
    let refused = crate::messages::error(2, -32602, why);
    assert_eq!(
        server.send(&listen(2, two.clone())),
        std::slice::from_ref(&refused)
    );
    let subscribe = |id: i64, uri: &str| request(id, "resources/subscribe", json!({ "uri": uri }));
    assert_eq!(server.send(&subscribe(3, "a://3")), [result(3, json!({}))]);
    assert_eq!(
        server.send(&subscribe(4, "a://3")),
        [result(4, json!({}))],
        "no new one"
    );
    assert_eq!(server.send(&subscribe(2, "a://4")), [refused]);
    server.send(&cancelled(1));
    let back = acknowledged(5, two.clone());
    assert_eq!(server.send(&listen(5, two.clone())), [back]);
    server.send(&cancelled(5));
    let unsubscribe = json!({ "uri": "a://3" });
    server.send(&request(6, "resources/unsubscribe", unsubscribe));
    for (id, uri) in [(7, "a://1"), (8, "a://2"), (9, "a://3")] {
        assert_eq!(server.send(&subscribe(id, uri)), [result(id, json!({}))]);
    }
    let one = listen(2, json!({ "resourceSubscriptions": ["a://4"] }));
    assert_eq!(server.send(&one)[0]["error"]["code"], -32602);
    server.lives();
}

#[test]
fn a_storm_of_other_changes_does_not_hide_the_one_subscribed_to() {
    let mut server = Server::new();
    server.send(&listen(1, json!({ "resourceSubscriptions": ["a://mine"] })));
    for number in 0..10_000 {
        let other = Change::Resource(format!("a://other/{number}"));
        server.engine.signals().change(other);
    }
    assert_eq!(
        server.change(Change::Resource("a://mine".into())),
        [updated("a://mine", 1)]
    );
    server.send(&cancelled(1));
    assert_eq!(server.change(Change::Resource("a://mine".into())), NOTHING);
    server.lives();
}

#[test]
fn a_legacy_client_hears_of_lists_unasked_and_of_resources_it_subscribed_to() {
    let mut server = Server::new();
    server.send(&initialize(1, "2025-06-18"));
    assert_eq!(
        server.change(Change::Tools),
        NOTHING,
        "the handshake is not over"
    );
    server.send(&notification("notifications/initialized", json!({})));
    let tools = json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" });
    assert_eq!(server.change(Change::Tools), [tools]);
    let change = || Change::Resource("a://1".into());
    assert_eq!(server.change(change()), NOTHING);
    let uri = json!({ "uri": "a://1" });
    server.send(&request(2, "resources/subscribe", uri.clone()));
    let update = notification("notifications/resources/updated", uri.clone());
    assert_eq!(server.change(change()), [update]);
    server.send(&request(3, "resources/unsubscribe", uri));
    assert_eq!(server.change(change()), NOTHING);
    server.lives();
}
