//! Server-sent events: one message per event.
//!
//! [`write_event`] and [`write_comment`] append to a buffer, so that a reply's events leave in
//! one write. [`SseDecoder`] reads a stream in bounded memory, however it is cut into chunks.

use std::time::Duration;

use memchr::{memchr, memchr2};

/// What keeps a stream alive through proxies: a comment without text.
pub const KEEP_ALIVE: &[u8] = b":\n\n";
/// Longest wait a server can ask for; a larger `retry` counts as this. One hour.
pub const MAX_RETRY: Duration = Duration::from_secs(3_600);

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// What a line of data holds besides its data.
const FIELD: usize = b"data: ".len();
/// A longer id is not kept: it has to fit into a header of the next request.
const MAX_ID: usize = 1_024;
/// A buffer that grew beyond this for one event is given back after it.
const AT_REST: usize = 64 * 1024;

/// What can be said in one event besides its data; by default nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventFields<'a> {
    /// The event's type; receivers take none as `message`.
    pub event: Option<&'a str>,
    /// From where a stream can be resumed (HTTP-L-09).
    pub id: Option<&'a str>,
    /// How long the receiver waits before it reconnects (HTTP-L-11), sent in milliseconds.
    pub retry: Option<Duration>,
}

/// Appends one event. Empty data makes an event too: with an id, the priming event that makes a
/// stream resumable before its first message (HTTP-L-11).
///
/// Data of several lines becomes several fields, and any line ending in it a `\n` for the
/// receiver. A type or id with a line break or NUL in it cannot be said and is left out.
///
/// ```
/// use mcp_transport::codec::sse::{EventFields, write_event};
///
/// let mut reply = Vec::new();
/// write_event(&mut reply, EventFields { id: Some("1-1"), ..EventFields::default() }, b"{}");
/// assert_eq!(reply, b"id: 1-1\ndata: {}\n\n");
/// ```
pub fn write_event(buffer: &mut Vec<u8>, fields: EventFields<'_>, data: &[u8]) {
    buffer.reserve(data.len() + 64);
    for (name, value) in [("event: ", fields.event), ("id: ", fields.id)] {
        let sayable = |value: &&str| !value.contains(['\r', '\n', '\0']);
        if let Some(value) = value.filter(sayable) {
            buffer.extend_from_slice(name.as_bytes());
            buffer.extend_from_slice(value.as_bytes());
            buffer.push(b'\n');
        }
    }
    if let Some(retry) = fields.retry {
        buffer.extend_from_slice(format!("retry: {}\n", retry.as_millis()).as_bytes());
    }
    write_lines(buffer, b"data: ", data);
    buffer.push(b'\n');
}

/// Appends a comment, which receivers skip.
pub fn write_comment(buffer: &mut Vec<u8>, text: &str) {
    write_lines(buffer, b": ", text.as_bytes());
    buffer.push(b'\n');
}

/// Appends each line of `text` behind `prefix`.
fn write_lines(buffer: &mut Vec<u8>, prefix: &[u8], text: &[u8]) {
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (line, after) = match split_line(text) {
            Some((line, _, after)) => (line, Some(after)),
            None => (text, None),
        };
        buffer.extend_from_slice(prefix);
        buffer.extend_from_slice(line);
        buffer.push(b'\n');
        rest = after.map(|after| match text.get(line.len()..) {
            Some([b'\r', b'\n', ..]) => after.get(1..).unwrap_or_default(),
            _ => after,
        });
    }
}

/// What stands before the first `\r` or `\n`, which of the two it is, and what follows it.
fn split_line(bytes: &[u8]) -> Option<(&[u8], u8, &[u8])> {
    let at = memchr2(b'\n', b'\r', bytes)?;
    let (line, rest) = bytes.split_at_checked(at)?;
    let (end, rest) = rest.split_first()?;
    Some((line, *end, rest))
}

/// What [`SseDecoder`] found in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sse<'a> {
    /// An event.
    Event {
        /// Its type, `message` if it named none.
        event: &'a str,
        /// Its data, lines joined by `\n`. Empty in a priming event (HTTP-L-11). Not checked to
        /// be UTF-8.
        data: &'a [u8],
    },
    /// An event larger than allowed. Reported once, as soon as it is known; the rest of it is
    /// dropped as it comes.
    TooLong,
}

/// Finds the events of one stream, in bounded memory.
///
/// Lines end with `\n`, `\r` or `\r\n`, mixed as they come; a byte-order mark at the start,
/// comments and unknown fields are skipped; an event the stream ends in the middle of never
/// happened. A new connection needs a new decoder, and takes over
/// [`last_event_id`](Self::last_event_id) and [`retry`](Self::retry) of the old.
///
/// ```
/// use mcp_transport::codec::sse::{Sse, SseDecoder};
///
/// let mut decoder = SseDecoder::new(1024);
/// let mut chunk = &b"id: 7\ndata: {}\r\n\r\n: later\n"[..];
/// let event = decoder.next(&mut chunk);
/// assert_eq!(event, Some(Sse::Event { event: "message", data: b"{}" }));
/// assert_eq!(decoder.next(&mut chunk), None);
/// assert_eq!(decoder.last_event_id(), Some("7"));
/// ```
#[derive(Debug)]
pub struct SseDecoder {
    max_event: usize,
    /// How much of a byte-order mark was seen; `None` once past the place for one.
    mark: Option<usize>,
    /// The last line ended in `\r`: a `\n` now belongs to that ending.
    after_return: bool,
    /// The line under way, as far as it came in earlier chunks.
    line: Vec<u8>,
    /// The rest of this line is dropped: a comment, or part of an event that is too long.
    skip_line: bool,
    /// The event under way is too long and was reported.
    discarding: bool,
    /// The data so far, each line followed by `\n`.
    data: Vec<u8>,
    /// The type of the event under way, empty for none.
    event: String,
    /// The id that counts from the next end of an event on.
    pending_id: Option<String>,
    last_event_id: Option<String>,
    retry: Option<Duration>,
    /// The event in the buffers was handed out.
    handed_out: bool,
}

impl SseDecoder {
    /// A decoder for events of at most `max_event` bytes of data.
    #[must_use]
    pub fn new(max_event: usize) -> Self {
        Self {
            max_event,
            mark: Some(0),
            after_return: false,
            line: Vec::new(),
            skip_line: false,
            discarding: false,
            data: Vec::new(),
            event: String::new(),
            pending_id: None,
            last_event_id: None,
            retry: None,
            handed_out: false,
        }
    }

    /// The next event of a chunk, which is shortened to what follows the event; `None` when the
    /// chunk is used up.
    pub fn next(&mut self, chunk: &mut &[u8]) -> Option<Sse<'_>> {
        if std::mem::take(&mut self.handed_out) {
            self.forget_event();
        }
        self.skip_byte_order_mark(chunk);
        while !chunk.is_empty() {
            if std::mem::take(&mut self.after_return) && chunk.first() == Some(&b'\n') {
                *chunk = chunk.get(1..).unwrap_or_default();
                continue;
            }
            let (part, end, rest) = match split_line(chunk) {
                Some((part, end, rest)) => (part, Some(end), rest),
                None => (*chunk, None, &[][..]),
            };
            *chunk = rest;
            let overflows = self.take_part(part);
            if let Some(end) = end {
                self.after_return = end == b'\r';
                if self.end_line() {
                    self.handed_out = true;
                    return Some(self.current());
                }
            }
            if overflows {
                return Some(Sse::TooLong);
            }
        }
        None
    }

    /// The id to resume after (HTTP-L-10): that of the last whole event that had one. An id that
    /// holds a NUL, is not UTF-8, or is longer than 1 KiB is not kept.
    #[must_use]
    pub fn last_event_id(&self) -> Option<&str> {
        self.last_event_id.as_deref()
    }

    /// How long the server asks to wait before a reconnection (HTTP-L-11), at most
    /// [`MAX_RETRY`].
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    fn current(&self) -> Sse<'_> {
        Sse::Event {
            event: if self.event.is_empty() {
                "message"
            } else {
                &self.event
            },
            data: self.data.strip_suffix(b"\n").unwrap_or(&self.data),
        }
    }

    fn forget_event(&mut self) {
        self.event.clear();
        self.data.clear();
        self.data.shrink_to(AT_REST);
    }

    fn skip_byte_order_mark(&mut self, chunk: &mut &[u8]) {
        while let Some(seen) = self.mark {
            match (BYTE_ORDER_MARK.get(seen), chunk.split_first()) {
                (Some(_), None) => return,
                (Some(mark), Some((first, rest))) if first == mark => {
                    self.mark = Some(seen + 1);
                    *chunk = rest;
                }
                (Some(_), Some(_)) => {
                    // It only began like one: what was held back is the start of the line.
                    self.line
                        .extend_from_slice(BYTE_ORDER_MARK.get(..seen).unwrap_or_default());
                    self.mark = None;
                }
                (None, _) => self.mark = None,
            }
        }
    }

    /// Takes more of the line under way. True when that makes the event too long.
    ///
    /// Whether it does depends on the stream alone and not on where it is cut: what is held only
    /// shrinks between two lines.
    fn take_part(&mut self, part: &[u8]) -> bool {
        let at_line_start = self.line.is_empty() && !self.skip_line;
        if at_line_start && !part.is_empty() && (self.discarding || part.starts_with(b":")) {
            self.skip_line = true;
        }
        if self.skip_line {
            return false;
        }
        let held = self.data.len() + self.line.len() + part.len();
        if held > self.max_event.saturating_add(FIELD) {
            self.forget_event();
            self.line = Vec::new();
            self.skip_line = true;
            self.discarding = true;
            return true;
        }
        self.line.extend_from_slice(part);
        false
    }

    /// Takes the end of a line. True when it ends an event that counts.
    fn end_line(&mut self) -> bool {
        if std::mem::take(&mut self.skip_line) {
            return false;
        }
        if self.line.is_empty() {
            return self.end_event();
        }
        let mut line = std::mem::take(&mut self.line);
        self.take_field(&line);
        line.clear();
        line.shrink_to(AT_REST);
        self.line = line;
        false
    }

    fn end_event(&mut self) -> bool {
        if std::mem::take(&mut self.discarding) {
            // Its message is lost: an id that resumes after it would hide that.
            self.pending_id = None;
            return false;
        }
        if let Some(id) = self.pending_id.take() {
            // An empty id says that the stream cannot be resumed.
            self.last_event_id = (!id.is_empty()).then_some(id);
        }
        // Without a data field there is no event, whatever else was said.
        let counts = !self.data.is_empty();
        if !counts {
            self.event.clear();
        }
        counts
    }

    fn take_field(&mut self, line: &[u8]) {
        let colon = memchr(b':', line).unwrap_or(line.len());
        let (name, value) = line.split_at_checked(colon).unwrap_or_default();
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => {
                self.data.extend_from_slice(value);
                self.data.push(b'\n');
            }
            b"event" => self.event = String::from_utf8_lossy(value).into_owned(),
            b"id" if value.len() <= MAX_ID && !value.contains(&0) => {
                if let Ok(id) = std::str::from_utf8(value) {
                    self.pending_id = Some(id.to_owned());
                }
            }
            b"retry" => self.retry = parse_retry(value).or(self.retry),
            _ => {}
        }
    }
}

/// Digits only, clamped: a number too large for any type is a long wait, not a malformed one.
fn parse_retry(value: &[u8]) -> Option<Duration> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = std::str::from_utf8(value).ok()?;
    Some(
        digits
            .parse()
            .map_or(MAX_RETRY, |ms| Duration::from_millis(ms).min(MAX_RETRY)),
    )
}

#[cfg(test)]
mod tests;
