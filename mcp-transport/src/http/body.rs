//! The body of a request, read to its end; the body of an answer, whole or a stream.

use std::convert::Infallible;
use std::future::poll_fn;
use std::ops::Deref;
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
pub(super) async fn read<B>(body: B, cap: usize, patience: Duration) -> Result<Received, Unreadable>
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
                        read.push(data, cap, body.size_hint().lower())?;
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
    /// Adds `data`, behind which the peer has announced so much more.
    fn push(&mut self, mut data: impl Buf, cap: usize, announced: u64) -> Result<(), Unreadable> {
        let so_far = self.first.len() + self.rest.len();
        let room = cap.saturating_sub(so_far);
        let length = data.remaining();
        if length > room {
            return Err(Unreadable::TooLong);
        }
        if so_far == 0 {
            self.first = data.copy_to_bytes(length);
            return Ok(());
        }
        if self.rest.capacity() - self.rest.len() < length {
            // All that is to come, so that little is copied twice; but nobody is given much more
            // memory than he sent something for.
            let announced = usize::try_from(announced).unwrap_or(usize::MAX);
            let trusted = announced.min(so_far.saturating_mul(16)).min(room - length);
            let needed = so_far + length + trusted;
            // What is too much is never touched. Without it the allocator, which goes by the
            // largest pieces it has seen, gives the pages back to the system after each call.
            let size = needed.checked_next_power_of_two().unwrap_or(needed);
            self.rest.reserve_exact(size - self.rest.len());
        }
        self.rest
            .extend_from_slice(&std::mem::take(&mut self.first));
        while data.has_remaining() {
            let chunk = data.chunk();
            let length = chunk.len();
            self.rest.extend_from_slice(chunk);
            data.advance(length);
        }
        Ok(())
    }

    fn take(&mut self) -> Received {
        match self.rest.is_empty() {
            true => Received::Piece(std::mem::take(&mut self.first)),
            false => Received::Gathered(std::mem::take(&mut self.rest)),
        }
    }
}

/// A body that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// It came in one piece, which is a part of what the connection reads into.
    Piece(Bytes),
    Gathered(Vec<u8>),
}

impl Received {
    /// A buffer for the answer: what held the request if that was long, since such memory is dear.
    pub(super) fn into_buffer(self) -> Vec<u8> {
        match self {
            Self::Piece(_) => Vec::with_capacity(512),
            Self::Gathered(mut bytes) => {
                bytes.clear();
                bytes
            }
        }
    }
}

impl Deref for Received {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Piece(bytes) => bytes,
            Self::Gathered(bytes) => bytes,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The body of these pieces, when so much more is announced behind each.
    fn read(
        pieces: &[usize],
        announced: &[u64],
        cap: usize,
    ) -> Result<(Received, usize), Unreadable> {
        let mut read = Read::default();
        for (length, announced) in pieces.iter().zip(announced) {
            read.push(Bytes::from(vec![b'x'; *length]), cap, *announced)?;
        }
        let capacity = read.rest.capacity();
        Ok((read.take(), capacity))
    }

    #[test]
    fn an_announced_body_is_given_its_memory_at_once() {
        let pieces = [8_000, 8_000, 84_000];
        let (body, capacity) = read(&pieces, &[92_000, 84_000, 0], 200_000).unwrap();
        assert_eq!((body.len(), capacity), (100_000, 128 * 1024));
    }

    #[test]
    fn what_is_announced_counts_for_as_much_as_came() {
        let (_, capacity) = read(&[10, 10], &[u64::MAX, u64::MAX], usize::MAX).unwrap();
        assert_eq!(capacity, 256, "for sixteen times as much");
        let (_, capacity) = read(&[10, 10], &[u64::MAX, u64::MAX], 50).unwrap();
        assert_eq!(capacity, 64, "for no more than may come");
    }

    #[test]
    fn what_held_a_long_request_holds_the_answer() {
        let (body, capacity) = read(&[10, 1_000], &[0, 0], 2_000).unwrap();
        let buffer = body.into_buffer();
        assert_eq!((buffer.len(), buffer.capacity()), (0, capacity));
    }

    #[test]
    fn a_body_that_comes_in_one_piece_is_not_copied() {
        let (body, capacity) = read(&[10], &[0], 10).unwrap();
        assert_eq!((body.len(), capacity), (10, 0));
        assert_eq!(read(&[10, 1], &[0, 0], 10), Err(Unreadable::TooLong));
    }
}
