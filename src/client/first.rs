//! Waiting for whichever of two futures is ready first.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Which of two was ready.
pub(super) enum First<A, B> {
    /// The one that is asked first.
    One(A),
    /// The other.
    Other(B),
}

/// Waits for one of them; when both are ready it is `one`.
pub(super) async fn first<A, B>(
    one: impl Future<Output = A>,
    other: impl Future<Output = B>,
) -> First<A, B> {
    let mut one = pin!(one);
    let mut other = pin!(other);
    poll_fn(|cx| match one.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(First::One(value)),
        Poll::Pending => other.as_mut().poll(cx).map(First::Other),
    })
    .await
}
