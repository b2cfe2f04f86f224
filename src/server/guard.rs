//! Running a user's function: once where it was decoded, and never letting a panic out (fault 52).

use std::any::Any;
use std::cell::OnceCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use mcp_core::engine::Outcome;
use mcp_core::jsonrpc::ErrorObject;
use mcp_transport::driver;

use super::linger;
use super::watchdog::{self, Subject};
use crate::context::Context as Request;
use crate::handler::{BoxFuture, Dispatch};

/// Starts a handler and polls its future once. What is ready by then is answered without a spawn;
/// what is not becomes a future that never panics. `request` is the context that the handler was
/// given, if it asked for one.
pub(super) fn start<T: 'static>(
    name: &str,
    subject: Subject,
    request: &OnceCell<Request>,
    started: impl FnOnce() -> Result<Dispatch<T>, ErrorObject>,
    finish: impl FnOnce(T) -> Outcome + Send + Unpin + 'static,
) -> driver::Dispatch {
    let future = match watchdog::during(subject, || catch(started)) {
        Err(Panicked) => return driver::Dispatch::Ready(Err(panicked(name))),
        Ok(Err(error)) => return driver::Dispatch::Ready(Err(error)),
        Ok(Ok(Dispatch::Ready(value))) => {
            return driver::Dispatch::Ready(settle(request.get(), finish(value)));
        }
        Ok(Ok(Dispatch::Pending(future))) => future,
    };
    let mut guarded = Guarded {
        future: Some(future),
        finish: Some(finish),
        name: name.into(),
        subject,
        request: request.get().cloned(),
    };
    match Pin::new(&mut guarded).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => driver::Dispatch::Ready(outcome),
        Poll::Pending => driver::Dispatch::Pending(Box::pin(guarded)),
    }
}

/// A handler's future whose panics, in polls and in drops, become -32603.
struct Guarded<T: 'static, F> {
    future: Option<BoxFuture<T>>,
    finish: Option<F>,
    name: Box<str>,
    subject: Subject,
    /// Only a handler that has its context can ask.
    request: Option<Request>,
}

impl<T: 'static, F: FnOnce(T) -> Outcome + Unpin> Future for Guarded<T, F> {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let this = self.get_mut();
        let Some(future) = &mut this.future else {
            return Poll::Pending;
        };
        let polled = watchdog::during(this.subject, || {
            catch(|| during(this.request.as_ref(), || future.as_mut().poll(cx)))
        });
        let outcome = match polled {
            Ok(Poll::Pending) => match this.interruption() {
                Some(outcome) => outcome,
                None => return Poll::Pending,
            },
            Ok(Poll::Ready(value)) => match this.finish.take() {
                Some(finish) => settle(this.request.as_ref(), finish(value)),
                None => return Poll::Pending,
            },
            Err(Panicked) => Err(panicked(&this.name)),
        };
        match discard(this.future.take()) {
            Ok(()) => Poll::Ready(outcome),
            Err(Panicked) => Poll::Ready(Err(panicked(&this.name))),
        }
    }
}

impl<T: 'static, F> Guarded<T, F> {
    /// What the request ends with because its handler asks the client (MRTR-M-01).
    fn interruption(&self) -> Option<Outcome> {
        let request = self.request.as_ref()?;
        request
            .desk()
            .interruption(request.journals(), request.limits())
    }
}

/// The outcome, with what only its request knows.
fn settle(request: Option<&Request>, outcome: Outcome) -> Outcome {
    match request {
        Some(request) => request.settle(outcome),
        None => outcome,
    }
}

/// A cancelled handler: there is nobody left to tell of a panic. A step that runs is finished.
impl<T: 'static, F> Drop for Guarded<T, F> {
    fn drop(&mut self) {
        let Some(future) = self.future.take() else {
            return;
        };
        match self
            .request
            .take()
            .filter(|request| request.desk().is_in_step())
        {
            Some(request) => linger::finish_steps(future, request),
            None => drop(discard(Some(future))),
        }
    }
}

/// Drops a future where a panic of its drops can be caught.
pub(super) fn discard<T>(future: Option<BoxFuture<T>>) -> Result<(), Panicked> {
    catch(|| drop(future))
}

/// Runs a poll as the handler of `request`.
pub(super) fn during<T>(request: Option<&Request>, poll: impl FnOnce() -> T) -> T {
    match request {
        Some(request) => request.desk().during(poll),
        None => poll(),
    }
}

pub(super) struct Panicked;

pub(super) fn catch<T>(run: impl FnOnce() -> T) -> Result<T, Panicked> {
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
