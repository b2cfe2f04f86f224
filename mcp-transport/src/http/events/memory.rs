//! The event store of a single process.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{BoxFuture, EventId, EventStore, ReplayError, StoredEvent};
use crate::http::session_id::SessionId;

/// What an event or a stream costs besides its bytes, about: with it, empty events count too.
const OVERHEAD: usize = 128;

/// How much [`MemoryEventStore`] keeps. Bytes include 128 for each event and each stream, so
/// that neither is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventBounds {
    /// Most events of one stream; the oldest go first. 256.
    pub events_per_stream: usize,
    /// Most bytes of one stream; the oldest events go first. 1 MiB.
    pub bytes_per_stream: usize,
    /// Most bytes of all streams; the one that was written to longest ago goes first. 64 MiB.
    pub bytes: usize,
}

impl Default for EventBounds {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            events_per_stream: 256,
            bytes_per_stream: MIB,
            bytes: 64 * MIB,
        }
    }
}

/// An [`EventStore`] in the memory of this process, bounded per stream and in total.
#[derive(Debug, Default)]
pub struct MemoryEventStore {
    bounds: EventBounds,
    state: Mutex<State>,
}

impl MemoryEventStore {
    /// An empty store.
    #[must_use]
    pub fn new(bounds: EventBounds) -> Self {
        Self {
            bounds,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that runs under the lock can panic half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventStore for MemoryEventStore {
    fn open(&self, session: &SessionId, stream: u64) {
        let mut state = self.state();
        state.touch(session, EventId::first_of(stream).next());
        state.shrink_to(self.bounds.bytes);
    }

    fn append(&self, session: &SessionId, id: EventId, data: Arc<[u8]>) {
        let mut state = self.state();
        let stream = state.touch(session, id);
        let before = stream.bytes();
        stream.push(id.place(), data);
        stream.shrink_to(&self.bounds);
        let after = stream.bytes();
        state.bytes = (state.bytes + after).saturating_sub(before);
        state.shrink_to(self.bounds.bytes);
    }

    fn replay<'a>(
        &'a self,
        session: &'a SessionId,
        after: EventId,
    ) -> BoxFuture<'a, Result<Vec<StoredEvent>, ReplayError>> {
        let state = self.state();
        let streams = state.sessions.get(session);
        let stream = streams.and_then(|streams| streams.get(&after.stream()));
        let events = stream
            .ok_or(ReplayError::Unknown)
            .and_then(|stream| stream.after(after));
        Box::pin(std::future::ready(events))
    }

    fn end_session(&self, session: &SessionId) {
        let mut state = self.state();
        for stream in state
            .sessions
            .remove(session)
            .unwrap_or_default()
            .into_values()
        {
            state.account_for_removal(&stream);
        }
    }
}

#[derive(Debug, Default)]
struct State {
    sessions: HashMap<SessionId, BTreeMap<u64, Stream>>,
    /// Every stream by when it was last written to.
    by_age: BTreeMap<u64, (SessionId, u64)>,
    /// The time of `by_age`: it counts writes.
    now: u64,
    /// What all streams hold.
    bytes: usize,
}

impl State {
    /// The stream of an event, now the youngest. One that is not known (any more) begins here.
    fn touch(&mut self, session: &SessionId, id: EventId) -> &mut Stream {
        self.now += 1;
        self.by_age.insert(self.now, (*session, id.stream()));
        let streams = self.sessions.entry(*session).or_default();
        let stream = streams.entry(id.stream()).or_insert_with(|| {
            self.bytes += OVERHEAD;
            Stream {
                touched: 0,
                next: id.place(),
                bytes: 0,
                events: VecDeque::new(),
            }
        });
        self.by_age.remove(&stream.touched);
        stream.touched = self.now;
        stream
    }

    fn shrink_to(&mut self, bytes: usize) {
        while self.bytes > bytes {
            let Some((_, (session, number))) = self.by_age.pop_first() else {
                return;
            };
            let Some(streams) = self.sessions.get_mut(&session) else {
                continue;
            };
            let removed = streams.remove(&number);
            if streams.is_empty() {
                self.sessions.remove(&session);
            }
            if let Some(stream) = removed {
                self.account_for_removal(&stream);
            }
        }
    }

    fn account_for_removal(&mut self, stream: &Stream) {
        self.by_age.remove(&stream.touched);
        self.bytes = self.bytes.saturating_sub(stream.bytes());
    }
}

#[derive(Debug)]
struct Stream {
    /// Its key in [`State::by_age`].
    touched: u64,
    /// The place of the next event. The kept ones stand right before it, without a gap.
    next: u64,
    /// What `events` hold.
    bytes: usize,
    events: VecDeque<Arc<[u8]>>,
}

impl Stream {
    fn bytes(&self) -> usize {
        OVERHEAD + self.bytes
    }

    fn push(&mut self, place: u64, data: Arc<[u8]>) {
        if place < self.next {
            return;
        }
        if place > self.next {
            // Something in between never came: nothing before it can be replayed whole.
            self.events.clear();
            self.bytes = 0;
        }
        self.bytes += OVERHEAD + data.len();
        self.events.push_back(data);
        self.next = place.saturating_add(1);
    }

    fn shrink_to(&mut self, bounds: &EventBounds) {
        while self.events.len() > bounds.events_per_stream || self.bytes() > bounds.bytes_per_stream
        {
            let Some(oldest) = self.events.pop_front() else {
                return;
            };
            self.bytes = self.bytes.saturating_sub(OVERHEAD + oldest.len());
        }
    }

    fn after(&self, id: EventId) -> Result<Vec<StoredEvent>, ReplayError> {
        if id.place() >= self.next {
            return Err(ReplayError::Unknown);
        }
        let wanted = usize::try_from(self.next - id.place() - 1).unwrap_or(usize::MAX);
        let skipped = self
            .events
            .len()
            .checked_sub(wanted)
            .ok_or(ReplayError::Evicted)?;
        let ids = std::iter::successors(Some(id.next()), |id| Some(id.next()));
        let events = ids.zip(self.events.iter().skip(skipped));
        Ok(events
            .map(|(id, data)| StoredEvent {
                id,
                data: Arc::clone(data),
            })
            .collect())
    }
}

#[cfg(test)]
impl MemoryEventStore {
    /// How many streams are held and what they weigh, counted anew and found to agree with the
    /// books.
    pub(super) fn held(&self) -> (usize, usize) {
        let state = self.state();
        let streams = || state.sessions.values().flat_map(BTreeMap::values);
        let weigh = |stream: &Stream| {
            OVERHEAD
                + stream
                    .events
                    .iter()
                    .map(|event| OVERHEAD + event.len())
                    .sum::<usize>()
        };
        let bytes = streams().map(weigh).sum();
        assert_eq!(state.bytes, bytes);
        assert_eq!(state.by_age.len(), streams().count());
        (streams().count(), bytes)
    }
}
