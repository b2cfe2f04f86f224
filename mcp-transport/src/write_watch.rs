//! The time for a write that has to wait.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// Fails the writes of a connection whose peer reads nothing for too long (fault 68): what is
/// written to it would be kept for ever, and so would the connection.
#[derive(Debug)]
pub(crate) struct WriteWatch {
    patience: Duration,
    until: Option<Pin<Box<Sleep>>>,
    /// Whether a write waits, so that the time counts.
    waiting: bool,
}

impl WriteWatch {
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            patience,
            until: None,
            waiting: false,
        }
    }

    /// Whether a write waits.
    #[cfg(feature = "http-server")]
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// Notes whether a write had to wait, and fails one that has waited for too long.
    pub(crate) fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = false;
            return written;
        }
        let until = Instant::now() + self.patience;
        let sleep = self
            .until
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
