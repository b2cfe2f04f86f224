//! One message per line (STDIO-A-01).
//!
//! The framer owns the buffer that is read into, so a message is never copied between the
//! descriptor and its decoder, and a message that arrives whole costs no allocation:
//!
//! 1. read into [`LineFramer::space`], then [`LineFramer::commit`] what was read;
//! 2. take lines from [`LineFramer::next`] until it has no more;
//! 3. at the end of the stream take the last one from [`LineFramer::finish`].

use std::ops::Range;

/// The buffer's size at rest: what a pipe holds, so that one read empties it.
const AT_REST: usize = 64 * 1024;
/// Less free space than this is not worth a read.
const WORTH_A_READ: usize = 4 * 1024;
/// How often in a row a grown buffer must have been larger than needed before it shrinks. More
/// than once, or a stream of large messages would grow it anew for each of them.
const QUIET_ROUNDS: u8 = 8;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What [`LineFramer`] found between two newlines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// The bytes of one line, without its line ending. Neither empty nor all white space; not
    /// yet checked to be UTF-8, let alone JSON.
    Message(&'a [u8]),
    /// A line longer than allowed went by. Its bytes are gone, the stream is in step again.
    TooLong,
}

/// Finds lines in a stream of bytes, in bounded memory, however the stream is cut into reads.
///
/// A line ends with `\n` or `\r\n`. Blank lines and lines of white space are skipped, and so is
/// a byte-order mark at the start of the stream. A line over the bound is discarded while it
/// arrives and reported once, at its end.
///
/// The buffer never exceeds the longest line by more than 64 KiB, as long as every line is taken
/// before the next read.
///
/// ```
/// use mcp_transport::codec::{Line, LineFramer};
///
/// let mut framer = LineFramer::new(1024);
/// let bytes = b"{\"a\":1}\r\n\n{\"b\"";
/// framer.space()[..bytes.len()].copy_from_slice(bytes);
/// framer.commit(bytes.len());
/// assert_eq!(framer.next(), Some(Line::Message(b"{\"a\":1}")));
/// assert_eq!(framer.next(), None);
/// assert_eq!(framer.finish(), Some(Line::Message(b"{\"b\"")));
/// ```
#[derive(Debug)]
pub struct LineFramer {
    /// Initialised throughout, so that a reader can be handed any part of it.
    buffer: Vec<u8>,
    /// Where the line under way begins.
    start: usize,
    /// Up to where it is known to hold no newline: no byte is searched twice.
    searched: usize,
    /// Where the received bytes end.
    end: usize,
    max_line: usize,
    /// The line under way is too long: its bytes are dropped as they come.
    discarding: bool,
    /// Nothing of the stream has been looked at: a byte-order mark may follow.
    at_stream_start: bool,
    quiet_rounds: u8,
}

impl LineFramer {
    /// A framer for lines of at most `max_line` bytes, line ending not counted.
    #[must_use]
    pub fn new(max_line: usize) -> Self {
        Self {
            buffer: vec![0; AT_REST],
            start: 0,
            searched: 0,
            end: 0,
            max_line,
            discarding: false,
            at_stream_start: true,
            quiet_rounds: 0,
        }
    }

    /// Where the next bytes of the stream belong; never empty. Call it when [`next`](Self::next)
    /// has no more lines, read into it, and [`commit`](Self::commit) what was read.
    pub fn space(&mut self) -> &mut [u8] {
        if self.start == self.end {
            self.start_over();
        } else if self.buffer.len() - self.end < WORTH_A_READ {
            self.make_room();
        }
        self.buffer.get_mut(self.end..).unwrap_or_default()
    }

    /// Says that the first `read` bytes of [`space`](Self::space) now hold the stream's next.
    ///
    /// # Panics
    ///
    /// If `read` is more than that space was long.
    pub fn commit(&mut self, read: usize) {
        assert!(
            read <= self.buffer.len() - self.end,
            "committed more than there was space for"
        );
        self.end += read;
    }

    /// The next whole line, or `None` when more bytes are needed.
    // Not an iterator: the line borrows from the buffer.
    #[expect(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<Line<'_>> {
        if self.start == self.end || !self.past_byte_order_mark() {
            return None;
        }
        loop {
            let fresh = self.bytes(self.searched..self.end);
            let Some(at) = memchr::memchr(b'\n', fresh) else {
                self.searched = self.end;
                self.drop_overlong_start();
                return None;
            };
            let newline = self.searched + at;
            let line = self.content(self.start..newline);
            self.start = newline + 1;
            self.searched = self.start;
            if std::mem::take(&mut self.discarding) || line.len() > self.max_line {
                return Some(Line::TooLong);
            }
            if !is_blank(self.bytes(line.clone())) {
                return Some(Line::Message(self.bytes(line)));
            }
        }
    }

    /// Whether the line under way is too long already. Its end is still to come, and reported
    /// then.
    pub fn is_discarding(&self) -> bool {
        self.discarding
    }

    /// The last line of a stream that ended without a newline, if there is one. Call it once,
    /// when [`next`](Self::next) has no more lines; the framer is then as new.
    pub fn finish(&mut self) -> Option<Line<'_>> {
        let line = self.content(self.start..self.end);
        self.start = self.end;
        self.searched = self.end;
        self.at_stream_start = true;
        if std::mem::take(&mut self.discarding) || line.len() > self.max_line {
            return Some(Line::TooLong);
        }
        let line = self.bytes(line);
        (!is_blank(line)).then_some(Line::Message(line))
    }

    fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    /// A line without the `\r` of its line ending.
    fn content(&self, line: Range<usize>) -> Range<usize> {
        let ends_in_return = self.bytes(line.clone()).ends_with(b"\r");
        line.start..line.end - usize::from(ends_in_return)
    }

    /// Skips the byte-order mark; false while it takes more bytes to tell.
    fn past_byte_order_mark(&mut self) -> bool {
        if !self.at_stream_start {
            return true;
        }
        let pending = self.bytes(self.start..self.end);
        if pending.starts_with(BYTE_ORDER_MARK) {
            self.start += BYTE_ORDER_MARK.len();
            self.searched = self.start;
        } else if BYTE_ORDER_MARK.starts_with(pending) {
            return false;
        }
        self.at_stream_start = false;
        true
    }

    /// Frees what is held of the line under way once it cannot fit any more. One byte over the
    /// bound is kept: it may be the `\r` of the line ending.
    fn drop_overlong_start(&mut self) {
        if self.discarding || self.end - self.start > self.max_line.saturating_add(1) {
            self.discarding = true;
            self.start = self.end;
        }
    }

    /// Everything was consumed: the next bytes go to the front, and a buffer that grew for a
    /// large line is given back when it has not been needed for a while.
    fn start_over(&mut self) {
        // Waiting for more is not quiet: that nothing has come says nothing of how much will.
        if self.buffer.len() > AT_REST && self.end > 0 {
            if self.end > AT_REST {
                self.quiet_rounds = 0;
            } else {
                self.quiet_rounds += 1;
            }
            if self.quiet_rounds == QUIET_ROUNDS {
                self.quiet_rounds = 0;
                self.buffer.truncate(AT_REST);
                self.buffer.shrink_to_fit();
            }
        }
        self.start = 0;
        self.searched = 0;
        self.end = 0;
    }

    /// Moves the line under way to the front, and grows the buffer if that is not enough. Each
    /// move is paid for by the bytes read since the last, so a line of any length costs a
    /// constant number of copies per byte.
    fn make_room(&mut self) {
        self.buffer.copy_within(self.start..self.end, 0);
        self.searched -= self.start;
        self.end -= self.start;
        self.start = 0;
        if self.end > self.buffer.len() / 2 {
            let most = self.max_line.saturating_add(AT_REST);
            let doubled = (self.buffer.len() * 2).min(most);
            let size = doubled.max(self.end + WORTH_A_READ);
            if size > self.buffer.len() {
                self.buffer.reserve_exact(size - self.buffer.len());
                self.buffer.resize(size, 0);
            }
        }
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

#[cfg(test)]
mod tests;
