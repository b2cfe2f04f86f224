//! What is sent on a stream while there is nothing to say.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, Sleep};

use crate::codec::sse::KEEP_ALIVE;

/// A comment after every `period` of silence, so that no proxy cuts the stream (HTTP-M-32).
pub(super) struct KeepAlive {
    period: Duration,
    sleep: Pin<Box<Sleep>>,
}

impl KeepAlive {
    pub(super) fn new(period: Duration) -> Self {
        Self {
            period,
            sleep: Box::pin(tokio::time::sleep(period)),
        }
    }

    /// The comment, when it is due.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Bytes> {
        self.sleep.as_mut().poll(cx).map(|()| {
            self.put_off();
            Self::comment()
        })
    }

    /// Something else was sent.
    pub(super) fn put_off(&mut self) {
        self.sleep.as_mut().reset(Instant::now() + self.period);
    }

    pub(super) fn comment() -> Bytes {
        Bytes::from_static(KEEP_ALIVE)
    }
}
