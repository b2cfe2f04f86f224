//! An answer that is there, or will be.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// A future that can move between threads.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What a handler gives back: a synchronous one its answer, an asynchronous one its future.
pub enum Dispatch<T> {
    /// The answer.
    Ready(T),
    /// The answer's future, not polled yet.
    Pending(BoxFuture<T>),
}

impl<T> Dispatch<T> {
    /// The answer, waited for.
    pub async fn wait(self) -> T {
        match self {
            Self::Ready(value) => value,
            Self::Pending(future) => future.await,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Dispatch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(value) => f.debug_tuple("Ready").field(value).finish(),
            Self::Pending(_) => f.write_str("Pending"),
        }
    }
}
