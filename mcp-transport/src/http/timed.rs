//! A connection that is closed when its peer neither begins nor reads (fault 68).

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// Bytes after which it is known which protocol a connection speaks: HTTP/2 begins with as many.
/// Until then nothing else watches the time.
const OPENING: usize = 24;

/// A stream with a time for its first bytes, and a time for every write that has to wait.
#[derive(Debug)]
pub(super) struct Timed<S> {
    stream: S,
    /// How many of the first bytes are still missing.
    opening: usize,
    opened_by: Option<Pin<Box<Sleep>>>,
    first: Duration,
    write: Duration,
    written_by: Option<Pin<Box<Sleep>>>,
    /// Whether a write waits, so that the time counts.
    waiting: bool,
}

impl<S> Timed<S> {
    pub(super) fn new(stream: S, first: Duration, write: Duration) -> Self {
        Self {
            stream,
            opening: OPENING,
            opened_by: None,
            first,
            write,
            written_by: None,
            waiting: false,
        }
    }

    /// Notes whether a write had to wait, and fails one that has waited for too long.
    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = false;
            return written;
        }
        let until = Instant::now() + self.write;
        let sleep = self
            .written_by
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        if !std::mem::replace(&mut self.waiting, true) {
            sleep.as_mut().reset(until);
        }
        sleep
            .as_mut()
            .poll(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        if this.opening == 0 {
            return read;
        }
        this.opening = this.opening.saturating_sub(buffer.filled().len() - before);
        if this.opening == 0 {
            this.opened_by = None;
        } else if read.is_pending() {
            let first = this.first;
            let late = this
                .opened_by
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(first)));
            return late
                .as_mut()
                .poll(cx)
                .map(|()| Err(io::ErrorKind::TimedOut.into()));
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
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
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
