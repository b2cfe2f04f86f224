//! The end of what a request's credentials allow: a stream that they opened does not outlive them.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::SystemTime;

use tokio::time::Sleep;

/// When the credentials expire that opened a stream, if they do.
pub(super) struct Expiry(Option<Pin<Box<Sleep>>>);

impl Expiry {
    /// Never: the stream is the answer to one request, which has a time of its own.
    pub(super) const NEVER: Self = Self(None);

    pub(super) fn at(expires: Option<SystemTime>) -> Self {
        Self(expires.map(|at| {
            let left = at.duration_since(SystemTime::now()).unwrap_or_default();
            Box::pin(tokio::time::sleep(left))
        }))
    }

    /// Ready once they have expired.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.0 {
            Some(sleep) => sleep.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}
