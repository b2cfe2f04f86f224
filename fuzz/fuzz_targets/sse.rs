//! Server-sent events: however a stream is cut, its events are the same; no event is longer than
//! allowed; and what is written is read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mcp_transport::codec::sse::{EventFields, MAX_RETRY, Sse, SseDecoder, write_event};
use toolwright_fuzz::{pieces, steering};

/// The type and data of each event, or that it was too long; and what the stream is resumed by.
type Seen = (Vec<Option<(String, Vec<u8>)>>, Option<String>);

fn decoded(max_event: usize, chunks: Vec<&[u8]>) -> Seen {
    let mut decoder = SseDecoder::new(max_event);
    let mut events = Vec::new();
    for mut chunk in chunks {
        while let Some(event) = decoder.next(&mut chunk) {
            events.push(match event {
                Sse::Event { event, data } => {
                    // A field's name counts for the line it stands in.
                    assert!(data.len() <= max_event + 6, "an event over the bound");
                    Some((event.to_owned(), data.to_vec()))
                }
                Sse::TooLong => None,
            });
        }
        assert!(decoder.retry().is_none_or(|retry| retry <= MAX_RETRY));
    }
    let id = decoder.last_event_id().map(str::to_owned);
    assert!(
        id.as_ref()
            .is_none_or(|id| !id.contains(['\n', '\r', '\0']))
    );
    (events, id)
}

/// An event of these data, as it is written, is one event of the same data.
fn written_and_read(data: &[u8]) {
    let mut stream = Vec::new();
    let fields = EventFields {
        id: Some("1"),
        ..EventFields::default()
    };
    write_event(&mut stream, fields, data);
    let mut lines = Vec::new();
    let mut rest = data;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        lines.extend_from_slice(&rest[..at]);
        lines.push(b'\n');
        rest = match &rest[at..] {
            [b'\r', b'\n', after @ ..] => after,
            after => &after[1..],
        };
    }
    lines.extend_from_slice(rest);
    let (events, id) = decoded(stream.len(), vec![&stream]);
    assert_eq!(events, [Some(("message".to_owned(), lines))]);
    assert_eq!(id.as_deref(), Some("1"));
}

fuzz_target!(|data: &[u8]| {
    let ([seed, most], stream) = steering(data);
    let max_event = usize::from(most);
    let whole = decoded(max_event, vec![stream]);
    assert_eq!(decoded(max_event, pieces(seed, stream)), whole);
    written_and_read(stream);
});
