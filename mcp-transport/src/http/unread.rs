//! Streams of HTTP/2 of which nothing is read, ended one by one (faults 68 and 83): the others on
//! their connection are somebody else's, behind a proxy.
//!
//! What waits for the window of a stream waits in hyper, which tells nobody. But hyper takes the
//! next piece of a body only when there is room for it, and makes each stream a task of its own: so
//! the body notes what was taken, and the task is where the time is watched.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::rt::Executor;
use tokio::time::{Instant, Sleep};

use super::body::HttpBody;

/// The most that is handed over at once, which is what can be left of a stream that hyper has done
/// with: a frame of HTTP/2.
const PIECE: usize = 16 * 1024;

tokio::task_local! {
    /// What was handed over on the stream whose task this is.
    static HANDED_OVER: Arc<HandedOver>;
}

/// How many pieces were handed over, or zero while there is none to hand over.
#[derive(Debug, Default)]
struct HandedOver(AtomicUsize);

/// Runs the streams of a connection, each for as long as it is read.
#[derive(Debug, Clone)]
pub(super) struct Streams {
    /// How long nothing may be read.
    pub(super) patience: Duration,
}

impl<F> Executor<F> for Streams
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, stream: F) {
        tokio::spawn(Watched {
            stream: Box::pin(stream),
            handed_over: Arc::default(),
            seen: 0,
            patience: self.patience,
            late: None,
        });
    }
}

/// A stream that ends when nothing of it was read for too long.
struct Watched<F> {
    stream: Pin<Box<F>>,
    handed_over: Arc<HandedOver>,
    /// What was handed over when the time began.
    seen: usize,
    patience: Duration,
    late: Option<Pin<Box<Sleep>>>,
}

impl<F: Future> Future for Watched<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let handed_over = Arc::clone(&this.handed_over);
        let polled = HANDED_OVER.sync_scope(handed_over, || this.stream.as_mut().poll(cx));
        if polled.is_ready() {
            return Poll::Ready(());
        }
        let handed_over = this.handed_over.0.load(Ordering::Relaxed);
        let before = std::mem::replace(&mut this.seen, handed_over);
        if handed_over == 0 {
            return Poll::Pending;
        }
        let until = Instant::now() + this.patience;
        let late = this
            .late
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        if handed_over != before {
            late.as_mut().reset(until);
        }
        // Dropped with this, the stream is reset, and so is what it still had to send.
        late.as_mut().poll(cx)
    }
}

/// The body of an answer as it is handed to hyper.
#[derive(Debug)]
pub(super) struct Leaving {
    body: HttpBody,
    /// What was said and not handed over yet.
    rest: Bytes,
    /// Where that is noted: not over HTTP/1.1, whose connection is watched itself.
    handed_over: Option<Arc<HandedOver>>,
}

impl Leaving {
    /// The body of the stream whose task this is, or of a connection that has one at a time.
    pub(super) fn new(body: HttpBody) -> Self {
        Self {
            body,
            rest: Bytes::new(),
            handed_over: HANDED_OVER.try_with(Arc::clone).ok(),
        }
    }
}

impl Body for Leaving {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        let Some(handed_over) = &this.handed_over else {
            return Pin::new(&mut this.body).poll_frame(cx);
        };
        if this.rest.is_empty() {
            let polled = Pin::new(&mut this.body).poll_frame(cx);
            let Poll::Ready(Some(Ok(frame))) = polled else {
                handed_over.0.store(0, Ordering::Relaxed);
                return polled;
            };
            match frame.into_data() {
                Ok(bytes) => this.rest = bytes,
                Err(frame) => return Poll::Ready(Some(Ok(frame))),
            }
        }
        let piece = this.rest.split_to(PIECE.min(this.rest.len()));
        handed_over.0.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        let rest = self.rest.len() as u64;
        match hint.exact() {
            Some(left) => hint.set_exact(left + rest),
            None => hint.set_lower(hint.lower() + rest),
        }
        hint
    }
}
