//! The two ends of a connection to a child.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::process::{ChildStdin, ChildStdout};

use super::supervisor::{Exited, Stop};

/// A child's standard output. It ends with the child, even when a descendant that got away still
/// holds it open (fault 22).
#[derive(Debug)]
pub struct ChildOutput {
    stdout: ChildStdout,
    exited: Option<Exited>,
}

impl ChildOutput {
    pub(super) fn new(stdout: ChildStdout, exited: Exited) -> Self {
        Self {
            stdout,
            exited: Some(exited),
        }
    }
}

impl AsyncRead for ChildOutput {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = self.exited.as_mut();
        let was_alive = before.is_some_and(|exited| Pin::new(exited).poll(cx).is_pending());
        if !was_alive {
            self.exited = None;
        }
        // Looked at before it is read: all that an ended child wrote is in the pipe.
        match Pin::new(&mut self.stdout).poll_read(cx, buf) {
            Poll::Pending if !was_alive => Poll::Ready(Ok(())),
            read => read,
        }
    }
}

/// A child's standard input. The child is stopped when this is dropped.
#[derive(Debug)]
pub struct ChildInput {
    // Dropped first: the child sees the end of its input before the watch on it begins.
    stdin: ChildStdin,
    _stop: Stop,
}

impl ChildInput {
    pub(super) fn new(stdin: ChildStdin, stop: Stop) -> Self {
        Self { stdin, _stop: stop }
    }
}

impl AsyncWrite for ChildInput {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stdin).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stdin).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stdin).poll_shutdown(cx)
    }
}
