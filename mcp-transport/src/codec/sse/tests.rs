use proptest::prelude::*;

use super::*;

/// An event as type and data, or `None` for one that was too long.
type Seen = Option<(String, Vec<u8>)>;

fn event(data: &str) -> Seen {
    Some(("message".to_owned(), data.as_bytes().to_vec()))
}

fn feed<'c>(decoder: &mut SseDecoder, chunks: impl IntoIterator<Item = &'c [u8]>) -> Vec<Seen> {
    let mut seen = Vec::new();
    for mut chunk in chunks {
        while let Some(found) = decoder.next(&mut chunk) {
            seen.push(match found {
                Sse::Event { event, data } => Some((event.to_owned(), data.to_vec())),
                Sse::TooLong => None,
            });
        }
    }
    seen
}

fn decode(stream: &[u8]) -> Vec<Seen> {
    feed(&mut SseDecoder::new(1_000), [stream])
}

fn encoded(fields: EventFields<'_>, data: &[u8]) -> String {
    let mut buffer = Vec::new();
    write_event(&mut buffer, fields, data);
    String::from_utf8(buffer).unwrap()
}

#[test]
fn an_event_is_written_as_its_fields_and_a_blank_line() {
    let fields = EventFields {
        event: Some("endpoint"),
        id: Some("3-1"),
        retry: Some(Duration::from_millis(1_500)),
    };
    assert_eq!(
        encoded(fields, b"/messages"),
        "event: endpoint\nid: 3-1\nretry: 1500\ndata: /messages\n\n"
    );
    assert_eq!(encoded(EventFields::default(), b"{}"), "data: {}\n\n");
}

#[test]
fn data_of_several_lines_becomes_several_fields() {
    let data = b"a\nb\r\nc\rd\n\n";
    let text = encoded(EventFields::default(), data);
    assert_eq!(
        text,
        "data: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: \n\n"
    );
    assert_eq!(decode(text.as_bytes()), [event("a\nb\nc\nd\n\n")]);
}

#[test]
fn a_priming_event_has_an_id_and_empty_data() {
    let fields = EventFields {
        id: Some("3-0"),
        ..EventFields::default()
    };
    let text = encoded(fields, b"");
    assert_eq!(text, "id: 3-0\ndata: \n\n");
    assert_eq!(decode(text.as_bytes()), [event("")]);
}

#[test]
fn a_field_that_would_break_the_stream_is_left_out() {
    for bad in ["a\nb", "a\rb", "a\0b"] {
        let fields = EventFields {
            event: Some(bad),
            id: Some(bad),
            retry: None,
        };
        assert_eq!(encoded(fields, b"x"), "data: x\n\n");
    }
}

#[test]
fn comments_are_written_line_by_line_and_read_as_nothing() {
    let mut buffer = Vec::new();
    write_comment(&mut buffer, "one\ndata: two");
    assert_eq!(buffer, b": one\n: data: two\n\n");
    buffer.extend_from_slice(KEEP_ALIVE);
    assert_eq!(decode(&buffer), []);
}

#[test]
fn streams_are_read_as_the_standard_says() {
    let cases: &[(&str, &[Seen])] = &[
        ("data: a\n\n", &[event("a")]),
        ("data:a\n\n", &[event("a")]),
        ("data:  a\n\n", &[event(" a")]),
        ("data\n\n", &[event("")]),
        ("data: a\ndata: b\n\n", &[event("a\nb")]),
        ("data: a\n\ndata: b\n\n", &[event("a"), event("b")]),
        ("data: a\r\rdata: b\r\n\r\n", &[event("a"), event("b")]),
        ("data: a\r\n\ndata: b\n\r\n", &[event("a"), event("b")]),
        ("\u{feff}data: a\n\n", &[event("a")]),
        ("\u{feff}\u{feff}data: a\n\n", &[]),
        (":data: a\n\n", &[]),
        ("data : a\n\n", &[]),
        ("Data: a\n\n", &[]),
        (" data: a\n\n", &[]),
        ("other: x\ndata: a\nunknown\n\n", &[event("a")]),
        ("event: e\n\ndata: a\n\n", &[event("a")]),
        ("data: a\n", &[]),
        ("\n\n\n\r\r\n", &[]),
    ];
    for (stream, expected) in cases {
        assert_eq!(decode(stream.as_bytes()), *expected, "{stream:?}");
    }
    let named = Some(("ping".to_owned(), b"a".to_vec()));
    assert_eq!(
        decode(b"event: x\nevent: ping\ndata: a\n\ndata: b\n\n"),
        [named, event("b")]
    );
}

fn last_id(stream: &str) -> Option<String> {
    let mut decoder = SseDecoder::new(100_000);
    feed(&mut decoder, [stream.as_bytes()]);
    decoder.last_event_id().map(str::to_owned)
}

#[test]
fn an_id_counts_once_its_event_is_whole() {
    assert_eq!(last_id("id: 1\ndata: a\n\n").as_deref(), Some("1"));
    assert_eq!(last_id("id: 1\n\n").as_deref(), Some("1"));
    assert_eq!(
        last_id("id: 1\ndata: a\n\nid: 2\ndata: b\n").as_deref(),
        Some("1")
    );
    assert_eq!(last_id("id: 1\n\ndata: b\n\n").as_deref(), Some("1"));
    assert_eq!(last_id("id: 1\n\nid\n\n"), None);
}

#[test]
fn fault_86_an_id_with_a_nul_or_too_long_for_a_header_is_not_kept() {
    assert_eq!(last_id("id: 1\n\nid: a\0b\n\n").as_deref(), Some("1"));
    assert_eq!(
        last_id(&format!("id: 1\n\nid: {}\n\n", "x".repeat(5_000))).as_deref(),
        Some("1")
    );
}

#[test]
fn fault_86_an_absurd_retry_is_clamped_and_a_malformed_one_ignored() {
    let cases = [
        ("retry: 1500\n", Some(Duration::from_millis(1_500))),
        ("retry: 0\n", Some(Duration::ZERO)),
        ("retry: 99999999999999999999999999\n", Some(MAX_RETRY)),
        ("retry: 18446744073709551615\n", Some(MAX_RETRY)),
        ("retry: -1\n", None),
        ("retry: 1.5\n", None),
        ("retry: +5\n", None),
        ("retry:\n", None),
        ("retry: 7\nretry: soon\n", Some(Duration::from_millis(7))),
    ];
    for (stream, expected) in cases {
        let mut decoder = SseDecoder::new(100);
        assert_eq!(feed(&mut decoder, [stream.as_bytes()]), []);
        assert_eq!(decoder.retry(), expected, "{stream:?}");
    }
}

#[test]
fn fault_86_an_event_over_the_cap_is_reported_once_and_the_next_one_is_read() {
    let mut decoder = SseDecoder::new(10);
    let stream = b"id: 1\ndata: 0123456789\n\nid: 2\ndata: 0123456789a\ndata: more\n\ndata: b\n\n";
    assert_eq!(
        feed(&mut decoder, [&stream[..]]),
        [event("0123456789"), None, event("b")]
    );
    assert_eq!(
        decoder.last_event_id(),
        Some("1"),
        "the lost event must not look received"
    );
}

#[test]
fn fault_86_many_small_lines_cannot_exceed_the_cap_either() {
    let mut decoder = SseDecoder::new(100);
    let stream = "data: x\n".repeat(1_000);
    assert_eq!(
        feed(&mut decoder, [stream.as_bytes(), b"\ndata: y\n\n"]),
        [None, event("y")]
    );
}

#[test]
fn fault_86_an_unterminated_event_is_reported_before_its_end_and_holds_no_memory() {
    let mut decoder = SseDecoder::new(10_000);
    let chunk = vec![b'x'; 4_096];
    let seen = feed(&mut decoder, std::iter::repeat_n(&chunk[..], 1_000));
    assert_eq!(seen, [None]);
    assert!(decoder.line.capacity() + decoder.data.capacity() < 20_000);
}

#[test]
fn an_endless_comment_holds_no_memory() {
    let mut decoder = SseDecoder::new(10);
    let chunk = vec![b':'; 4_096];
    assert_eq!(
        feed(&mut decoder, std::iter::repeat_n(&chunk[..], 1_000)),
        []
    );
    assert_eq!(decoder.line.capacity(), 0);
    assert_eq!(feed(&mut decoder, [&b"\ndata: a\n\n"[..]]), [event("a")]);
}

#[test]
fn fault_86_fifty_thousand_junk_events_are_passed_over() {
    let mut stream = "junk: x\n:\nid\n\n\r\r".repeat(50_000);
    stream.push_str("data: a\n\n");
    assert_eq!(decode(stream.as_bytes()), [event("a")]);
}

#[test]
fn a_buffer_that_grew_for_a_large_event_is_given_back() {
    let mut decoder = SseDecoder::new(1 << 22);
    let stream = format!("data: {}\n\ndata: b\n\n", "x".repeat(1 << 21));
    assert_eq!(feed(&mut decoder, stream.as_bytes().chunks(4_096)).len(), 2);
    assert!(decoder.line.capacity() <= AT_REST && decoder.data.capacity() <= AT_REST);
}

/// Streams made of what matters to a decoder.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => Just(b"\n".to_vec()),
        2 => Just(b"\r\n".to_vec()),
        2 => Just(b"\r".to_vec()),
        4 => Just(b"data: ab".to_vec()),
        1 => Just(b"data".to_vec()),
        2 => Just(b"id: 1".to_vec()),
        1 => Just(b"id: \0".to_vec()),
        1 => Just(b"event: e".to_vec()),
        1 => Just(b"retry: 9".to_vec()),
        1 => Just(b": c".to_vec()),
        1 => Just(b"\xEF\xBB\xBF".to_vec()),
        1 => Just(b"\xEF\xBB".to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..20),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn fault_86_any_split_of_a_stream_gives_the_same_events(
        stream in stream(),
        cuts in proptest::collection::vec(0usize..300, 0..20),
        max_event in 0usize..30,
    ) {
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(stream.len())).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let mut whole = SseDecoder::new(max_event);
        let mut split = SseDecoder::new(max_event);
        let mut bytes = SseDecoder::new(max_event);
        let expected = feed(&mut whole, [&stream[..]]);
        let chunks = cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]);
        prop_assert_eq!(&feed(&mut split, chunks), &expected);
        prop_assert_eq!(&feed(&mut bytes, stream.chunks(1)), &expected);
        prop_assert_eq!(split.last_event_id(), whole.last_event_id());
        prop_assert_eq!(bytes.retry(), whole.retry());
    }

    #[test]
    fn what_is_written_is_read(data in "[^\r\0]{0,80}", id in "[a-z0-9-]{1,20}") {
        let fields = EventFields { id: Some(&id), ..EventFields::default() };
        let text = encoded(fields, data.as_bytes());
        let mut decoder = SseDecoder::new(1_000);
        prop_assert_eq!(feed(&mut decoder, [text.as_bytes()]), [event(&data)]);
        prop_assert_eq!(decoder.last_event_id(), Some(&id[..]));
    }
}
