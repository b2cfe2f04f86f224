//! A byte stream one of whose operations fails.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::points::{How, Points};

/// A stream whose reads, writes, flushes and end are counted, each once it has happened.
pub(crate) struct Failing<S> {
    inner: S,
    points: Arc<Points>,
    /// How it has failed for good.
    broken: Option<How>,
}

impl<S> Failing<S> {
    pub(crate) fn new(inner: S, points: &Arc<Points>) -> Self {
        Self {
            inner,
            points: Arc::clone(points),
            broken: None,
        }
    }

    /// What an operation that fails comes to; `None` when it is to be done after all.
    fn fail<T>(&mut self, how: How, end: impl FnOnce() -> T) -> Option<Poll<io::Result<T>>> {
        let error = |kind: io::ErrorKind| Some(Poll::Ready(Err(kind.into())));
        match how {
            How::Error => {
                self.broken = Some(how);
                error(io::ErrorKind::ConnectionReset)
            }
            How::Interrupted => error(io::ErrorKind::Interrupted),
            How::End => {
                self.broken = Some(how);
                Some(Poll::Ready(Ok(end())))
            }
            How::Stuck => {
                self.broken = Some(how);
                Some(Poll::Pending)
            }
            How::Short | How::Jump => None,
        }
    }

    /// What is left of a stream that has failed for good, or fails now.
    fn broken<T>(
        &mut self,
        what: &'static str,
        end: impl FnOnce() -> T,
    ) -> Option<Poll<io::Result<T>>> {
        if let Some(how) = self.broken {
            return self.fail(how, end);
        }
        match self.points.next() {
            None | Some(How::Short | How::Jump) => None,
            Some(how) => {
                self.points.pass(what);
                self.fail(how, end)
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Failing<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(failed) = self.broken("read", || ()) {
            return failed;
        }
        if self.points.next() == Some(How::Short) {
            let mut byte = [0];
            let mut short = ReadBuf::new(&mut byte);
            ready!(Pin::new(&mut self.inner).poll_read(cx, &mut short))?;
            buf.put_slice(short.filled());
        } else {
            ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        }
        self.points.pass("read");
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Failing<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(failed) = self.broken("write", || 0) {
            return failed;
        }
        let most = match self.points.next() {
            Some(How::Short) => bytes.len().min(1),
            _ => bytes.len(),
        };
        let written = ready!(Pin::new(&mut self.inner).poll_write(cx, &bytes[..most]))?;
        self.points.pass("write");
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(failed) = self.broken("flush", || ()) {
            return failed;
        }
        ready!(Pin::new(&mut self.inner).poll_flush(cx))?;
        self.points.pass("flush");
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(failed) = self.broken("shutdown", || ()) {
            return failed;
        }
        ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
        self.points.pass("shutdown");
        Poll::Ready(Ok(()))
    }
}
