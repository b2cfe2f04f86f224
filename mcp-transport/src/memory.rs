//! A connection that never leaves the process: for tests, and for a client and a server that
//! live in one program.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

/// Two connected ends: what is written to one is read from the other.
///
/// At most `capacity` bytes (at least one) wait in each direction; a writer then waits for the
/// reader, as it would on a pipe. When one end is dropped or shut down, the other reads what was
/// written and then the end of the stream; a write to a dropped end fails with
/// [`BrokenPipe`](io::ErrorKind::BrokenPipe).
///
/// ```
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let (mut client, mut server) = mcp_transport::memory::pair(4096);
/// client.write_all(b"{}\n").await?;
/// drop(client);
///
/// let mut received = String::new();
/// server.read_to_string(&mut received).await?;
/// assert_eq!(received, "{}\n");
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn pair(capacity: usize) -> (MemoryConnection, MemoryConnection) {
    let (left, right) = tokio::io::duplex(capacity.max(1));
    (MemoryConnection(left), MemoryConnection(right))
}

/// One end of an in-memory [`pair`].
#[derive(Debug)]
pub struct MemoryConnection(DuplexStream);

impl AsyncRead for MemoryConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for MemoryConnection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::pair;

    #[tokio::test]
    async fn both_directions_carry_bytes_independently() {
        let (mut left, mut right) = pair(16);
        left.write_all(b"ping").await.unwrap();
        right.write_all(b"pong").await.unwrap();
        let mut bytes = [0; 4];
        right.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"ping");
        left.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"pong");
    }

    #[tokio::test]
    async fn a_full_direction_waits_for_its_reader() {
        let (mut left, mut right) = pair(0);
        let writer = left.write_all(b"abc");
        let mut bytes = [0; 3];
        let (written, read) = tokio::join!(writer, right.read_exact(&mut bytes));
        written.unwrap();
        read.unwrap();
        assert_eq!(&bytes, b"abc");
    }

    #[tokio::test]
    async fn writing_to_a_dropped_end_is_a_broken_pipe() {
        let (mut left, right) = pair(16);
        drop(right);
        let error = left.write_all(b"x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    }
}
