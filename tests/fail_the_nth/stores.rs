//! Stores that fail: of the rounds of calls that ask, and of the events of sessions.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use tokio::time::sleep;
use toolwright::Revision;
use toolwright::ask::{
    Begun, JournalStore, Journals, MemoryJournalStore, Round, RoundOutcome, StoreError,
};
use toolwright::client::{Backoff, KnownServers};
use toolwright::handler::BoxFuture;
use toolwright::http::{
    EventId, EventStore, HttpOptions, MemoryEventStore, ReplayError, SessionId, StoredEvent,
};

use crate::network::{Network, URL};
use crate::points::{How, Points, fail_each};
use crate::rig::{self, Desk};
use crate::session::session;

/// Notes rounds, or does not.
struct FailingJournals {
    inner: MemoryJournalStore,
    points: Arc<Points>,
}

impl FailingJournals {
    /// Does it, unless that fails. Half of what fails has been done nevertheless.
    fn attempt<T: Send + 'static>(
        &self,
        what: &'static str,
        done: impl FnOnce() -> BoxFuture<Result<T, StoreError>>,
    ) -> BoxFuture<Result<T, StoreError>> {
        match self.points.pass(what) {
            Some(How::Error) => Box::pin(async { Err("the store is away".into()) }),
            Some(How::Interrupted) => {
                let done = done();
                Box::pin(async {
                    done.await?;
                    Err("the answer of the store was lost".into())
                })
            }
            Some(How::Stuck) => Box::pin(std::future::pending()),
            Some(How::End | How::Short | How::Jump) | None => done(),
        }
    }
}

impl JournalStore for FailingJournals {
    fn begin(&self, round: Round, expires: SystemTime) -> BoxFuture<Result<Begun, StoreError>> {
        self.attempt("beginning", || self.inner.begin(round, expires))
    }

    fn end(&self, round: Round, outcome: RoundOutcome) -> BoxFuture<Result<(), StoreError>> {
        self.attempt("ending", || self.inner.end(round, outcome))
    }
}

const JOURNAL_WAYS: [How; 4] = [How::Error, How::Interrupted, How::Stuck, How::Jump];

#[test]
fn whatever_fails_in_a_journal_store_ends_and_no_step_runs_twice() {
    fail_each("journal store", &JOURNAL_WAYS, 24, |points| async move {
        let desk = Arc::new(Desk::default());
        let store = FailingJournals {
            inner: MemoryJournalStore::default(),
            points: Arc::clone(&points),
        };
        let journals = Journals::default().once(store);
        let server = rig::server(&desk).journals(journals).build().unwrap();
        let client = rig::builder(Some(Revision::V2026_07_28));
        let client = client.connect(&server).await.unwrap();
        for call in 1..=3 {
            // One call may fail, and the next one knows nothing of that.
            let steps = desk.steps.load(Ordering::Relaxed);
            session(&client, &server, &points).await;
            let ran = desk.steps.load(Ordering::Relaxed) - steps;
            assert!(ran <= 1, "call {call}: the step ran {ran} times");
        }
        drop(client);
        rig::serves_others(&server, &points).await;
        drop(server);
        sleep(Duration::from_secs(60)).await;
        assert_eq!(desk.running(), 0, "handlers are left");
        assert_eq!(Arc::strong_count(&desk), 1, "the server is left");
    });
}

/// Keeps events, or does not.
struct FailingEvents {
    inner: MemoryEventStore,
    points: Arc<Points>,
}

impl FailingEvents {
    /// Whether something that cannot say that it failed is done.
    fn is_done(&self, what: &'static str) -> bool {
        matches!(self.points.pass(what), None | Some(How::Jump | How::Short))
    }
}

impl EventStore for FailingEvents {
    fn open(&self, session: &SessionId, stream: u64) {
        if self.is_done("opening") {
            self.inner.open(session, stream);
        }
    }

    fn append(&self, session: &SessionId, id: EventId, data: Arc<[u8]>) {
        if self.is_done("appending") {
            self.inner.append(session, id, data);
        }
    }

    fn replay<'a>(
        &'a self,
        session: &'a SessionId,
        after: EventId,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<StoredEvent>, ReplayError>> + Send + 'a>> {
        match self.points.pass("replay") {
            Some(How::Error) => Box::pin(async { Err(ReplayError::Unavailable) }),
            Some(How::End) => Box::pin(async { Err(ReplayError::Evicted) }),
            Some(How::Interrupted) => Box::pin(async { Err(ReplayError::Unknown) }),
            Some(How::Stuck) => Box::pin(std::future::pending()),
            Some(How::Short | How::Jump) | None => self.inner.replay(session, after),
        }
    }

    fn end_session(&self, session: &SessionId) {
        if self.is_done("end of a session") {
            self.inner.end_session(session);
        }
    }
}

const EVENT_WAYS: [How; 5] = [
    How::Error,
    How::End,
    How::Interrupted,
    How::Stuck,
    How::Jump,
];

#[test]
fn whatever_fails_in_an_event_store_ends_and_leaves_nothing() {
    fail_each("event store", &EVENT_WAYS, 100, |points| async move {
        let desk = Arc::new(Desk::default());
        let store = FailingEvents {
            inner: MemoryEventStore::default(),
            points: Arc::clone(&points),
        };
        let server = rig::server(&desk).build().unwrap();
        let service = server.http(HttpOptions::default().events(store));
        // Every stream breaks, so that there is something to have again.
        let sound = Points::new(0, How::Short);
        let client = rig::builder(Some(Revision::V2025_11_25))
            .http_client(Network::new(&service, &sound).cutting(2))
            .known_servers(KnownServers::new())
            .reconnect(Backoff::new().jitter(|| 0.0))
            .connect(URL)
            .await
            .unwrap();
        for _ in 0..2 {
            session(&client, &server, &points).await;
        }
        drop(client);
        rig::serves_others(&server, &points).await;
        drop((server, service));
        sleep(Duration::from_secs(60)).await;
        assert_eq!(desk.running(), 0, "handlers are left");
        assert_eq!(Arc::strong_count(&desk), 1, "the server is left");
    });
}
