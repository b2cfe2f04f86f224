//! Running a user's function: once where it was decoded, and never letting a panic out (fault 52).

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use mcp_core::engine::Outcome;
use mcp_core::jsonrpc::ErrorObject;
use mcp_transport::driver;

use super::watchdog::{self, Subject};
use crate::handler::{BoxFuture, Dispatch};

/// Starts a handler and polls its future once. What is ready by then is answered without a spawn;
/// what is not becomes a future that never panics.
pub(super) fn start<T: 'static>(
    name: &str,
    subject: Subject,
    started: impl FnOnce() -> Result<Dispatch<T>, ErrorObject>,
    finish: impl FnOnce(T) -> Outcome + Send + Unpin + 'static,
) -> driver::Dispatch {
    let future = match watchdog::during(subject, || catch(started)) {
        Err(Panicked) => return driver::Dispatch::Ready(Err(panicked(name))),
        Ok(Err(error)) => return driver::Dispatch::Ready(Err(error)),
        Ok(Ok(Dispatch::Ready(value))) => return driver::Dispatch::Ready(finish(value)),
        Ok(Ok(Dispatch::Pending(future))) => future,
    };
    let mut guarded = Guarded {
        future: Some(future),
        finish: Some(finish),
        name: name.into(),
        subject,
    };
    match Pin::new(&mut guarded).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => driver::Dispatch::Ready(outcome),
        Poll::Pending => driver::Dispatch::Pending(Box::pin(guarded)),
    }
}

/// A handler's future whose panics, in polls and in drops, become -32603.
struct Guarded<T, F> {
    future: Option<BoxFuture<T>>,
    finish: Option<F>,
    name: Box<str>,
    subject: Subject,
}

impl<T, F: FnOnce(T) -> Outcome + Unpin> Future for Guarded<T, F> {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let this = self.get_mut();
        let Some(future) = &mut this.future else {
            return Poll::Pending;
        };
        let outcome = match watchdog::during(this.subject, || catch(|| future.as_mut().poll(cx))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(value)) => match this.finish.take() {
                Some(finish) => finish(value),
                None => return Poll::Pending,
            },
            Err(Panicked) => Err(panicked(&this.name)),
        };
        match this.discard() {
            Ok(()) => Poll::Ready(outcome),
            Err(Panicked) => Poll::Ready(Err(panicked(&this.name))),
        }
    }
}

impl<T, F> Guarded<T, F> {
    /// Drops the future here, where a panic of its drops can be caught.
    fn discard(&mut self) -> Result<(), Panicked> {
        let future = self.future.take();
        catch(|| drop(future))
    }
}

impl<T, F> Drop for Guarded<T, F> {
    fn drop(&mut self) {
        // A cancelled handler: there is nobody left to tell of a panic.
        let _ = self.discard();
    }
}

struct Panicked;

fn catch<T>(run: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload: Box<dyn Any + Send>| {
        // Dropping a payload runs the user's code once more, which may panic once more.
        std::mem::forget(payload);
        Panicked
    })
}

/// The answer to a request whose handler panicked: never the panic's own text.
fn panicked(name: &str) -> ErrorObject {
    tracing::error!(handler = name, "a handler panicked");
    ErrorObject::internal(format!("Internal error: the handler of `{name}` panicked"))
}
