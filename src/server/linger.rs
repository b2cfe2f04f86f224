//! Finishing the steps of a request that is over: what a step began elsewhere, it also ends.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio::time::timeout;

use super::guard::{catch, discard, during};
use crate::context::Context as Request;
use crate::handler::BoxFuture;

/// Runs a handler on, for [`Limits::step_grace`](crate::Limits::step_grace) at most, until none of
/// its steps runs; no other begins meanwhile.
pub(super) fn finish_steps<T: 'static>(future: BoxFuture<T>, request: Request) {
    request.desk().close();
    let grace = request.limits().step_grace;
    let lingering = Lingering {
        future: Some(future),
        request,
    };
    // Where the runtime is gone, so is what the step waits for.
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn(async move {
            if timeout(grace, lingering).await.is_err() {
                tracing::warn!(
                    "a step was not finished after its request ended (limit `step_grace`)"
                );
            }
        });
    }
}

struct Lingering<T: 'static> {
    future: Option<BoxFuture<T>>,
    request: Request,
}

impl<T: 'static> Future for Lingering<T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let Some(future) = &mut this.future else {
            return Poll::Ready(());
        };
        let polled = catch(|| during(Some(&this.request), || future.as_mut().poll(cx)));
        if matches!(polled, Ok(Poll::Pending)) && this.request.desk().is_in_step() {
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}

impl<T: 'static> Drop for Lingering<T> {
    fn drop(&mut self) {
        let _ = discard(self.future.take());
    }
}
