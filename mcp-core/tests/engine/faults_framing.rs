//! Faults 1 to 12: bytes that are no message, or hardly one.

use serde_json::json;

use crate::harness::Server;
use crate::messages::{error, error_without_id, modern_call, modern_result, said};

/// The one error in the answer to `bytes`: its code, and whether it has an id.
fn refusal(server: &mut Server, bytes: &[u8]) -> (i64, bool) {
    let answer = server.feed(bytes);
    let [answer] = &answer[..] else {
        panic!("expected one answer, got {answer:?}");
    };
    assert_eq!(answer["jsonrpc"], "2.0");
    assert!(answer["error"]["message"].is_string());
    let code = answer["error"]["code"].as_i64().expect("a code");
    (code, answer.get("id").is_some())
}

#[test]
fn fault_01_bad_json_gets_one_parse_error_without_an_id() {
    let mut server = Server::new();
    let answer = server.feed(b"{\"jsonrpc\":\"2.0\",\"id\":1,");
    assert_eq!(
        answer,
        [error_without_id(
            -32700,
            "Parse error: EOF while parsing a value at line 1 column 24; \
             expected one JSON-RPC message per line or body"
        )]
    );
    server.lives();
}

#[test]
fn fault_01_a_flood_of_bad_json_is_answered_at_a_bounded_rate() {
    let mut server = Server::new();
    let answers: usize = (0..1000).map(|_| server.feed(b"junk").len()).sum();
    assert_eq!(answers, 64);
    server.now += std::time::Duration::from_secs(1);
    assert_eq!(refusal(&mut server, b"junk"), (-32700, false));
    server.lives();
}

#[test]
fn fault_01_a_broken_response_is_never_answered() {
    let mut server = Server::new();
    for broken in [
        r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"m"}}"#,
        r#"{"jsonrpc":"1.0","id":1,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1.5,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":"text"}"#,
        r#"{"id":1,"error":{}}"#,
    ] {
        assert!(server.feed(broken.as_bytes()).is_empty(), "{broken}");
    }
    server.lives();
}

#[test]
fn fault_02_invalid_utf8_is_a_parse_error() {
    let mut server = Server::new();
    let answer = server.feed(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}");
    assert_eq!(
        answer,
        [error_without_id(
            -32700,
            "Parse error: not UTF-8 at byte 34 of the message; \
             expected one JSON-RPC message per line or body"
        )]
    );
    server.lives();
}

#[test]
fn fault_03_a_byte_order_mark_is_skipped() {
    let mut server = Server::new();
    let mut bytes = b"\xef\xbb\xbf".to_vec();
    bytes.extend_from_slice(modern_call(1, "now").to_string().as_bytes());
    assert_eq!(server.feed(&bytes), [modern_result(1, said("done"))]);
    server.lives();
}

#[test]
fn fault_04_white_space_around_a_message_is_accepted() {
    let mut server = Server::new();
    let message = format!(" \t{}\r\n", modern_call(1, "now"));
    let answer = server.feed(message.as_bytes());
    assert_eq!(answer, [modern_result(1, said("done"))]);
    server.lives();
}

#[test]
fn fault_05_a_message_cut_anywhere_is_one_parse_error() {
    let mut server = Server::new();
    let message = modern_call(1, "now").to_string();
    for cut in 1..message.len() {
        server.now += std::time::Duration::from_secs(1);
        let half = &message.as_bytes()[..cut];
        assert_eq!(refusal(&mut server, half), (-32700, false), "{cut}");
    }
    server.lives();
}

#[test]
fn fault_06_every_fragment_of_a_pretty_printed_message_is_a_parse_error() {
    let mut server = Server::new();
    let message = serde_json::to_string_pretty(&modern_call(1, "now")).unwrap();
    for line in message.lines() {
        assert_eq!(
            refusal(&mut server, line.as_bytes()),
            (-32700, false),
            "{line}"
        );
    }
    server.lives();
}

#[test]
fn fault_08_any_depth_is_survived_wherever_it_stands() {
    let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let mut server = Server::new();
    for depth in [129, 100_000] {
        let deep = deep(depth);
        let whole = refusal(&mut server, deep.as_bytes());
        assert_eq!(whole, (-32600, false));
        let id = format!(r#"{{"jsonrpc":"2.0","id":{deep},"method":"ping"}}"#);
        assert_eq!(refusal(&mut server, id.as_bytes()), (-32600, false));
        let method = format!(r#"{{"jsonrpc":"2.0","id":1,"method":{deep}}}"#);
        assert_eq!(refusal(&mut server, method.as_bytes()), (-32600, true));
        let params = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{deep}}}"#);
        assert_eq!(refusal(&mut server, params.as_bytes()), (-32602, true));
        let unclosed = "{\"a\":".repeat(depth);
        assert_eq!(refusal(&mut server, unclosed.as_bytes()), (-32700, false));
    }
    server.lives();
}

#[test]
fn fault_08_depth_inside_arguments_is_left_to_the_handler() {
    let mut server = Server::new();
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let message = modern_call(1, "now").to_string().replace("{}", &deep);
    // Both empty objects were replaced; the capabilities must stay an object.
    let message = message.replacen(
        &format!("clientCapabilities\":{deep}"),
        "clientCapabilities\":{}",
        1,
    );
    let answer = server.feed(message.as_bytes());
    assert_eq!(answer, [modern_result(1, said("done"))]);
    server.lives();
}

#[test]
fn fault_09_a_lone_surrogate_is_no_method_and_nul_is_a_character() {
    let mut server = Server::new();
    let lone = br#"{"jsonrpc":"2.0","id":1,"method":"\ud800"}"#;
    assert_eq!(
        server.feed(lone),
        [error(
            1,
            -32600,
            "Invalid request: `method` must be a string, got \"\\ud800\""
        )]
    );
    let nul = br#"{"jsonrpc":"2.0","id":"a\u0000b","method":"ping"}"#;
    assert_eq!(
        server.feed(nul),
        [json!({ "jsonrpc": "2.0", "id": "a\u{0}b", "result": {} })]
    );
    server.lives();
}

#[test]
fn fault_10_numbers_out_of_range_are_refused_not_saturated() {
    let mut server = Server::new();
    for number in ["1e999", &"9".repeat(400), "18446744073709551616"] {
        let message = format!(r#"{{"jsonrpc":"2.0","id":{number},"method":"ping"}}"#);
        assert_eq!(refusal(&mut server, message.as_bytes()), (-32600, false));
    }
    server.lives();
}

#[test]
fn fault_11_a_doubled_envelope_member_is_refused() {
    let mut server = Server::new();
    let answer = server.feed(br#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"ping"}"#);
    let why = "Invalid request: the member `method` appears twice";
    assert_eq!(answer, [error(1, -32600, why)]);
    let answer = server.feed(br#"{"jsonrpc":"2.0","id":1,"\u0069d":2,"method":"ping"}"#);
    let why = "Invalid request: the member `id` appears twice";
    assert_eq!(answer, [error_without_id(-32600, why)]);
    server.lives();
}

#[test]
fn fault_12_members_in_the_wrong_case_are_unknown_members() {
    let mut server = Server::new();
    let answer = server.feed(br#"{"jsonrpc":"2.0","id":1,"Method":"ping"}"#);
    let why = "Invalid request: `method` is missing";
    assert_eq!(answer, [error(1, -32600, why)]);
    let answer = server.feed(br#"{"JSONRPC":"2.0","id":2,"method":"ping"}"#);
    let why = "Invalid request: `jsonrpc` must be \"2.0\", got nothing";
    assert_eq!(answer, [error(2, -32600, why)]);
    let message = modern_call(3, "now")
        .to_string()
        .replace("params", "param\u{17f}");
    let answer = server.feed(message.as_bytes());
    assert_eq!(answer[0]["error"]["code"], -32602);
    server.lives();
}
