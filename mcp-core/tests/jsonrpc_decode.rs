//! Decoding under random input: it never panics, valid messages survive, and what is broken is
//! named by one of two codes (RPC-A-01 to RPC-A-06, faults 1 to 12).

use mcp_core::jsonrpc::{Frame, Message, RequestId, decode, encode};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The same cases in every run.
fn fixed() -> ProptestConfig {
    ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// The code of the error that `bytes` decode to, or 0.
fn code(bytes: &[u8]) -> i64 {
    decode(bytes, 10).map_or_else(|malformed| malformed.error.code.0, |_| 0)
}

fn ids() -> impl Strategy<Value = RequestId> {
    prop_oneof![
        any::<i64>().prop_map(RequestId::from),
        any::<u64>().prop_map(RequestId::from),
        any::<String>().prop_map(RequestId::from),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A request as JSON text, its members in any order, with one that is unknown.
fn envelope(id: &RequestId, method: &str, params: &Value, order: &[usize]) -> Vec<String> {
    let members = [
        "\"jsonrpc\":\"2.0\"".to_owned(),
        format!("\"id\":{}", json!(id)),
        format!("\"method\":{}", json!(method)),
        format!("\"params\":{params}"),
        format!("\"unknown\":{params}"),
    ];
    order.iter().map(|at| members[*at].clone()).collect()
}

fn object(members: &[String]) -> String {
    format!(" {{ {} }}\r", members.join(" , "))
}

fn orders() -> impl Strategy<Value = Vec<usize>> {
    Just(vec![0, 1, 2, 3, 4]).prop_shuffle()
}

proptest! {
    #![proptest_config(fixed())]

    #[test]
    fn any_bytes_are_a_message_or_a_named_error(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!([0, -32700, -32600].contains(&code(&bytes)));
    }

    #[test]
    fn any_json_is_a_message_or_an_invalid_request(value in values()) {
        prop_assert!([0, -32600].contains(&code(value.to_string().as_bytes())));
    }

    #[test]
    fn any_damage_to_a_request_is_a_message_or_a_named_error(
        id in ids(), params in values(), order in orders(),
        at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = object(&envelope(&id, "tools/call", &params, &order)).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        prop_assert!([0, -32700, -32600].contains(&code(&bytes)));
    }

    #[test]
    fn a_request_survives_in_any_order_of_its_members(
        id in ids(), method in any::<String>(), params in values(), order in orders(),
    ) {
        let text = object(&envelope(&id, &method, &params, &order));
        let Ok(Frame::Single(Message::Request(request))) = decode(text.as_bytes(), 10) else {
            panic!("no request: {text}");
        };
        prop_assert_eq!(request.id, id);
        prop_assert_eq!(request.method, method);
        let read: Value = serde_json::from_str(request.params.expect("params").get()).unwrap();
        prop_assert_eq!(read, params);
    }

    #[test]
    fn what_is_encoded_decodes_to_the_same(
        id in ids(), method in any::<String>(), params in values(),
    ) {
        let mut bytes = Vec::new();
        encode::request(&mut bytes, &id, &method, Some(&params));
        prop_assert!(!bytes.contains(&b'\n'));
        let decoded = decode(&bytes, 10);
        prop_assert!(matches!(
            decoded,
            Ok(Frame::Single(Message::Request(request)))
                if request.id == id && request.method == method
        ));
    }

    #[test]
    fn a_request_cut_short_is_no_json(
        id in ids(), params in values(), order in orders(), at in any::<prop::sample::Index>(),
    ) {
        let text = object(&envelope(&id, "ping", &params, &order));
        let text = text.trim_end();
        let cut = at.index(text.len());
        prop_assert_eq!(code(&text.as_bytes()[..cut]), -32700);
    }

    #[test]
    fn a_doubled_member_is_refused_with_the_id_when_that_is_certain(
        id in ids(), params in values(), order in orders(), which in 0..4_usize,
    ) {
        let mut members = envelope(&id, "ping", &params, &order);
        members.extend(envelope(&id, "ping", &params, &[which]));
        let malformed = decode(object(&members).as_bytes(), 10).expect_err("a doubled member");
        prop_assert_eq!(malformed.error.code.0, -32600);
        prop_assert_eq!(malformed.id, (which != 1).then_some(id));
    }

    #[test]
    fn a_wrong_member_is_refused_with_the_id_when_it_can_be_read(
        id in ids(), params in values(), wrong in values(), which in 0..3_usize,
    ) {
        let fits = match which {
            0 => wrong == "2.0",
            1 => wrong.is_i64() || wrong.is_string(),
            _ => wrong.is_string(),
        };
        prop_assume!(!fits);
        let name = ["jsonrpc", "id", "method"][which];
        let mut members = envelope(&id, "ping", &params, &[0, 1, 2, 3]);
        members[which] = format!("\"{name}\":{wrong}");
        let malformed = decode(object(&members).as_bytes(), 10).expect_err("a wrong member");
        prop_assert_eq!(malformed.error.code.0, -32600);
        prop_assert_eq!(malformed.id, (which != 1).then_some(id));
        prop_assert!(malformed.has_method);
    }
}

#[test]
fn an_array_beyond_the_cap_is_counted_but_not_kept() {
    let text = format!("[{}1]", "1,".repeat(1_000_000));
    let malformed = decode(text.as_bytes(), 10).expect_err("too many");
    assert_eq!(
        malformed.error.message,
        "Invalid request: the batch holds 1000001 messages (limit `batch` = 10)"
    );
    assert_eq!(code(b"[1,2,3"), -32700);
    assert_eq!(code(b"[1] 2"), -32700);
    assert!(matches!(decode(b"[1]", 10), Ok(Frame::Batch(items)) if items.len() == 1));
}

#[test]
fn a_batch_may_be_as_long_as_its_cap_and_no_longer() {
    let message = |text: &str, cap| decode(text.as_bytes(), cap).err().map(|m| m.error.message);
    assert_eq!(message("[1,2]", 2), None);
    assert_eq!(
        message("[1,2,3]", 2).as_deref(),
        Some("Invalid request: the batch holds 3 messages (limit `batch` = 2)")
    );
    assert_eq!(
        message(" [ ]", 2).as_deref(),
        Some("Invalid request: the batch is empty")
    );
}

/// RPC-A-12: what is JSON and no object is an invalid request, and the answer says what it is.
#[test]
fn json_that_is_no_object_is_named_in_the_answer() {
    for (text, got) in [
        ("\"ping\"", "a string"),
        ("true", "a boolean"),
        ("false", "a boolean"),
        ("null", "null"),
        (" -1", "a number"),
        ("0", "a number"),
    ] {
        let malformed = decode(text.as_bytes(), 10).expect_err(text);
        let expected = format!("Invalid request: expected a JSON object, got {got}");
        assert_eq!(malformed.error.message, expected);
        let batch = format!("[[{text}],{text}]");
        let Ok(Frame::Batch(items)) = decode(batch.as_bytes(), 10) else {
            panic!("no batch of {text}");
        };
        let messages: Vec<_> = items
            .into_iter()
            .map(|item| item.expect_err(text).error.message.into_owned())
            .collect();
        let nested = "Invalid request: expected a JSON object, got an array".to_owned();
        assert_eq!(messages, [nested, expected]);
    }
}

/// RPC-A-12: half a surrogate is in the grammar of JSON, but no text can hold it.
#[test]
fn a_member_whose_name_no_text_can_hold_is_no_json() {
    assert_eq!(code(br#"{"\ud800":1}"#), -32700);
    assert_eq!(
        code(br#"{"jsonrpc":"2.0","id":1,"method":"m","\ud83d":1}"#),
        -32700
    );
}

/// RPC-A-04: an error that answers what could not be read has no id, or `null` for one.
#[test]
fn a_response_may_leave_out_its_id_but_not_have_one_that_is_no_id() {
    for (id, expected) in [
        ("", Some(None)),
        ("\"id\":null,", Some(None)),
        ("\"id\":3,", Some(Some(RequestId::from(3_i64)))),
        ("\"id\":\"3\",", Some(Some(RequestId::from("3")))),
        ("\"id\":1.5,", None),
        ("\"id\":{},", None),
    ] {
        for outcome in [r#""result":{}"#, r#""error":{"code":1,"message":"m"}"#] {
            let text = format!("{{\"jsonrpc\":\"2.0\",{id}{outcome}}}");
            let read = match decode(text.as_bytes(), 10) {
                Ok(Frame::Single(Message::Response(response))) => Some(response.id),
                _ => None,
            };
            assert_eq!(read, expected, "{text}");
        }
    }
}

#[test]
fn only_what_cannot_be_a_request_counts_as_a_response() {
    for (text, is_response, has_method) in [
        (r#"{"jsonrpc":"2.0","id":1}"#, false, false),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":1,"error":{}}"#,
            true,
            false,
        ),
        (r#"{"id":1,"error":{"code":1,"message":"m"}}"#, true, false),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"m","result":1}"#,
            false,
            true,
        ),
    ] {
        let malformed = decode(text.as_bytes(), 10).expect_err("malformed");
        let found = (malformed.is_response, malformed.has_method);
        assert_eq!(found, (is_response, has_method), "{text}");
        assert_eq!(malformed.id, Some(1_i64.into()), "{text}");
    }
}

#[test]
fn a_version_written_with_an_escape_is_the_same_version() {
    let message = br#"{"jsonrpc":"2.\u0030","id":1,"method":"ping"}"#;
    let read = mcp_core::jsonrpc::decode(message, 1);
    assert!(
        matches!(read, Ok(Frame::Single(Message::Request(_)))),
        "{read:?}"
    );
}
