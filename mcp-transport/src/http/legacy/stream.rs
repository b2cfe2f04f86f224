//! One stream of a session: what was sent on it, and who reads it.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use super::log::StreamLog;
use crate::codec::sse::{EventFields, write_event};
use crate::http::body::Source;
use crate::http::events::EventId;
use crate::http::expiry::Expiry;
use crate::http::keep_alive::KeepAlive;
use crate::sync::{Mutex, MutexGuard};

/// Messages that wait for a reader before a handler's progress has to wait, too: it then
/// coalesces in its exchange, which costs no more however slow the reader is (fault 83).
const ROOM: usize = 16;

/// The number of a reader of a stream. A later one takes the stream over.
pub(super) type ReaderId = u64;

/// A stream that may outlive the connections that read it.
#[derive(Debug)]
pub(super) struct Stream {
    log: StreamLog,
    /// The stream that everything leaves by instead, where a session has but one.
    onward: Option<Arc<Stream>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What was not read yet. Ids are given once the stream is one of events.
    queue: VecDeque<Message>,
    /// The id of the next event; `None` as long as the answer may still be a single message.
    next: Option<EventId>,
    /// Nothing more comes.
    over: bool,
    /// The reader comes to its end, and whoever comes back for more is another.
    leaving: bool,
    /// The last message is the response.
    answered: bool,
    reader: Option<ReaderId>,
    readers: ReaderId,
    waker: Option<Waker>,
}

#[derive(Debug)]
struct Message {
    id: Option<EventId>,
    data: Arc<[u8]>,
}

/// What a request that waits for its answer can be told.
#[derive(Debug)]
pub(super) enum Answer {
    /// This message, and nothing else.
    Message(Arc<[u8]>),
    /// What comes on the stream.
    Events,
}

impl Stream {
    /// A stream that somebody is about to read, so that nothing that comes before is lost.
    pub(super) fn new(log: StreamLog) -> Arc<Self> {
        Arc::new(Self {
            log,
            onward: None,
            state: Mutex::new(State {
                reader: Some(0),
                ..State::default()
            }),
        })
    }

    /// A stream of which all is part of another.
    pub(super) fn onto(log: StreamLog, onward: Arc<Self>) -> Arc<Self> {
        Arc::new(Self {
            log,
            onward: Some(onward),
            state: Mutex::default(),
        })
    }

    pub(super) fn number(&self) -> u64 {
        self.log.number()
    }

    /// Sends a message that others may follow.
    pub(super) fn push(&self, data: &[u8]) {
        if let Some(onward) = &self.onward {
            return onward.push(data);
        }
        let mut state = self.state();
        self.become_events(&mut state);
        self.append(&mut state, data);
        state.wake();
    }

    /// Sends the response, which is the last message.
    pub(super) fn finish(&self, data: &[u8]) {
        if let Some(onward) = &self.onward {
            return onward.push(data);
        }
        let mut state = self.state();
        self.append(&mut state, data);
        state.answered = true;
        state.over = true;
        state.wake();
    }

    /// Ends the stream without a response.
    pub(super) fn end(&self) {
        if self.onward.is_some() {
            return;
        }
        let mut state = self.state();
        self.become_events(&mut state);
        state.over = true;
        state.wake();
    }

    /// Lets its reader come to its end, once it has read what there is; whatever follows is in the
    /// event store, for when the client comes back (HTTP-L-11). Of no effect on a client that does
    /// not know how to.
    pub(super) fn leave(&self) {
        if self.log.prime().is_none() {
            return;
        }
        let mut state = self.state();
        self.become_events(&mut state);
        state.leaving = true;
        state.wake();
    }

    /// Makes it a stream of events, if it is none yet.
    pub(super) fn begin_events(&self) {
        self.become_events(&mut self.state());
    }

    /// Whether a handler may send more before its reader has caught up. Without a reader nothing
    /// waits: the event store is bounded by itself.
    pub(super) fn has_room(&self) -> bool {
        if let Some(onward) = &self.onward {
            return onward.has_room();
        }
        let state = self.state();
        state.reader.is_none() || state.queue.len() < ROOM
    }

    /// How many messages wait for a reader, and their bytes.
    pub(super) fn unread(&self) -> (usize, usize) {
        let state = self.state();
        let bytes = state.queue.iter().map(|message| message.data.len()).sum();
        (state.queue.len(), bytes)
    }

    /// Whether somebody reads.
    pub(super) fn is_read(&self) -> bool {
        self.state().reader.is_some()
    }

    /// Lets a new reader read from here on. An earlier one, whose connection may have been lost
    /// without anybody noticing, comes to its end.
    pub(super) fn attach(&self) -> ReaderId {
        let mut state = self.state();
        // The first is the one that was to leave, even if it comes only now.
        state.leaving &= state.readers == 0;
        state.readers += 1;
        state.reader = Some(state.readers);
        state.wake();
        state.readers
    }

    /// Forgets what a reader that resumes has read already, or reads from the event store: all up
    /// to `last`.
    pub(super) fn skip_to(&self, last: EventId) {
        let already = |message: &Message| message.id.is_some_and(|id| id <= last);
        self.state().queue.retain(|message| !already(message));
    }

    /// A reader has gone. What it did not read stays in the event store alone.
    pub(super) fn detach(&self, reader: ReaderId) {
        let mut state = self.state();
        if state.reader == Some(reader) {
            state.reader = None;
            state.queue.clear();
        }
    }

    /// Waits until it is known what the answer to the request of this stream will be.
    pub(super) fn poll_answer(&self, cx: &mut Context<'_>) -> Poll<Answer> {
        let mut state = self.state();
        if state.next.is_some() {
            return Poll::Ready(Answer::Events);
        }
        if state.answered
            && let Some(message) = state.queue.pop_front()
        {
            return Poll::Ready(Answer::Message(message.data));
        }
        state.wait(cx);
        Poll::Pending
    }

    /// Waits for the response alone; `None` when there is none.
    pub(super) fn poll_response(&self, cx: &mut Context<'_>) -> Poll<Option<Arc<[u8]>>> {
        let mut state = self.state();
        if state.over {
            let last = state.queue.pop_back().filter(|_| state.answered);
            return Poll::Ready(last.map(|message| message.data));
        }
        state.wait(cx);
        Poll::Pending
    }

    /// What `reader` has not read yet, as events; `None` at the end.
    fn poll_events(&self, reader: ReaderId, cx: &mut Context<'_>) -> Poll<Option<Vec<u8>>> {
        let mut state = self.state();
        if state.reader != Some(reader) {
            return Poll::Ready(None);
        }
        if !state.queue.is_empty() {
            let mut events = Vec::new();
            for Message { id, data } in state.queue.drain(..) {
                write(&mut events, id, &data);
            }
            return Poll::Ready(Some(events));
        }
        if state.over || state.leaving {
            return Poll::Ready(None);
        }
        state.wait(cx);
        Poll::Pending
    }

    /// Everything that `reader` reads.
    #[cfg(all(test, shuttle))]
    pub(super) async fn read_to_end(&self, reader: ReaderId) -> String {
        let mut read = Vec::new();
        while let Some(events) = std::future::poll_fn(|cx| self.poll_events(reader, cx)).await {
            read.extend(events);
        }
        String::from_utf8(read).unwrap()
    }

    fn is_over(&self, reader: ReaderId) -> bool {
        let state = self.state();
        state.reader != Some(reader) || (state.over || state.leaving) && state.queue.is_empty()
    }

    fn append(&self, state: &mut State, data: &[u8]) {
        let data: Arc<[u8]> = data.into();
        let id = state.next;
        if let Some(id) = id {
            self.log.append(id, &data);
            state.next = Some(id.next());
        }
        // Once it is in the store, nobody but a reader needs it; before, the answer is open.
        if state.reader.is_some() || id.is_none() {
            state.queue.push_back(Message {
                id: id.filter(|_| self.log.is_kept()),
                data,
            });
        }
    }

    fn become_events(&self, state: &mut State) {
        if state.next.is_none() {
            state.next = Some(self.log.open());
            if let Some(prime) = self.log.prime() {
                state.queue.push_front(Message {
                    id: Some(prime),
                    data: Arc::default(),
                });
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn wait(&mut self, cx: &Context<'_>) {
        match &mut self.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
    }
}

/// Appends one message as an event.
pub(super) fn write(buffer: &mut Vec<u8>, id: Option<EventId>, data: &[u8]) {
    let text = id.map(|id| id.to_string());
    let fields = EventFields {
        id: text.as_deref(),
        // Only the priming event has no message; it says when to come back (HTTP-L-11).
        retry: data.is_empty().then_some(super::log::RETRY),
        ..EventFields::default()
    };
    write_event(buffer, fields, data);
}

/// What a reader does besides reading.
pub(super) trait Reading: Send {
    /// It has read everything there was.
    fn caught_up(&self);
    /// It has gone.
    fn gone(&self);
}

/// A connection that reads a stream.
pub(super) struct StreamReader<R: Reading> {
    stream: Arc<Stream>,
    reader: ReaderId,
    first: Option<Bytes>,
    keep_alive: KeepAlive,
    expiry: Expiry,
    expired: bool,
    reading: R,
}

impl<R: Reading> StreamReader<R> {
    /// A reader that was [attached](Stream::attach), and reads `first` before anything else.
    pub(super) fn new(
        stream: Arc<Stream>,
        reader: ReaderId,
        first: Option<Bytes>,
        keep_alive: KeepAlive,
        reading: R,
    ) -> Self {
        Self {
            stream,
            reader,
            first: first.filter(|first| !first.is_empty()),
            keep_alive,
            expiry: Expiry::NEVER,
            expired: false,
            reading,
        }
    }

    /// The same, which comes to its end when the credentials of its reader expire. Whoever comes
    /// back with others goes on where it ended (AUTH-S-03).
    pub(super) fn until(mut self, expiry: Expiry) -> Self {
        self.expiry = expiry;
        self
    }
}

impl<R: Reading> Source for StreamReader<R> {
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(first));
        }
        if self.expired || self.expiry.poll(cx).is_ready() {
            self.expired = true;
            return Poll::Ready(None);
        }
        match self.stream.poll_events(self.reader, cx) {
            Poll::Ready(Some(events)) => {
                self.keep_alive.put_off();
                self.reading.caught_up();
                Poll::Ready(Some(events.into()))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => self.keep_alive.poll(cx).map(Some),
        }
    }

    fn is_over(&self) -> bool {
        self.first.is_none() && (self.expired || self.stream.is_over(self.reader))
    }
}

impl<R: Reading> Drop for StreamReader<R> {
    fn drop(&mut self) {
        self.stream.detach(self.reader);
        self.reading.gone();
    }
}
