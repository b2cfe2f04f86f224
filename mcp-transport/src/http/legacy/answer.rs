//! From what became of a message to the answer to its POST.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use super::post::{Posted, SessionReading};
use super::session::Session;
use super::stream::{Answer, ReaderId, Reading, Stream, StreamReader};
use super::{LegacyEndpoint, unknown_session};
use crate::driver::Handler;
use crate::http::accept::Acceptable;
use crate::http::expiry::Expiry;
use crate::http::keep_alive::KeepAlive;
use crate::http::reply::{self, Answering, HttpResponse};

impl<H: Handler> LegacyEndpoint<H> {
    /// Turns what became of a message into an answer, once that is known: JSON, or a stream that ends
    /// with the response (HTTP-L-03).
    pub(super) fn answer(
        &self,
        session: Arc<Session<H>>,
        posted: Posted,
        accept: Acceptable,
    ) -> Answering<'_> {
        Answering::Done(match posted {
            Posted::Accepted => reply::empty(StatusCode::ACCEPTED),
            Posted::Refused(message) => reply::json(StatusCode::BAD_REQUEST, message),
            Posted::Gone => *unknown_session(),
            Posted::Answered(before, response) => {
                if accept.json() && (before.is_empty() || !accept.event_stream()) {
                    return Answering::Done(reply::json(StatusCode::OK, response));
                }
                let mut events = Vec::new();
                for message in before.iter().chain([&response]) {
                    reply::push_event(&mut events, message);
                }
                reply::whole_stream(events)
            }
            Posted::Waiting(stream) => {
                return Answering::Later(Box::pin(self.wait(session, stream, accept)));
            }
        })
    }

    async fn wait(
        &self,
        session: Arc<Session<H>>,
        stream: Arc<Stream>,
        accept: Acceptable,
    ) -> HttpResponse {
        let waiter = Waiter::new(&session, stream);
        let stream = &waiter.stream;
        if !accept.event_stream() {
            return match poll_fn(|cx| stream.poll_response(cx)).await {
                Some(message) => reply::json(StatusCode::OK, Bytes::from_owner(message)),
                None => reply::empty(StatusCode::ACCEPTED),
            };
        }
        let mut patience = pin!(tokio::time::sleep(self.options.patience));
        let answer = poll_fn(|cx| match stream.poll_answer(cx) {
            Poll::Ready(answer) => Poll::Ready(answer),
            Poll::Pending => patience.as_mut().poll(cx).map(|()| Answer::Events),
        });
        match answer.await {
            Answer::Message(message) if accept.json() => {
                reply::json(StatusCode::OK, Bytes::from_owner(message))
            }
            Answer::Message(message) => {
                let mut events = Vec::new();
                reply::push_event(&mut events, &message);
                reply::whole_stream(events)
            }
            Answer::Events => {
                stream.begin_events();
                waiter.read(None, self.options.keep_alive, Expiry::NEVER)
            }
        }
    }
}

/// Somebody who reads a stream, or will. Dropped, it has gone: before the head of its answer as
/// well as after.
pub(super) struct Waiter<H: Handler> {
    pub(super) stream: Arc<Stream>,
    reader: ReaderId,
    reading: Option<SessionReading<H>>,
}

impl<H: Handler> Waiter<H> {
    /// Reads `stream` from now on.
    pub(super) fn new(session: &Arc<Session<H>>, stream: Arc<Stream>) -> Self {
        Self {
            reader: stream.attach(),
            stream,
            reading: Some(SessionReading(Arc::clone(session))),
        }
    }

    /// The answer that reads it: `first`, and then what comes until `expiry`.
    pub(super) fn read(
        mut self,
        first: Option<Bytes>,
        keep_alive: Duration,
        expiry: Expiry,
    ) -> HttpResponse {
        let reading = self.reading.take().expect("only here and in drop");
        let stream = Arc::clone(&self.stream);
        let keep_alive = KeepAlive::new(keep_alive);
        let reader = StreamReader::new(stream, self.reader, first, keep_alive, reading);
        reply::stream(reader.until(expiry))
    }
}

impl<H: Handler> Drop for Waiter<H> {
    fn drop(&mut self) {
        if let Some(reading) = &self.reading {
            self.stream.detach(self.reader);
            reading.gone();
        }
    }
}
