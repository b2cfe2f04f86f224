//! The body of a request, read to its end; the body of an answer, whole or a stream.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};

use super::timed::Underway;

/// Why a request has no body to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is longer than allowed (fault 66).
    TooLong,
    /// It did not come in time (fault 68).
    TooSlow,
    /// It ended before its end.
    Broken,
}

/// Reads a body of at most `cap` bytes within `patience`. What comes in one piece is not copied.
pub(super) async fn read<B>(body: B, cap: usize, patience: Duration) -> Result<Bytes, Unreadable>
where
    B: Body,
    B::Data: Buf,
{
    let mut body = pin!(body);
    let mut read = Read::default();
    let mut late = None;
    poll_fn(move |cx| {
        loop {
            match body.as_mut().poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        read.push(data, cap)?;
                    }
                    if body.is_end_stream() {
                        return Poll::Ready(Ok(read.take()));
                    }
                }
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(Unreadable::Broken)),
                Poll::Ready(None) => return Poll::Ready(Ok(read.take())),
                Poll::Pending => break,
            }
        }
        // Most bodies are there at once and never need the clock.
        let late = late.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        late.as_mut().poll(cx).map(|()| Err(Unreadable::TooSlow))
    })
    .await
}

#[derive(Default)]
struct Read {
    first: Bytes,
    rest: Vec<u8>,
}

impl Read {
    fn push(&mut self, mut data: impl Buf, cap: usize) -> Result<(), Unreadable> {
        let so_far = self.first.len() + self.rest.len();
        if data.remaining() > cap.saturating_sub(so_far) {
            return Err(Unreadable::TooLong);
        }
        if so_far == 0 {
            self.first = data.copy_to_bytes(data.remaining());
            return Ok(());
        }
        if self.rest.is_empty() {
            self.rest
                .extend_from_slice(&std::mem::take(&mut self.first));
        }
        while data.has_remaining() {
            let chunk = data.chunk();
            let length = chunk.len();
            self.rest.extend_from_slice(chunk);
            data.advance(length);
        }
        Ok(())
    }

    fn take(&mut self) -> Bytes {
        match self.rest.is_empty() {
            true => std::mem::take(&mut self.first),
            false => std::mem::take(&mut self.rest).into(),
        }
    }
}

/// Where the bytes of a streamed answer come from. Dropped when nobody receives them any more.
pub(super) trait Source: Send {
    /// The next bytes to send, or the end.
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>>;

    /// Whether [`Source::poll_bytes`] would say at once that there is nothing more, so that the
    /// end leaves together with the last bytes.
    fn is_over(&self) -> bool;
}

/// The body of an answer.
pub struct HttpBody(Kind);

enum Kind {
    Whole(Bytes),
    /// A stream, and the exchange that goes on as long as it does.
    Stream(Box<dyn Source>, Option<Underway>),
}

impl HttpBody {
    pub(super) fn empty() -> Self {
        Self::whole(Bytes::new())
    }

    pub(super) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self(Kind::Whole(bytes.into()))
    }

    pub(super) fn stream(source: impl Source + 'static) -> Self {
        Self(Kind::Stream(Box::new(source), None))
    }

    /// Lets an exchange end with this: at once, unless more is to come.
    pub(super) fn outlast(&mut self, exchange: Underway) {
        if let Kind::Stream(_, underway) = &mut self.0 {
            *underway = Some(exchange);
        }
    }
}

impl std::fmt::Debug for HttpBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Whole(bytes) => f.debug_tuple("Whole").field(&bytes.len()).finish(),
            Kind::Stream(..) => f.write_str("Stream"),
        }
    }
}

impl Body for HttpBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = match &mut self.0 {
            Kind::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Whole(bytes) => Poll::Ready(Some(std::mem::take(bytes))),
            Kind::Stream(source, _) => source.poll_bytes(cx),
        };
        bytes.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_empty(),
            Kind::Stream(source, _) => source.is_over(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Stream(..) => SizeHint::default(),
        }
    }
}
