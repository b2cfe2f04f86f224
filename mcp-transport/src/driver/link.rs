//! A line-framed connection: what was read and not yet taken, what was encoded and not yet
//! written.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::codec::LineFramer;

/// Both directions of a connection, with their buffers.
#[derive(Debug)]
pub(super) struct Link<R, W> {
    reader: R,
    writer: W,
    pub(super) framer: LineFramer,
    out: Vec<u8>,
    written: usize,
    unflushed: bool,
    ended: bool,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Link<R, W> {
    pub(super) fn new(reader: R, writer: W, max_line: usize) -> Self {
        Self {
            reader,
            writer,
            framer: LineFramer::new(max_line),
            out: Vec::new(),
            written: 0,
            unflushed: false,
            ended: false,
        }
    }

    /// Reads once. True when there is something new in the framer, false at the end of the
    /// stream.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if self.ended {
            return Poll::Ready(Ok(false));
        }
        let mut buffer = ReadBuf::new(self.framer.space());
        ready!(Pin::new(&mut self.reader).poll_read(cx, &mut buffer))?;
        let read = buffer.filled().len();
        self.framer.commit(read);
        self.ended = read == 0;
        Poll::Ready(Ok(!self.ended))
    }

    /// Appends one line: `write` appends the message, and says whether there was one.
    pub(super) fn push_line<T>(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Option<T>,
    ) -> Option<T> {
        let message = write(&mut self.out)?;
        self.out.push(b'\n');
        Some(message)
    }

    /// Bytes that wait to be written.
    pub(super) fn backlog(&self) -> usize {
        self.out.len() - self.written
    }

    /// Writes and flushes as much as the peer takes. Ready when nothing is left.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.backlog() > 0 {
            let rest = self.out.get(self.written..).unwrap_or_default();
            let count = ready!(Pin::new(&mut self.writer).poll_write(cx, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count;
            self.unflushed = true;
            self.compact();
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.writer).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Ends the sending direction.
    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.writer).poll_shutdown(cx)
    }

    /// Forgets what was written, at once when that was all, else when it is worth the move.
    fn compact(&mut self) {
        const KEEP: usize = 64 * 1024;
        if self.backlog() == 0 {
            self.out.clear();
            self.out.shrink_to(KEEP);
            self.written = 0;
        } else if self.written > self.out.len() / 2 {
            self.out.drain(..self.written);
            self.written = 0;
        }
    }
}
