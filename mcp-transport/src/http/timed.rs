//! A connection that is closed when its peer asks nothing, asks too slowly, or does not read what
//! it is answered (fault 68).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::alarm::Alarm;
use crate::write_watch::WriteWatch;

/// How every connection of HTTP/2 begins.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    /// As long as so many of its first bytes were those of the preface, and no other.
    Unknown(usize),
    Http1,
    /// It has pings of its own to find out whether its peer still lives.
    Http2,
}

impl Protocol {
    fn note(&mut self, bytes: &[u8]) {
        let Self::Unknown(seen) = *self else {
            return;
        };
        let missing = PREFACE.get(seen..).unwrap_or_default();
        *self = if bytes.starts_with(missing) {
            Self::Http2
        } else if missing.starts_with(bytes) {
            Self::Unknown(seen + bytes.len())
        } else {
            Self::Http1
        };
    }
}

/// The exchanges of a connection that are not over.
#[derive(Debug, Clone, Default)]
pub(super) struct Exchanges(Arc<AtomicUsize>);

impl Exchanges {
    /// Notes one more, which is over when what this returns is dropped.
    pub(super) fn begin(&self) -> Underway {
        self.0.fetch_add(1, Ordering::Relaxed);
        Underway(Arc::clone(&self.0))
    }

    fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

/// An exchange that is not over.
#[derive(Debug)]
pub(super) struct Underway(Arc<AtomicUsize>);

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream with a time for the head of every request, and a time for every write that has to wait.
#[derive(Debug)]
pub(super) struct Timed<S> {
    stream: S,
    protocol: Protocol,
    exchanges: Exchanges,
    /// When the next head has to be there, unless an exchange goes on.
    head: Alarm,
    write: WriteWatch,
}

impl<S> Timed<S> {
    /// A stream that carries these `exchanges`, with a time for `head` and `write`.
    pub(super) fn new(stream: S, exchanges: Exchanges, head: Duration, write: Duration) -> Self {
        Self {
            stream,
            protocol: Protocol::Unknown(0),
            exchanges,
            head: Alarm::new(head),
            write: WriteWatch::new(write),
        }
    }

    /// Notes whether a write had to wait, and fails one that has waited for too long.
    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let had_to_wait = self.write.is_waiting();
        let written = self.write.watch(cx, written);
        if had_to_wait && written.is_ready() {
            self.await_head(cx);
        }
        written
    }

    /// Lets the time for the next head begin: the last that was said may be the end of an answer.
    fn await_head(&mut self, cx: &mut Context<'_>) {
        if self.protocol != Protocol::Http2 {
            self.head.put_off(cx);
        }
    }

    /// Whether the peer is to say something now.
    fn is_awaited(&self) -> bool {
        self.protocol != Protocol::Http2 && !self.write.is_waiting() && !self.exchanges.any()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if read.is_ready() {
            let new = buffer.filled().get(before..).unwrap_or_default();
            self.protocol.note(new);
            return read;
        }
        if self.is_awaited() {
            let late = self.head.poll(cx);
            return late.map(|()| Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.await_head(cx);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.await_head(cx);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.watch(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.watch(cx, shut)
    }
}
