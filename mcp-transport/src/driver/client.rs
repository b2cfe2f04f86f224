//! The client's loop over a line-framed connection.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use mcp_core::engine::{CallError, ClientConfig, ClientEngine};
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
                Line::Message(bytes) => take(&mut self.calls.engine, now, bytes),
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
            take(&mut self.calls.engine, now, bytes);
        }
    }
}

/// Lets the engine take a line. One that it skips is logged, as what a child says on its standard
/// error is: a server that prints between its messages is hard to find otherwise (fault 13).
fn take(engine: &mut ClientEngine, now: Instant, line: &[u8]) {
    /// The most of a line that is shown.
    const SHOWN: usize = 200;
    let before = engine.skipped();
    engine.handle_message(now, line);
    if engine.skipped() > before {
        let text = String::from_utf8_lossy(line.get(..SHOWN).unwrap_or(line));
        let text = text.escape_debug();
        tracing::info!(target: "toolwright::junk", "no message, and skipped: {text}");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::io::{AsyncWriteExt, duplex, split};
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    /// What was logged about lines that were skipped.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<String>>>);

    impl Subscriber for Log {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.target() == "toolwright::junk"
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            event.record(&mut self.clone());
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    impl Visit for Log {
        fn record_debug(&mut self, _: &Field, value: &dyn std::fmt::Debug) {
            let mut log = self.0.lock().expect("no test panics with it");
            log.push(format!("{value:?}"));
        }
    }

    #[tokio::test]
    async fn fault_13_a_line_that_is_skipped_is_shown_in_the_log() {
        let log = Log::default();
        let _logging = tracing::subscriber::set_default(log.clone());
        let (near, far) = duplex(1 << 16);
        let (reader, writer) = split(near);
        let (_unread, mut server) = split(far);
        let long = "x".repeat(1000);
        let said = format!(
            "Listening\u{1b}[2J\n{}\n{long}",
            r#"{"jsonrpc":"2.0","method":"notifications/new"}"#
        );
        server
            .write_all(said.as_bytes())
            .await
            .expect("there is room");
        server.shutdown().await.expect("it is open");
        let config = ClientConfig::new("test", "1");
        let ended = connect(reader, writer, config, Box::new(|_| {}), None).await;
        assert!(matches!(ended, Err(CallError::Closed)), "{ended:?}");
        let log = log.0.lock().expect("nobody panicked").clone();
        let start = "no message, and skipped: ";
        assert_eq!(
            log,
            [
                format!("{start}Listening\\u{{1b}}[2J"),
                format!("{start}{}", "x".repeat(200)),
            ]
        );
    }
}
