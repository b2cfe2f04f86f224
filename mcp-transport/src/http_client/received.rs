//! The body of an answer, as it comes.

use std::convert::Infallible;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};

use super::HttpError;
use super::exchange::BoxError;

/// The body of an answer. Dropping it gives up what has not come yet.
pub struct ReceivedBody(Pin<Box<dyn Body<Data = Bytes, Error = HttpError> + Send>>);

impl ReceivedBody {
    /// A body of some HTTP library.
    pub fn new<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(Box::pin(Converted(Box::pin(body))))
    }

    /// A body that is there already.
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        Self::new(Whole(bytes.into()))
    }

    /// The next bytes, or `None` at the end.
    ///
    /// # Errors
    ///
    /// [`HttpError::Broken`] when the connection ended first.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, HttpError> {
        poll_fn(|cx| self.poll_chunk(cx)).await
    }

    /// As [`ReceivedBody::chunk`], for those who poll.
    ///
    /// # Errors
    ///
    /// As [`ReceivedBody::chunk`].
    pub fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, HttpError>> {
        loop {
            match ready!(self.0.as_mut().poll_frame(cx)) {
                None => return Poll::Ready(Ok(None)),
                Some(Err(error)) => return Poll::Ready(Err(error)),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Poll::Ready(Ok(Some(data))),
                    // Trailers say nothing here.
                    _ => {}
                },
            }
        }
    }

    /// All of it, if that is no more than `most` bytes. What comes in one piece is not copied.
    ///
    /// # Errors
    ///
    /// [`HttpError::TooLong`], or [`HttpError::Broken`] when the connection ended first.
    pub async fn read(mut self, most: usize) -> Result<Bytes, HttpError> {
        if self.0.size_hint().lower() > most as u64 {
            return Err(HttpError::TooLong(most));
        }
        let mut first = Bytes::new();
        let mut rest = BytesMut::new();
        while let Some(data) = self.chunk().await? {
            if first.len() + rest.len() + data.len() > most {
                return Err(HttpError::TooLong(most));
            }
            if first.is_empty() && rest.is_empty() {
                first = data;
                continue;
            }
            if rest.is_empty() {
                rest.extend_from_slice(&std::mem::take(&mut first));
            }
            rest.extend_from_slice(&data);
        }
        Ok(if rest.is_empty() {
            first
        } else {
            rest.freeze()
        })
    }
}

impl fmt::Debug for ReceivedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceivedBody")
    }
}

/// A body whose errors are ours.
struct Converted<B>(Pin<Box<B>>);

impl<B> Body for Converted<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let frame = ready!(self.0.as_mut().poll_frame(cx));
        Poll::Ready(frame.map(|frame| frame.map_err(HttpError::broken)))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.0.size_hint()
    }
}

/// A body in one piece: that of every request.
pub(super) struct Whole(pub(super) Bytes);

impl Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = std::mem::take(&mut self.0);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.0.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// Comes in the pieces given.
    struct Pieces(VecDeque<&'static [u8]>);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let piece = self.0.pop_front();
            Poll::Ready(piece.map(|piece| Ok(Frame::data(Bytes::from_static(piece)))))
        }
    }

    fn pieces(pieces: &[&'static [u8]]) -> ReceivedBody {
        ReceivedBody::new(Pieces(pieces.iter().copied().collect()))
    }

    #[tokio::test]
    async fn a_body_is_read_whole_in_however_many_pieces_it_comes() {
        for parts in [&[&b"abc"[..]][..], &[b"a", b"", b"b", b"c"], &[b"ab", b"c"]] {
            assert_eq!(pieces(parts).read(3).await.unwrap(), "abc");
        }
        assert_eq!(ReceivedBody::whole("abc").read(3).await.unwrap(), "abc");
        assert_eq!(ReceivedBody::whole("").read(0).await.unwrap(), "");
    }

    #[tokio::test]
    async fn a_body_over_its_bound_is_refused_announced_or_not() {
        for body in [ReceivedBody::whole("abcd"), pieces(&[b"ab", b"cd"])] {
            let error = body.read(3).await.unwrap_err();
            assert!(matches!(error, HttpError::TooLong(3)), "{error}");
        }
    }
}
