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
    /// How often in a row all that was written fitted into a buffer at rest.
    small_rounds: u8,
    ended: bool,
}

/// The size of the buffer for output that is kept however little is written.
const AT_REST: usize = 64 * 1024;
/// How often in a row a grown buffer must have been larger than needed before it shrinks. More
/// than once, or large messages would each take fresh memory from the system.
const SMALL_ROUNDS: u8 = 8;

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Link<R, W> {
    pub(super) fn new(reader: R, writer: W, max_line: usize) -> Self {
        Self {
            reader,
            writer,
            framer: LineFramer::new(max_line),
            out: Vec::new(),
            written: 0,
            unflushed: false,
            small_rounds: 0,
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
        self.drop_written();
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
        }
        if self.written > 0 {
            self.start_over();
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

    /// Drops what was written from before what was not, when that is worth the move.
    fn drop_written(&mut self) {
        if self.written > self.out.len() / 2 {
            self.out.drain(..self.written);
            self.written = 0;
        }
    }

    /// All is written: the buffer is free again, and given back if it has been larger than needed
    /// for a while.
    fn start_over(&mut self) {
        if self.out.len() > AT_REST {
            self.small_rounds = 0;
        } else {
            self.small_rounds = self.small_rounds.saturating_add(1);
        }
        self.out.clear();
        self.written = 0;
        if self.small_rounds >= SMALL_ROUNDS {
            self.out.shrink_to(AT_REST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;
    use tokio::io::{Empty, empty, sink};

    fn push<T: AsyncWrite + Unpin>(link: &mut Link<Empty, T>, message: &[u8]) {
        link.push_line(|out| {
            out.extend_from_slice(message);
            Some(())
        });
    }

    fn write<T: AsyncWrite + Unpin>(link: &mut Link<Empty, T>, message: &[u8]) {
        push(link, message);
        let written = link.poll_write(&mut Context::from_waker(Waker::noop()));
        assert!(written.is_ready() && link.backlog() == 0);
    }

    #[test]
    fn the_memory_of_large_messages_is_kept_until_a_few_small_ones_went_by() {
        let mut link = Link::new(empty(), sink(), 100);
        for _ in 0..3 {
            write(&mut link, &vec![b'x'; 2 * AT_REST]);
            for _ in 1..SMALL_ROUNDS {
                write(&mut link, b"small");
                assert!(link.out.capacity() > 2 * AT_REST);
            }
        }
        write(&mut link, b"small");
        assert_eq!(link.out.capacity(), AT_REST);
    }

    /// Takes so many bytes, and then no more for now.
    struct Full(usize);

    impl AsyncWrite for Full {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            match std::mem::take(&mut self.0) {
                0 => Poll::Pending,
                free => Poll::Ready(Ok(free.min(bytes.len()))),
            }
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn what_was_written_is_dropped_when_more_is_to_be_kept_than_lost() {
        let mut link = Link::new(empty(), Full(90), 100);
        push(&mut link, &[b'a'; 99]);
        assert!(
            link.poll_write(&mut Context::from_waker(Waker::noop()))
                .is_pending()
        );
        assert_eq!(
            (link.out.len(), link.backlog()),
            (100, 10),
            "nothing is moved yet"
        );
        push(&mut link, &[b'b'; 19]);
        assert_eq!((link.out.len(), link.backlog()), (30, 30));
        link.push_line(|_| None::<()>);
        assert_eq!(link.out.iter().filter(|byte| **byte == b'a').count(), 9);
    }
}
