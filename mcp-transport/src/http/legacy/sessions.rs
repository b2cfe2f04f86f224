//! All sessions of a server: found by id, bounded in number, gone after a while.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, Instant};

use mcp_core::Limits;
use mcp_core::engine::Principal;

use super::places::{Full, Peer, Place, Places};
use super::session::Session;
use crate::driver::{Handler, Noted, now};
use crate::http::session_id::SessionId;
use crate::sync::{Mutex, MutexGuard};

/// The sessions that live.
pub(super) struct Sessions<H> {
    places: Arc<Places>,
    idle: Duration,
    state: Mutex<State<H>>,
}

struct State<H> {
    sessions: HashMap<SessionId, Arc<Session<H>>>,
    /// Whether a task looks for sessions that idle.
    swept: bool,
    /// When they were last looked for because there was no room.
    looked: Option<Instant>,
}

/// What a session has for as long as it is found. It is kept in the session, not beside it: a map
/// has room for more than it holds.
pub(super) struct Held {
    _place: Place,
    _noted: Noted,
}

impl<H: Handler> Sessions<H> {
    /// Room for as many sessions as the limits say, each of which may idle for as long.
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            places: Places::new(limits),
            idle: limits.session_idle,
            state: Mutex::new(State {
                sessions: HashMap::new(),
                swept: false,
                looked: None,
            }),
        })
    }

    /// The session with this id, if it is that principal's: another's does not exist for it
    /// (HTTP-L-08, fault 76).
    pub(super) fn get(&self, id: &SessionId, principal: &Principal) -> Option<Arc<Session<H>>> {
        let state = self.state();
        let session = state.sessions.get(id);
        session
            .filter(|session| session.principal == *principal)
            .cloned()
    }

    /// Takes the place of another session, if need be once those that idled for too long are gone.
    pub(super) fn place(&self, peer: &Peer) -> Result<Place, Full> {
        self.places.take(peer.clone()).or_else(|full| {
            let now = now();
            if !self.may_look(now) {
                return Err(full);
            }
            self.sweep(now);
            self.places.take(peer.clone())
        })
    }

    /// Whether it is worth while to look for sessions that idle. Looking at all of them for each
    /// refusal would cost more than the sessions that are refused.
    fn may_look(&self, now: Instant) -> bool {
        const PERIOD: Duration = Duration::from_secs(1);
        let looked = &mut self.state().looked;
        let recently = looked.is_some_and(|at| now.saturating_duration_since(at) < PERIOD);
        if !recently {
            *looked = Some(now);
        }
        !recently
    }

    /// Adds a session in its place.
    pub(super) fn insert(self: &Arc<Self>, id: SessionId, session: Arc<Session<H>>, place: Place) {
        let held = Held {
            _place: place,
            _noted: Noted::by(&session.handler, &session.signals),
        };
        session.lock().held = Some(held);
        let mut state = self.state();
        state.sessions.insert(id, session);
        if !std::mem::replace(&mut state.swept, true) {
            tokio::spawn(sweeper(Arc::downgrade(self), self.idle));
        }
    }

    /// Ends a session.
    pub(super) fn remove(&self, id: &SessionId) {
        let removed = self.state().sessions.remove(id);
        if let Some(session) = removed {
            session.end();
        }
    }

    /// Ends the sessions that have idled for too long (fault 81).
    fn sweep(&self, now: Instant) {
        let idle: Vec<_> = {
            let mut state = self.state();
            state
                .sessions
                .extract_if(|_, session| session.is_idle(now, self.idle))
                .collect()
        };
        for (_, session) in &idle {
            session.end();
        }
        if !idle.is_empty() {
            self.state().sessions.shrink_to_fit();
        }
    }

    /// Whether the sweeper has to go on. Once it has not, the next session begins with another, so
    /// that nobody but the one that is about to end may ask.
    fn goes_on(&self) -> bool {
        let mut state = self.state();
        state.swept = !state.sessions.is_empty();
        state.swept
    }

    fn state(&self) -> MutexGuard<'_, State<H>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks for sessions that idle, as long as there are sessions.
async fn sweeper<H: Handler>(sessions: Weak<Sessions<H>>, idle: Duration) {
    /// A session may outlive its time by a quarter of it.
    const PARTS: u32 = 4;
    loop {
        tokio::time::sleep(idle / PARTS).await;
        let Some(sessions) = sessions.upgrade() else {
            return;
        };
        sessions.sweep(now());
        if !sessions.goes_on() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use mcp_core::engine::{Call, Incoming, Outcome, Scopes, ServerEngine, ServerProfile, Signals};
    use mcp_core::lifecycle::Params;
    use mcp_core::model::{Implementation, ServerCapabilities};

    use super::*;
    use crate::driver::{Dispatch, Handler, Mirrored};
    use crate::http::events::MemoryEventStore;

    #[cfg(shuttle)]
    mod interleavings;

    const IDLE: Duration = Duration::from_secs(30 * 60);

    /// Answers nothing although it hears of cancellations, and counts who is connected.
    #[derive(Default)]
    struct Never(AtomicUsize);

    impl Handler for Never {
        fn handle(&self, call: &Call<'_>) -> Dispatch {
            call.exchange().watch();
            Dispatch::Pending(
                Box::pin(std::future::pending()) as Pin<Box<dyn Future<Output = Outcome> + Send>>
            )
        }

        fn lacking(&self, _: &Principal, _: &str, _: &Params<'_>) -> Option<Scopes> {
            None
        }

        fn connected(&self, _: &Arc<Signals>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }

        fn disconnected(&self, _: &Arc<Signals>) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }

        fn shutdown(&self) {}

        fn mirrored(&self, _: &str) -> Option<Arc<[Mirrored]>> {
            None
        }
    }

    fn session(id: SessionId, handler: &Arc<Never>) -> Arc<Session<Never>> {
        let capabilities = ServerCapabilities {
            tools: Some(mcp_core::model::ToolsCapability::default()),
            ..ServerCapabilities::default()
        };
        let info = Implementation::new("test", "1");
        let profile = ServerProfile::new(info, capabilities, None, &mcp_core::Revision::ALL);
        let engine = ServerEngine::new(Arc::new(profile), Limits::default())
            .with_streams()
            .after_handshake(mcp_core::Revision::NEWEST_LEGACY);
        let store = Arc::new(MemoryEventStore::default());
        Session::new(
            Some(id),
            engine,
            Principal::ANONYMOUS,
            Arc::clone(handler),
            store,
        )
    }

    #[tokio::test(start_paused = true)]
    async fn fault_81_a_session_that_idles_goes_and_one_that_works_or_is_used_stays() {
        let handler = Arc::<Never>::default();
        let sessions = Sessions::new(&Limits {
            session_idle: IDLE,
            ..Limits::default()
        });
        let ids: Vec<_> = (0..3).map(|_| SessionId::generate().unwrap()).collect();
        for id in &ids {
            let place = sessions.place(&Peer::Unknown).expect("room");
            sessions.insert(*id, session(*id, &handler), place);
        }
        assert_eq!(handler.0.load(Ordering::Relaxed), 3);
        let alive = |at: usize| sessions.get(&ids[at], &Principal::ANONYMOUS).is_some();
        // The handler of the second session runs until its time is over.
        post(&sessions.get(&ids[1], &Principal::ANONYMOUS).unwrap(), CALL);
        tokio::time::sleep(IDLE - Duration::from_secs(1)).await;
        assert!(alive(0) && alive(1) && alive(2));
        let ping = br#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#;
        post(&sessions.get(&ids[2], &Principal::ANONYMOUS).unwrap(), ping);
        tokio::time::sleep(IDLE / 2).await;
        assert!(!alive(0) && alive(2));
        tokio::time::sleep(2 * IDLE).await;
        assert!(!alive(1) && !alive(2));
        assert_eq!(handler.0.load(Ordering::Relaxed), 0);
        assert!(
            !sessions.state().swept,
            "nothing is looked for when nothing is left"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn fault_81_one_task_looks_for_sessions_that_idle_although_room_was_made_meanwhile() {
        let sessions = Sessions::new(&Limits {
            session_idle: IDLE,
            sessions: 1,
            ..Limits::default()
        });
        let begin = || {
            let id = SessionId::generate().unwrap();
            let place = sessions.place(&Peer::Unknown).expect("room");
            let session = session(id, &Arc::default());
            sessions.insert(id, Arc::clone(&session), place);
            session
        };
        let session = begin();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(session.lock().touch());
        // It idles for too long a second after it was looked for, and before it is again.
        tokio::time::sleep(IDLE).await;
        begin();
        assert_eq!(sessions.state().sessions.len(), 1);
        let tasks = tokio::runtime::Handle::current().metrics();
        assert_eq!(tasks.num_alive_tasks(), 1);
    }

    /// A session whose client has listened for a while, and whose handler has begun since.
    async fn listening() -> Arc<Session<Never>> {
        let session = session(SessionId::generate().unwrap(), &Arc::default());
        {
            let mut inner = session.lock();
            let stream = session.new_stream(&mut inner);
            *inner.unasked() = Some(stream);
            session.mind(&mut inner);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        post(&session, CALL);
        session
    }

    const CALL: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}"#;

    fn post(session: &Arc<Session<Never>>, message: &[u8]) {
        session.post(&Incoming::read(message, 1), message, Principal::ANONYMOUS);
    }

    #[tokio::test(start_paused = true)]
    async fn fault_53_a_call_of_a_session_ends_in_time_although_its_client_listened_before() {
        let session = listening().await;
        let limits = Limits::default();
        tokio::time::sleep(limits.call_timeout + 2 * limits.cancel_grace).await;
        assert!(session.lock().engine.is_at_rest());
    }

    #[tokio::test(start_paused = true)]
    async fn fault_45_a_cancelled_handler_of_a_session_gets_its_grace_and_no_more() {
        let session = listening().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let cancelled =
            br#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
        post(&session, cancelled);
        tokio::time::sleep(2 * Limits::default().cancel_grace).await;
        assert!(session.lock().engine.is_at_rest());
    }
}
