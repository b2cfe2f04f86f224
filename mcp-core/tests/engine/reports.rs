//! Progress and log messages of running requests (PROG-A-02, LOG-M-02, LOG-L-03).

use mcp_core::Limits;
use mcp_core::Revision;
use mcp_core::model::legacy::LoggingLevel;
use serde_json::{Value, json};

use crate::harness::{Server, capabilities_of, profile};
use crate::messages::{call, modern_call, modern_with, notification, request, result};

const NOTHING: [Value; 0] = [];

fn message(level: &str, data: Value) -> Value {
    notification(
        "notifications/message",
        json!({ "level": level, "data": data }),
    )
}

fn modern_logging(id: i64, level: &str) -> Value {
    let params = json!({ "name": "later", "arguments": {} });
    let level = json!({ "io.modelcontextprotocol/logLevel": level });
    modern_with(id, "tools/call", params, level)
}

#[test]
fn a_modern_request_hears_nothing_unless_it_names_a_level() {
    let mut server = Server::new();
    server.send(&modern_call(1, "later"));
    let exchange = server.exchange(1);
    assert!(!exchange.logs(LoggingLevel::Emergency));
    exchange.log(LoggingLevel::Emergency, None, json!("!"));
    assert_eq!(server.output(), NOTHING);
    server.finish(1);
    server.lives();
}

#[test]
fn a_modern_request_hears_its_level_and_above() {
    let mut server = Server::new();
    server.send(&modern_logging(1, "warning"));
    let exchange = server.exchange(1);
    exchange.log(LoggingLevel::Notice, None, json!("less"));
    exchange.log(LoggingLevel::Warning, None, json!("same"));
    exchange.log(LoggingLevel::Error, None, json!({ "more": 1 }));
    let heard = [
        message("warning", json!("same")),
        message("error", json!({ "more": 1 })),
    ];
    assert_eq!(server.output(), heard);
    server.finish(1);
    exchange.log(LoggingLevel::Error, None, json!("after"));
    assert_eq!(server.output(), NOTHING);
    server.lives();
}

#[test]
fn a_level_that_is_none_is_invalid() {
    let mut server = Server::ready("2025-06-18");
    for message in [
        modern_logging(1, "loud"),
        request(1, "logging/setLevel", json!({ "level": "loud" })),
        request(1, "logging/setLevel", json!({})),
    ] {
        let answer = server.send(&message);
        assert_eq!(answer[0]["error"]["code"], -32602);
        assert_eq!(answer[0]["id"], 1);
    }
    server.lives();
}

#[test]
fn the_level_of_a_legacy_connection_holds_for_requests_that_already_run() {
    let mut server = Server::ready("2025-06-18");
    server.send(&call(1, "later"));
    let exchange = server.exchange(1);
    exchange.log(LoggingLevel::Debug, None, json!("below the default"));
    exchange.log(LoggingLevel::Info, None, json!("the default"));
    assert_eq!(server.output(), [message("info", json!("the default"))]);
    let set = request(2, "logging/setLevel", json!({ "level": "error" }));
    assert_eq!(server.send(&set), [result(2, json!({}))]);
    exchange.log(LoggingLevel::Warning, None, json!("too little"));
    exchange.log(LoggingLevel::Critical, Some("db".into()), json!("enough"));
    let heard = json!({ "level": "critical", "logger": "db", "data": "enough" });
    assert_eq!(
        server.output(),
        [notification("notifications/message", heard)]
    );
    server.finish(1);
    server.lives();
}

#[test]
fn a_server_without_logging_never_logs() {
    let silent = profile(capabilities_of(json!({ "tools": {} })), &Revision::ALL);
    let mut server = Server::with(silent, Limits::default());
    server.handshake("2025-06-18");
    server.send(&call(1, "later"));
    server.send(&modern_logging(2, "debug"));
    for id in [1, 2] {
        let exchange = server.exchange(id);
        exchange.log(LoggingLevel::Emergency, None, json!("!"));
        assert_eq!(server.output(), NOTHING);
        server.finish(id);
    }
    server.lives();
}

#[test]
fn a_flood_of_log_messages_drops_the_oldest() {
    let mut server = Server::limited(Limits {
        queue: 2,
        ..Limits::default()
    });
    server.send(&modern_logging(1, "debug"));
    let exchange = server.exchange(1);
    for number in 0..5 {
        exchange.log(LoggingLevel::Info, None, json!(number));
    }
    assert_eq!(
        server.output(),
        [message("info", json!(3)), message("info", json!(4))]
    );
    server.finish(1);
    server.lives();
}

#[test]
fn a_progress_token_is_echoed_by_type_and_any_other_is_invalid() {
    let mut server = Server::ready("2024-11-05");
    for (id, token) in [(1, json!("a")), (2, json!(7)), (3, json!("7"))] {
        let params = json!({ "name": "later", "_meta": { "progressToken": token } });
        server.send(&request(id, "tools/call", params));
        server
            .exchange(id)
            .progress(0.5, None, Some("not in 2024-11-05".into()));
        let params = json!({ "progressToken": token, "progress": 0.5 });
        assert_eq!(
            server.output(),
            [notification("notifications/progress", params)]
        );
        server.finish(id);
    }
    for token in [json!(1.5), json!(null), json!([])] {
        let params = json!({ "name": "later", "_meta": { "progressToken": token } });
        let answer = server.send(&request(4, "tools/call", params));
        assert_eq!(answer[0]["error"]["code"], -32602);
    }
    server.lives();
}

#[test]
fn a_handler_can_ask_whether_anybody_wants_progress() {
    let mut server = Server::new();
    server.send(&modern_call(1, "later"));
    let params = json!({ "name": "later", "arguments": {} });
    let token = json!({ "progressToken": "token" });
    server.send(&modern_with(2, "tools/call", params, token));
    assert!(!server.exchange(1).wants_progress());
    assert!(server.exchange(2).wants_progress());
    server.finish(1);
    server.finish(2);
    server.lives();
}

#[test]
fn a_stream_is_to_be_closed_once_and_only_while_its_request_runs() {
    let mut server = Server::new();
    server.send(&modern_call(1, "later"));
    let exchange = server.exchange(1);
    assert!(!exchange.take_close());
    exchange.close_stream();
    assert!(server.engine.signals().take().is_some(), "somebody is told");
    assert!(exchange.take_close());
    assert!(!exchange.take_close(), "it was said once");
    server.finish(1);
    exchange.close_stream();
    assert!(!exchange.take_close());
    server.lives();
}
