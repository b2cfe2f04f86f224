//! The client's loop over a line-framed connection.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use mcp_core::engine::{CallError, ClientConfig};
use tokio::io::{AsyncRead, AsyncWrite};

use super::calls::{Calls, Listener};
use super::client_handle::ClientHandle;
use super::link::Link;
use super::questions::Answerer;
use super::server::now;
use crate::codec::Line;

/// Connects over a line-framed connection: finds the server's era, then drives the connection in
/// a task of its own. `answerer` answers what a legacy server asks; without one, nothing that was
/// declared in the configuration is answered but by an error.
///
/// # Errors
/// [`CallError`] when there is no common revision, no usable answer, or no connection.
pub async fn connect<R, W>(
    reader: R,
    writer: W,
    config: ClientConfig,
    listener: Listener,
    answerer: Option<Arc<dyn Answerer>>,
) -> Result<ClientHandle, CallError>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let link = Link::new(reader, writer, config.limits.stdio_line);
    let (backlog, farewell) = (config.limits.output_backlog, config.limits.drain_unread);
    let (calls, joining) = Calls::new(config, listener, answerer);
    let mut driver = Driver {
        link,
        backlog,
        farewell,
        calls,
    };
    driver.calls.engine.connect(now());
    tokio::spawn(driver.run());
    joining.handle().await
}

struct Driver<R, W> {
    link: Link<R, W>,
    /// Most bytes that wait for a server that does not read before it is no longer read either.
    backlog: usize,
    /// How long the end of a stream may take: one that takes nothing any more is dropped.
    farewell: Duration,
    calls: Calls,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Driver<R, W> {
    async fn run(mut self) {
        poll_fn(|cx| self.poll(cx)).await;
        self.calls.close();
        let end = poll_fn(|cx| self.link.poll_shutdown(cx));
        let _ = tokio::time::timeout(self.farewell, end).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let now = now();
            let mut turned = false;
            while let Poll::Ready(command) = self.calls.poll_command(cx) {
                let Some(command) = command else {
                    return Poll::Ready(());
                };
                turned = true;
                self.calls.begin(now, command);
            }
            turned |= self.calls.drop_abandoned(cx);
            let engine = &mut self.calls.engine;
            while self
                .link
                .push_line(|buffer| engine.poll_output(buffer))
                .is_some()
            {}
            if let Poll::Ready(Err(_)) = self.link.poll_write(cx) {
                return Poll::Ready(());
            }
            if self.link.backlog() <= self.backlog {
                match self.link.poll_read(cx) {
                    Poll::Ready(Ok(true)) => {
                        self.take_lines(now);
                        turned = true;
                    }
                    Poll::Ready(Ok(false) | Err(_)) => {
                        self.take_last_line(now);
                        return Poll::Ready(());
                    }
                    Poll::Pending => {}
                }
            }
            turned |= self.calls.turn(cx, now);
            while self.calls.take_event().is_some() {
                turned = true;
            }
            if self.calls.is_over() {
                return Poll::Ready(());
            }
            if !turned {
                return Poll::Pending;
            }
        }
    }

    fn take_lines(&mut self, now: Instant) {
        while let Some(line) = self.link.framer.next() {
            match line {
                Line::Message(bytes) => self.calls.engine.handle_message(now, bytes),
                Line::TooLong => self.calls.engine.handle_overlong(),
            }
        }
        // One that has not ended yet is too long already, and need not be waited for.
        if self.link.framer.is_discarding() {
            self.calls.engine.handle_overlong();
        }
    }

    /// The last line of a stream that ended without a newline is one as well.
    fn take_last_line(&mut self, now: Instant) {
        if let Some(Line::Message(bytes)) = self.link.framer.finish() {
            self.calls.engine.handle_message(now, bytes);
        }
    }
}
