use http::HeaderValue;
use http::header::HeaderName;
use proptest::prelude::*;

use super::*;

fn with(name: &HeaderName, values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

#[test]
fn fault_64_accept_is_negotiated_as_rfc_9110_says() {
    let cases: &[(&[&str], bool, bool)] = &[
        (&[], true, true),
        (&["application/json, text/event-stream"], true, true),
        (&["application/json", "text/event-stream"], true, true),
        (&["*/*"], true, true),
        (&["application/*"], true, false),
        (&["text/*"], false, true),
        (&["Application/JSON"], true, false),
        (&["application/json; charset=utf-8"], true, false),
        (&["application/json;q=0, */*"], false, true),
        (&["*/*, application/json ; Q=0.000"], false, true),
        (&["*/*;q=0, text/event-stream;q=0.001"], false, true),
        (&["application/json;q=0;q=0"], false, false),
        (&["*/*;q=0"], false, false),
        (&["application/json;q=1.1"], false, false),
        (&["application/json;q=0.1234"], false, false),
        (&["application/json;q=-1"], false, false),
        (&["application/jsonp"], false, false),
        (&["application/json/*"], false, false),
        (&["text/html"], false, false),
        (&[""], false, false),
        (&["*"], false, false),
        (&["text/plain;a=\"x, application/json\""], false, false),
        (&["text/plain;a=\"\\\", \", application/json"], true, false),
        (&[",,, ;;, application/json"], true, false),
    ];
    for (values, json, event_stream) in cases {
        let acceptable = Acceptable::of(&with(&ACCEPT, values));
        assert_eq!(acceptable.json(), *json, "{values:?}");
        assert_eq!(acceptable.event_stream(), *event_stream, "{values:?}");
        assert_eq!(acceptable.nothing(), !json && !event_stream, "{values:?}");
    }
}

#[test]
fn fault_61_fault_63_only_json_in_utf_8_is_read() {
    let cases: &[(&[&str], Result<(), UnsupportedBody>)] = &[
        (&["application/json"], Ok(())),
        (&["APPLICATION/JSON"], Ok(())),
        (&["application/json; charset=utf-8"], Ok(())),
        (&["application/json;charset=\"UTF-8\";"], Ok(())),
        (&["application/json; profile=\"a;b\""], Ok(())),
        (&[], Err(UnsupportedBody::Untyped)),
        (&[""], Err(UnsupportedBody::NotJson)),
        (&["application/jsonp"], Err(UnsupportedBody::NotJson)),
        (&["application/json-rpc"], Err(UnsupportedBody::NotJson)),
        (&["text/plain"], Err(UnsupportedBody::NotJson)),
        (
            &["text/plain; application/json"],
            Err(UnsupportedBody::NotJson),
        ),
        (
            &["application/x-www-form-urlencoded"],
            Err(UnsupportedBody::NotJson),
        ),
        (
            &["multipart/form-data; boundary=application/json"],
            Err(UnsupportedBody::NotJson),
        ),
        (
            &["application/json, text/plain"],
            Err(UnsupportedBody::NotJson),
        ),
        (
            &["application/json; charset"],
            Err(UnsupportedBody::NotJson),
        ),
        (
            &["application/json", "application/json"],
            Err(UnsupportedBody::NotJson),
        ),
        (
            &["application/json; charset=utf-16"],
            Err(UnsupportedBody::Charset),
        ),
        (
            &["application/json; charset=utf-8; charset=latin1"],
            Err(UnsupportedBody::Charset),
        ),
    ];
    for (values, expected) in cases {
        let headers = with(&CONTENT_TYPE, values);
        assert_eq!(check_content(&headers), *expected, "{values:?}");
    }
}

#[test]
fn fault_69_a_compressed_body_is_refused() {
    let mut headers = with(&CONTENT_TYPE, &["application/json"]);
    headers.append(CONTENT_ENCODING, HeaderValue::from_static("identity"));
    assert_eq!(check_content(&headers), Ok(()));
    headers.append(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    assert_eq!(check_content(&headers), Err(UnsupportedBody::Encoded));
}

proptest! {
    #[test]
    fn no_header_value_is_too_odd_to_judge(raw in proptest::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(value) = HeaderValue::from_bytes(&raw) {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, value.clone());
            headers.insert(CONTENT_TYPE, value);
            let _ = Acceptable::of(&headers);
            let _ = check_content(&headers);
        }
    }
}
