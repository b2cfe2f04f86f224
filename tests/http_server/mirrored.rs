//! Headers that repeat what the body says (HTTP-M-12, HTTP-M-24).

use serde_json::{Value, json};

use crate::legacy::text;
use crate::peer::{MODERN, message, modern_with, post};
use crate::server::start;

#[tokio::test]
async fn fault_73_headers_that_contradict_the_body_are_refused() {
    let server = start().await;
    let mut peer = server.peer().await;
    let body = message(
        1,
        "tools/call",
        json!({ "name": "add", "arguments": { "a": 1, "b": 2 } }),
    );
    let version = ("mcp-protocol-version", MODERN);
    let (method, name) = (("mcp-method", "tools/call"), ("mcp-name", "add"));
    for headers in [
        vec![version, name],
        vec![version, method],
        vec![method, name],
        vec![version, ("mcp-method", "tools/list"), name],
        vec![version, ("mcp-method", "TOOLS/CALL"), name],
        vec![version, method, ("mcp-name", "subtract")],
        vec![version, method, name, name],
        vec![version, method, ("mcp-name", "=?base64?YWRk!?=")],
    ] {
        let answer = peer.ask(post(&headers, &body)).await;
        assert_eq!(answer.error(), (400, -32020), "{headers:?}");
        assert_eq!(answer.json()["id"], 1);
    }
    for headers in [
        vec![
            version,
            ("MCP-METHOD", "tools/call"),
            ("Mcp-Name", "  add  "),
        ],
        vec![version, method, ("mcp-name", "=?base64?YWRk?=")],
    ] {
        let answer = peer.ask(post(&headers, &body)).await;
        assert_eq!(text(&answer.json()), "3", "{headers:?}");
    }
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_74_headers_of_arguments_have_to_say_what_the_arguments_say() {
    let server = start().await;
    let mut peer = server.peer().await;
    let asked = |arguments: &Value| json!({ "name": "region", "arguments": arguments });
    let (both, hello) = (
        json!({ "region": "eu", "zone": 42 }),
        json!({ "region": "Hello" }),
    );
    for (headers, arguments) in [
        (
            vec![("mcp-param-region", "eu"), ("mcp-param-zone", "42.0")],
            &both,
        ),
        (vec![("mcp-param-region", "=?base64?SGVsbG8=?=")], &hello),
        (vec![], &json!({})),
        (vec![], &json!({ "region": null })),
    ] {
        let answer = peer
            .ask(modern_with(&headers, 1, "tools/call", asked(arguments)))
            .await;
        assert_eq!(answer.status(), 200, "{headers:?} {answer:?}");
    }
    for (headers, arguments) in [
        (vec![("mcp-param-region", "eu")], &both),
        (
            vec![("mcp-param-region", "us"), ("mcp-param-zone", "42")],
            &both,
        ),
        (vec![("mcp-param-region", "=?base64?SGVsbG8?=")], &hello),
        (vec![("mcp-param-region", "=?base64?SGVs!!!bG8=?=")], &hello),
        (vec![("mcp-param-region", "eu")], &json!({})),
        (
            vec![("mcp-param-region", "höher")],
            &json!({ "region": "höher" }),
        ),
    ] {
        let answer = peer
            .ask(modern_with(&headers, 1, "tools/call", asked(arguments)))
            .await;
        assert_eq!(answer.error(), (400, -32020), "{headers:?}");
    }
    server.still_serves(&mut peer).await;
}

#[tokio::test]
async fn fault_75_a_version_header_other_than_meta_is_refused() {
    let server = start().await;
    let headers = [
        ("mcp-protocol-version", "2025-11-25"),
        ("mcp-method", "tools/list"),
    ];
    let body = message(1, "tools/list", json!({}));
    let mut peer = server.peer().await;
    let answer = peer.ask(post(&headers, &body)).await;
    assert_eq!(answer.error(), (400, -32020));
    server.still_serves(&mut peer).await;
}
