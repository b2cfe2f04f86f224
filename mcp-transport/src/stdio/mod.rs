//! Standard input and output of this process, taken for the protocol (STDIO-A-01).
//!
//! [`take`] does it once per process. On Unix it also moves both out of everybody else's reach:
//! what a stray `println!` writes lands on standard error, and a child process reads an empty
//! standard input instead of the peer's messages.
//!
//! How the bytes flow depends on what the host connected. On Linux a pipe is read and written by
//! readiness, on a description of our own. Everything else (a socket, a file, a terminal, a named
//! pipe, and every descriptor of another platform) is read and written on threads, because a
//! non-blocking flag would be noticed by whoever shares the description. A thread that waits for
//! input never keeps the process from exiting.

mod blocking;
#[cfg(not(unix))]
mod portable;
#[cfg(unix)]
mod unix;

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
#[cfg(unix)]
use tokio::net::unix::pipe;

use self::blocking::{BlockingReader, BlockingWriter};

#[cfg(not(unix))]
use self::portable as platform;
#[cfg(unix)]
use self::unix as platform;

static TAKEN: AtomicBool = AtomicBool::new(false);

/// Both directions of a connection over standard input and output: what [`take`] returns.
#[derive(Debug)]
pub struct Stdio {
    /// What the peer sends.
    pub reader: StdioReader,
    /// What the peer receives. It sees the end of the stream when this and
    /// [`hang_up`](Self::hang_up) are dropped.
    pub writer: StdioWriter,
    /// Tells that nobody can receive any more.
    pub hang_up: HangUp,
}

/// Takes standard input and output of this process for the protocol.
///
/// On Unix, descriptor 1 becomes standard error and descriptor 0 the null device, for good. Text
/// that waits in Rust's own standard output buffer goes to standard error with everything printed
/// later. Elsewhere a stray print still reaches the peer. Take them before anything reads from
/// [`std::io::stdin`], whose buffer may hold messages back.
///
/// # Errors
///
/// [`ResourceBusy`](io::ErrorKind::ResourceBusy) when they are taken already, and whatever the
/// system says when a descriptor is closed or the process has too many.
///
/// # Panics
///
/// Outside a tokio runtime, or in one built without its IO driver.
pub fn take() -> io::Result<Stdio> {
    if TAKEN.swap(true, Ordering::SeqCst) {
        return Err(io::Error::new(
            io::ErrorKind::ResourceBusy,
            "standard input and output are already taken: one process serves one stdio connection",
        ));
    }
    platform::open().inspect_err(|_| TAKEN.store(false, Ordering::SeqCst))
}

/// The receiving direction of [`Stdio`].
#[derive(Debug)]
pub struct StdioReader(ReaderKind);

#[derive(Debug)]
enum ReaderKind {
    #[cfg(unix)]
    Pipe(pipe::Receiver),
    Blocking(BlockingReader),
}

impl AsyncRead for StdioReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.0 {
            #[cfg(unix)]
            ReaderKind::Pipe(reader) => Pin::new(reader).poll_read(cx, buf),
            ReaderKind::Blocking(reader) => reader.poll_read(cx, buf),
        }
    }
}

/// The sending direction of [`Stdio`].
///
/// Where a thread does the writing, bytes may wait for it: flush before the process exits. A
/// write nobody can receive fails with [`BrokenPipe`](io::ErrorKind::BrokenPipe).
#[derive(Debug)]
pub struct StdioWriter(WriterKind);

#[derive(Debug)]
enum WriterKind {
    #[cfg(unix)]
    Pipe(pipe::Sender),
    Blocking(BlockingWriter),
}

impl AsyncWrite for StdioWriter {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.0 {
            #[cfg(unix)]
            WriterKind::Pipe(writer) => Pin::new(writer).poll_write(cx, buf),
            WriterKind::Blocking(writer) => writer.poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            // Written means handed to the system: nothing waits here.
            #[cfg(unix)]
            WriterKind::Pipe(_) => Poll::Ready(Ok(())),
            WriterKind::Blocking(writer) => writer.poll_flush(cx),
        }
    }

    /// Flushes. The peer sees the end of the stream when the writer is dropped: a socket may be
    /// shared with other processes, and shutting it down would cut them off.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

/// Resolves when the reader of standard output has gone away, without a write having to fail.
///
/// A future to be polled beside the connection for as long as that lives. Only a pipe on Linux
/// tells: otherwise it stays pending for ever, and the next write fails instead. Polled again
/// after it resolved, it resolves again.
pub struct HangUp {
    /// `None` when it resolved.
    watched: Option<Watched>,
}

type Watched = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

impl HangUp {
    fn new(watched: impl Future<Output = ()> + Send + Sync + 'static) -> Self {
        Self {
            watched: Some(Box::pin(watched)),
        }
    }

    /// Of something that does not tell.
    fn never() -> Self {
        Self::new(std::future::pending())
    }
}

impl std::fmt::Debug for HangUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HangUp")
            .field("resolved", &self.watched.is_none())
            .finish_non_exhaustive()
    }
}

impl Future for HangUp {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(watched) = &mut self.watched {
            ready!(watched.as_mut().poll(cx));
            self.watched = None;
        }
        Poll::Ready(())
    }
}
