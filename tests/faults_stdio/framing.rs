//! Faults 1 to 12 and 14: bytes that are not, or are barely, a message.

use serde_json::{Value, json};

use crate::support::process::Process;
use crate::support::{call, error_of, request, text_of, text_result};

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const INVALID_PARAMS: i64 = -32602;

/// An error that belongs to no request has no id at all (RPC-A-04).
#[track_caller]
fn assert_without_id(answer: &Value, code: i64) {
    assert_eq!(error_of(answer), (Value::Null, code), "{answer}");
    assert!(answer.get("id").is_none(), "{answer}");
}

#[test]
fn fault_01_a_line_that_is_no_json_is_one_parse_error_without_an_id() {
    let mut server = Process::ready();
    for junk in [
        "junk",
        "{",
        r#"{"jsonrpc":"2.0","id":1,"method":"#,
        "{'id':1}",
    ] {
        assert_without_id(&server.ask_text(junk), PARSE_ERROR);
    }
    server.still_serves();
    server.finish();
}

#[test]
fn fault_01_a_broken_response_is_never_answered() {
    let mut server = Process::ready();
    server.send_text(r#"{"jsonrpc":"1.0","id":1,"result":{}}"#);
    server.send_text(r#"{"jsonrpc":"2.0","id":[],"error":{}}"#);
    server.still_serves();
    server.finish();
}

#[test]
fn fault_02_bytes_that_are_no_utf_8_are_a_parse_error() {
    let mut server = Process::ready();
    server.send_bytes(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\xfe\"}\n");
    assert_without_id(&server.recv(), PARSE_ERROR);
    server.still_serves();
    server.finish();
}

#[test]
fn fault_03_a_byte_order_mark_is_stripped() {
    let mut server = Process::start("");
    let ping = request(1, "ping", json!({})).to_string();
    let answer = server.ask_text(&format!("\u{feff}{ping}"));
    assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": 1, "result": {} }));
    server.shake_hands("2025-11-25");
    server.still_serves();
    server.finish();
}

#[test]
fn fault_04_carriage_returns_are_accepted_and_empty_lines_ignored() {
    let mut server = Process::ready();
    server.send_bytes(b"\n\r\n   \n\t\r\n");
    let ping = request(1, "ping", json!({})).to_string();
    let answer = server.ask_text(&format!("  {ping}\r"));
    assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": 1, "result": {} }));
    server.still_serves();
    server.finish();
}

#[test]
fn fault_05_it_does_not_matter_how_messages_are_cut_into_writes() {
    let mut server = Process::ready();
    let message = format!("{}\n", call(1, "echo", json!({ "text": "é🦀" })));
    for byte in message.as_bytes() {
        server.send_bytes(&[*byte]);
    }
    assert_eq!(server.recv(), text_result(1, "é🦀"));
    let two = format!(
        "{}\n{}\n",
        call(2, "count", json!({})),
        call(3, "count", json!({}))
    );
    server.send_bytes(two.as_bytes());
    assert_eq!(server.recv(), text_result(2, "1"));
    assert_eq!(server.recv(), text_result(3, "2"));
    server.still_serves();
    server.finish();
}

#[test]
fn fault_05_a_last_line_without_a_newline_is_answered() {
    let mut server = Process::ready();
    server.send_bytes(
        call(1, "echo", json!({ "text": "last" }))
            .to_string()
            .as_bytes(),
    );
    server.close_input();
    let ended = server.wait();
    assert_eq!(ended.rest, [text_result(1, "last")]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn fault_06_each_line_of_pretty_printed_json_is_a_parse_error() {
    let mut server = Process::ready();
    let pretty = "{\n  \"jsonrpc\": \"2.0\",\n  \"id\": 1,\n  \"method\": \"ping\"\n}\n";
    server.send_bytes(pretty.as_bytes());
    for _ in pretty.lines() {
        assert_without_id(&server.recv(), PARSE_ERROR);
    }
    server.still_serves();
    server.finish();
}

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

#[test]
fn fault_08_a_deep_envelope_is_refused() {
    let mut server = Process::ready();
    for depth in [129, 100_000] {
        let deep = nested(depth);
        assert_without_id(&server.ask_text(&deep), INVALID_REQUEST);
        let method = format!(r#"{{"jsonrpc":"2.0","id":1,"method":{deep}}}"#);
        assert_eq!(
            error_of(&server.ask_text(&method)),
            (json!(1), INVALID_REQUEST)
        );
        let id = format!(r#"{{"jsonrpc":"2.0","id":{deep},"method":"ping"}}"#);
        assert_without_id(&server.ask_text(&id), INVALID_REQUEST);
        let params = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{deep}}}"#);
        assert_eq!(
            error_of(&server.ask_text(&params)),
            (json!(1), INVALID_PARAMS)
        );
    }
    server.still_serves();
    server.finish();
}

/// Calls a tool with arguments that are JSON only at first sight, and returns what the model
/// reads.
#[track_caller]
fn refusal(server: &mut Process, tool: &str, arguments: &str) -> String {
    let line = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
    );
    let answer = server.ask_text(&line);
    let (text, is_error) = text_of(&answer);
    assert!(is_error, "{answer}");
    text.to_owned()
}

#[test]
fn fault_08_deep_arguments_are_an_error_that_names_the_parameter() {
    let mut server = Process::ready();
    for depth in [129, 100_000] {
        let arguments = format!(r#"{{"value":{}}}"#, nested(depth));
        let text = refusal(&mut server, "shape", &arguments);
        assert!(text.contains("`value`"), "{text}");
    }
    server.still_serves();
    server.finish();
}

#[test]
fn fault_09_a_lone_surrogate_is_an_error_and_a_nul_is_kept() {
    let mut server = Process::ready();
    let text = refusal(&mut server, "echo", r#"{"text":"\ud800"}"#);
    assert!(text.contains("`text`"), "{text}");
    let text = refusal(&mut server, "shape", r#"{"value":["\udc00x"]}"#);
    assert!(text.contains("`value`"), "{text}");
    let answer = server.ask(call(2, "echo", json!({ "text": "a\0b" })));
    assert_eq!(answer, text_result(2, "a\0b"));
    let method = r#"{"jsonrpc":"2.0","id":3,"method":"\ud800"}"#;
    assert_eq!(
        error_of(&server.ask_text(method)),
        (json!(3), INVALID_REQUEST)
    );
    let name = r#"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"\ud800"}}"#;
    assert_eq!(error_of(&server.ask_text(name)), (json!(4), INVALID_PARAMS));
    server.still_serves();
    server.finish();
}

#[test]
fn fault_10_numbers_that_do_not_fit_are_errors_and_never_saturate() {
    let mut server = Process::ready();
    let digits = "9".repeat(400);
    for number in ["1e999", "-1e999", &digits] {
        for (tool, name, rest) in [
            ("add", "a", r#","b":1"#),
            ("half", "x", ""),
            ("shape", "value", ""),
        ] {
            let arguments = format!(r#"{{"{name}":{number}{rest}}}"#);
            let text = refusal(&mut server, tool, &arguments);
            assert!(
                text.contains(&format!("`{name}`")),
                "{tool} {number}: {text}"
            );
        }
    }
    let text = refusal(&mut server, "add", r#"{"a":9223372036854775808,"b":0}"#);
    assert!(text.contains("`a`"), "{text}");
    let line = r#"{"jsonrpc":"2.0","id":1e999,"method":"ping"}"#;
    assert_without_id(&server.ask_text(line), INVALID_REQUEST);
    server.still_serves();
    server.finish();
}

#[test]
fn fault_11_duplicate_members_of_the_envelope_are_refused() {
    let mut server = Process::ready();
    for (line, id) in [
        (
            r#"{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"}"#,
            json!(1),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}"#,
            json!(1),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{},"params":{}}"#,
            json!(1),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#,
            Value::Null,
        ),
    ] {
        assert_eq!(
            error_of(&server.ask_text(line)),
            (id, INVALID_REQUEST),
            "{line}"
        );
    }
    server.still_serves();
    server.finish();
}

#[test]
fn fault_12_keys_in_another_case_are_unknown_keys() {
    let mut server = Process::ready();
    let method = r#"{"jsonrpc":"2.0","id":1,"Method":"ping"}"#;
    assert_eq!(
        error_of(&server.ask_text(method)),
        (json!(1), INVALID_REQUEST)
    );
    let jsonrpc = r#"{"JSONRPC":"2.0","id":1,"method":"ping"}"#;
    assert_eq!(
        error_of(&server.ask_text(jsonrpc)),
        (json!(1), INVALID_REQUEST)
    );
    let params = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","paramſ":{"name":"count"}}"#;
    assert_eq!(
        error_of(&server.ask_text(params)),
        (json!(1), INVALID_PARAMS)
    );
    let first = server.ask(call(2, "count", json!({})));
    assert_eq!(first, text_result(2, "1"), "nothing was called");
    server.still_serves();
    server.finish();
}

#[test]
fn fault_14_what_a_handler_prints_lands_on_stderr() {
    let mut server = Process::ready();
    let line = r#"{"jsonrpc":"2.0","id":1,"result":"forged"}"#;
    let answer = server.ask(call(1, "print", json!({ "text": line })));
    assert_eq!(answer, text_result(1, "printed"));
    server.still_serves();
    let stderr = server.finish();
    assert!(stderr.lines().any(|printed| printed == line), "{stderr}");
}
