use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{AT_REST, Line, LineFramer, QUIET_ROUNDS};

/// A line that outlives the framer; `None` stands for one that was too long.
type Seen = Option<Vec<u8>>;

fn keep(line: Line<'_>) -> Seen {
    match line {
        Line::Message(bytes) => Some(bytes.to_vec()),
        Line::TooLong => None,
    }
}

fn message(bytes: &[u8]) -> Seen {
    Some(bytes.to_vec())
}

/// Feeds one read, as far as the space goes, as often as it takes.
fn feed(framer: &mut LineFramer, mut bytes: &[u8], seen: &mut Vec<Seen>) {
    while !bytes.is_empty() {
        let space = framer.space();
        let n = space.len().min(bytes.len());
        space[..n].copy_from_slice(&bytes[..n]);
        framer.commit(n);
        bytes = &bytes[n..];
        while let Some(line) = framer.next() {
            seen.push(keep(line));
        }
    }
}

fn lines_of<'a>(max_line: usize, reads: impl IntoIterator<Item = &'a [u8]>) -> Vec<Seen> {
    let mut framer = LineFramer::new(max_line);
    let mut seen = Vec::new();
    for read in reads {
        feed(&mut framer, read, &mut seen);
    }
    seen.extend(framer.finish().map(keep));
    seen
}

#[test]
fn fault_03_a_byte_order_mark_at_the_stream_start_is_stripped() {
    let stream = b"\xEF\xBB\xBF{}\n\xEF\xBB\xBF[]\n";
    let expected = [message(b"{}"), message(b"\xEF\xBB\xBF[]")];
    assert_eq!(lines_of(9, [&stream[..]]), expected);
    assert_eq!(lines_of(9, stream.chunks(1)), expected);
}

#[test]
fn fault_03_a_byte_order_mark_does_not_count_as_part_of_the_line() {
    assert_eq!(
        lines_of(2, b"\xEF\xBB\xBF{}\r\n".chunks(1)),
        [message(b"{}")]
    );
}

#[test]
fn fault_03_half_a_byte_order_mark_is_junk_and_not_lost() {
    assert_eq!(lines_of(9, [&b"\xEF\xBB"[..]]), [message(b"\xEF\xBB")]);
    assert_eq!(
        lines_of(9, b"\xEF\xBB\n{}".chunks(1)),
        [message(b"\xEF\xBB"), message(b"{}")]
    );
}

#[test]
fn fault_04_crlf_blank_and_white_space_lines_yield_only_messages() {
    let stream = b"\n\r\n  \t \r\n{}\r\n\n \n[]\n \t";
    assert_eq!(lines_of(9, [&stream[..]]), [message(b"{}"), message(b"[]")]);
}

#[test]
fn fault_04_a_carriage_return_inside_a_line_stays() {
    assert_eq!(lines_of(9, [&b"{\r}\r\n"[..]]), [message(b"{\r}")]);
}

#[test]
fn fault_05_several_messages_in_one_read_come_out_one_by_one() {
    assert_eq!(
        lines_of(9, [&b"1\n2\n3\n"[..]]),
        [message(b"1"), message(b"2"), message(b"3")]
    );
}

#[test]
fn fault_05_the_last_line_needs_no_newline() {
    assert_eq!(
        lines_of(9, [&b"{}\n[]"[..]]),
        [message(b"{}"), message(b"[]")]
    );
    assert_eq!(lines_of(9, [&b"{}\r"[..]]), [message(b"{}")]);
    assert_eq!(lines_of(9, []), []);
}

#[test]
fn fault_07_a_line_at_the_cap_passes_and_one_byte_more_does_not() {
    for ending in ["\n", "\r\n", "\r", ""] {
        for (body, expected) in [("12345", message(b"12345")), ("123456", None)] {
            let stream = format!("{body}{ending}");
            let whole = lines_of(5, [stream.as_bytes()]);
            let by_byte = lines_of(5, stream.as_bytes().chunks(1));
            assert_eq!(whole, [expected], "{stream:?}");
            assert_eq!(by_byte, whole, "{stream:?}");
        }
    }
}

#[test]
fn fault_07_an_overlong_line_is_reported_once_and_the_next_line_survives() {
    let mut stream = vec![b'x'; 5 * AT_REST];
    stream.extend_from_slice(b"\n{}\n");
    for read in [stream.len(), 4096, 1] {
        assert_eq!(
            lines_of(100, stream.chunks(read)),
            [None, message(b"{}")],
            "reads of {read}"
        );
    }
}

#[test]
fn fault_07_an_overlong_last_line_is_reported() {
    assert_eq!(lines_of(3, b"abcdef".chunks(1)), [None]);
}

#[test]
fn fault_07_the_buffer_exceeds_the_cap_by_at_most_64_kib() {
    for max_line in [0, 10, AT_REST, 1_000_000] {
        let mut framer = LineFramer::new(max_line);
        let mut seen = Vec::new();
        let stream = vec![b'x'; 3 * max_line + 10];
        for read in stream.chunks(10_000) {
            feed(&mut framer, read, &mut seen);
            assert!(framer.buffer.capacity() <= max_line + 64 * 1024);
        }
        assert_eq!(framer.finish(), Some(Line::TooLong));
    }
}

#[test]
fn a_buffer_that_grew_is_given_back_after_some_quiet() {
    let mut framer = LineFramer::new(10 * AT_REST);
    let mut seen = Vec::new();
    let mut large = vec![b'x'; 5 * AT_REST];
    large.push(b'\n');
    feed(&mut framer, &large, &mut seen);
    assert!(framer.buffer.capacity() > AT_REST);
    for _ in 0..=QUIET_ROUNDS {
        feed(&mut framer, b"{}\n", &mut seen);
    }
    framer.space();
    assert_eq!(framer.buffer.capacity(), AT_REST);
    assert_eq!(seen.len(), 2 + usize::from(QUIET_ROUNDS));
}

#[test]
fn a_stream_of_large_lines_keeps_the_buffer_it_needs() {
    let mut framer = LineFramer::new(10 * AT_REST);
    let mut large = vec![b'x'; 5 * AT_REST];
    large.push(b'\n');
    feed(&mut framer, &large, &mut Vec::new());
    let grown = framer.buffer.capacity();
    for _ in 0..3 * QUIET_ROUNDS {
        feed(&mut framer, &large, &mut Vec::new());
        assert_eq!(framer.buffer.capacity(), grown);
    }
}

#[test]
fn looking_for_more_in_vain_is_no_quiet_that_costs_the_buffer() {
    let mut framer = LineFramer::new(10 * AT_REST);
    let mut large = vec![b'x'; 5 * AT_REST];
    large.push(b'\n');
    feed(&mut framer, &large, &mut Vec::new());
    let grown = framer.buffer.capacity();
    for _ in 0..3 * QUIET_ROUNDS {
        framer.space();
        framer.commit(0);
    }
    assert_eq!(framer.buffer.capacity(), grown);
}

#[test]
fn a_line_of_many_small_reads_takes_linear_time() {
    // Quadratic rescans or moves of 4 MiB read byte by byte would take hours.
    let started = Instant::now();
    let line = vec![b'x'; 4 * 1024 * 1024];
    let seen = lines_of(line.len(), line.chunks(1));
    assert_eq!(seen, [Some(line)]);
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[test]
fn lines_that_straddle_full_buffers_survive_the_move_to_the_front() {
    let line = format!("{}\n", "y".repeat(1_000));
    let stream = line.repeat(1_000);
    let seen = lines_of(2_000, stream.as_bytes().chunks(AT_REST));
    assert_eq!(seen.len(), 1_000);
    assert!(
        seen.iter()
            .all(|seen| *seen == message(line.trim().as_bytes()))
    );
}

#[test]
#[should_panic(expected = "committed more than there was space for")]
fn committing_more_than_the_space_panics() {
    let mut framer = LineFramer::new(1);
    let space = framer.space().len();
    framer.commit(space + 1);
}

/// Streams made of what matters to a framer, so that line ends and marks are common.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b" ".to_vec()),
        Just(b"\xEF\xBB\xBF".to_vec()),
        Just(b"\xEF".to_vec()),
        Just(b"{}".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..20),
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

/// What a framer must find, said the slow way.
fn expected(max_line: usize, stream: &[u8]) -> Vec<Seen> {
    let stream = stream.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(stream);
    let lines = stream.split(|byte| *byte == b'\n');
    let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines
        .filter(|line| line.len() > max_line || !line.trim_ascii().is_empty())
        .map(|line| (line.len() <= max_line).then(|| line.to_vec()))
        .collect()
}

proptest! {
    #[test]
    fn fault_05_any_split_of_a_stream_gives_the_same_lines(
        stream in stream(),
        cuts in proptest::collection::vec(0usize..600, 0..20),
        max_line in 0usize..40,
    ) {
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(stream.len())).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let reads = cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]);
        let expected = expected(max_line, &stream);
        prop_assert_eq!(&lines_of(max_line, reads), &expected);
        prop_assert_eq!(&lines_of(max_line, stream.chunks(1)), &expected);
    }
}
