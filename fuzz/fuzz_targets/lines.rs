//! The line framer: however a stream is cut, its lines are the same, and its memory is bounded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mcp_transport::codec::{Line, LineFramer};
use toolwright_fuzz::{pieces, steering};

/// `None` for a line that was too long.
type Seen = Option<Vec<u8>>;

fn keep(line: Line<'_>) -> Seen {
    match line {
        Line::Message(bytes) => Some(bytes.to_vec()),
        Line::TooLong => None,
    }
}

fn framed(max_line: usize, reads: Vec<&[u8]>) -> Vec<Seen> {
    let mut framer = LineFramer::new(max_line);
    let mut seen = Vec::new();
    for mut read in reads {
        while !read.is_empty() {
            let space = framer.space();
            assert!(!space.is_empty() && space.len() <= max_line + (1 << 17));
            let taken = space.len().min(read.len());
            space[..taken].copy_from_slice(&read[..taken]);
            framer.commit(taken);
            read = &read[taken..];
            while let Some(line) = framer.next() {
                seen.push(keep(line));
            }
        }
    }
    seen.extend(framer.finish().map(keep));
    seen
}

/// The lines of a stream that is there as a whole.
fn plainly(max_line: usize, stream: &[u8]) -> Vec<Seen> {
    let stream = stream.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(stream);
    let lines = stream.split(|byte| *byte == b'\n');
    let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let lines = lines.filter_map(|line| match line {
        long if long.len() > max_line => Some(None),
        blank if blank.iter().all(u8::is_ascii_whitespace) => None,
        line => Some(Some(line.to_vec())),
    });
    lines.collect()
}

fuzz_target!(|data: &[u8]| {
    let ([seed, most], stream) = steering(data);
    let max_line = usize::from(most);
    let expected = plainly(max_line, stream);
    assert_eq!(framed(max_line, vec![stream]), expected);
    assert_eq!(framed(max_line, pieces(seed, stream)), expected);
});
