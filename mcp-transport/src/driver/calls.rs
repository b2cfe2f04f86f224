//! What every client's loop does, whatever carries its messages.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Instant;

use mcp_core::engine::{
    Answer, CallError, ClientConfig, ClientEngine, ClientEvent, Peer, RequestOptions,
};
use mcp_core::jsonrpc::RequestId;
use mcp_core::model::ProgressParams;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Sleep;

use super::client_handle::ClientHandle;
use super::handler::Mirrored;
use super::questions::{Answerer, Questions};

/// Commands that may wait for the loop; a sender beyond that waits itself.
const COMMANDS: usize = 64;

/// A request that somebody wants to be sent.
pub(crate) struct Command {
    pub(crate) method: String,
    pub(crate) params: Map<String, Value>,
    #[cfg_attr(
        not(feature = "http-client"),
        expect(dead_code, reason = "only HTTP has headers")
    )]
    pub(crate) mirrored: Option<Arc<[Mirrored]>>,
    pub(super) options: RequestOptions,
    pub(super) progress: Option<watch::Sender<Option<ProgressParams>>>,
    pub(super) begun: Option<oneshot::Sender<RequestId>>,
    pub(super) answer: oneshot::Sender<Answer>,
}

/// A notification of the server: method and params.
pub type Notified = (String, Option<Box<RawValue>>);

/// Hears every notification of the server before any later answer is handed out. It runs inside
/// the connection's loop, so it must not wait.
pub type Listener = Box<dyn FnMut(Notified) + Send>;

/// The requests of one client and those who wait for them.
pub(crate) struct Calls {
    pub(crate) engine: ClientEngine,
    inbox: mpsc::Receiver<Command>,
    waiting: HashMap<RequestId, Waiting>,
    connecting: Option<oneshot::Sender<Result<Told, CallError>>>,
    /// Whether the connection begins without a word of the server.
    assumed: bool,
    /// What was learnt of the server after the connection was handed out.
    confirmed: Arc<OnceLock<Peer>>,
    listener: Listener,
    /// Why the connection ended, for those who come later.
    ended: Arc<OnceLock<CallError>>,
    questions: Questions,
    timer: Option<(Instant, Pin<Box<Sleep>>)>,
}

struct Waiting {
    answer: oneshot::Sender<Answer>,
    progress: Option<watch::Sender<Option<ProgressParams>>>,
}

/// What is known of the server when the connection is handed out, and whether it said so itself.
struct Told {
    peer: Peer,
    assumed: bool,
}

/// The other end of [`Calls`], before there is a connection.
pub(crate) struct Joining {
    commands: mpsc::Sender<Command>,
    connecting: oneshot::Receiver<Result<Told, CallError>>,
    confirmed: Arc<OnceLock<Peer>>,
    ended: Arc<OnceLock<CallError>>,
}

impl Joining {
    /// Waits for the connection.
    pub(crate) async fn handle(self) -> Result<ClientHandle, CallError> {
        let told = self.connecting.await.map_err(|_| CallError::Closed)??;
        Ok(ClientHandle::new(
            told.peer,
            told.assumed,
            self.confirmed,
            self.commands,
            self.ended,
        ))
    }
}

/// Something that happened, as far as a transport cares.
pub(crate) enum Happened {
    /// The server is known, or known anew.
    #[cfg_attr(
        not(feature = "http-client"),
        expect(dead_code, reason = "only HTTP remembers it")
    )]
    Connected(Box<Peer>),
    /// This request is over.
    #[cfg_attr(
        not(feature = "http-client"),
        expect(dead_code, reason = "only HTTP has a stream for each")
    )]
    Answered(RequestId),
    /// Something else.
    Else,
}

impl Calls {
    pub(crate) fn new(
        config: ClientConfig,
        listener: Listener,
        answerer: Option<Arc<dyn Answerer>>,
    ) -> (Self, Joining) {
        let (commands, inbox) = mpsc::channel(COMMANDS);
        let (connected, connecting) = oneshot::channel();
        let ended = Arc::new(OnceLock::new());
        let confirmed = Arc::new(OnceLock::new());
        let calls = Self {
            engine: ClientEngine::new(config),
            inbox,
            waiting: HashMap::new(),
            connecting: Some(connected),
            assumed: false,
            confirmed: Arc::clone(&confirmed),
            listener,
            ended: Arc::clone(&ended),
            questions: Questions::new(answerer),
            timer: None,
        };
        let joining = Joining {
            commands,
            connecting,
            confirmed,
            ended,
        };
        (calls, joining)
    }

    /// Takes the server for one that is known already, and sends nothing (VER-D-13).
    #[cfg(feature = "http-client")]
    pub(crate) fn assume(&mut self, peer: Peer) {
        self.assumed = true;
        self.engine.assume(peer);
    }

    /// Whether the connection is over.
    pub(crate) fn is_over(&self) -> bool {
        self.ended.get().is_some()
    }

    /// Ends what is still under way, and every later request.
    pub(crate) fn close(&mut self) {
        self.engine.handle_close();
        while self.take_event().is_some() {}
        let _ = self.ended.set(CallError::Closed);
        self.inbox.close();
    }

    /// The next command; `None` when nobody can send any more and nothing is waited for. To be
    /// asked once there is a connection.
    pub(crate) fn poll_command(&mut self, cx: &mut Context<'_>) -> Poll<Option<Command>> {
        if self.connecting.is_some() {
            return Poll::Pending;
        }
        match self.inbox.poll_recv(cx) {
            Poll::Ready(None) if !self.waiting.is_empty() => Poll::Pending,
            polled => polled,
        }
    }

    /// Sends a request, and returns its id.
    pub(crate) fn begin(&mut self, now: Instant, command: Command) -> Option<RequestId> {
        let (method, params) = (command.method, command.params);
        match self.engine.request(now, &method, params, &command.options) {
            Ok(id) => {
                if let Some(begun) = command.begun {
                    let _ = begun.send(id.clone());
                }
                let waiting = Waiting {
                    answer: command.answer,
                    progress: command.progress,
                };
                self.waiting.insert(id.clone(), waiting);
                Some(id)
            }
            Err(error) => {
                let _ = command.answer.send(Err(error));
                None
            }
        }
    }

    /// Cancels requests whose caller went away (CAN-A-01). True when there were any.
    pub(crate) fn drop_abandoned(&mut self, cx: &mut Context<'_>) -> bool {
        let engine = &mut self.engine;
        let before = self.waiting.len();
        self.waiting.retain(|id, waiting| {
            let abandoned = waiting.answer.poll_closed(cx).is_ready();
            if abandoned {
                engine.cancel(id, None);
            }
            !abandoned
        });
        self.waiting.len() < before
    }

    /// Lets time pass and questions be answered. True when something came of it.
    pub(crate) fn turn(&mut self, cx: &mut Context<'_>, now: Instant) -> bool {
        self.turn_timer(cx, now) | self.questions.turn(cx, &mut self.engine)
    }

    /// Takes the next event of the engine.
    pub(crate) fn take_event(&mut self) -> Option<Happened> {
        match self.engine.poll_event()? {
            ClientEvent::Connected(peer) => {
                let peer_told = (*peer).clone();
                match self.connecting.take() {
                    Some(connecting) => drop(connecting.send(Ok(Told {
                        peer: peer_told,
                        assumed: self.assumed,
                    }))),
                    None => drop(self.confirmed.set(peer_told)),
                }
                return Some(Happened::Connected(peer));
            }
            ClientEvent::Failed(error) => {
                let _ = self.ended.set(error.clone());
                if let Some(connecting) = self.connecting.take() {
                    let _ = connecting.send(Err(error));
                }
            }
            ClientEvent::Answered(id, answer) => {
                if let Some(waiting) = self.waiting.remove(&id) {
                    let _ = waiting.answer.send(answer);
                }
                return Some(Happened::Answered(id));
            }
            ClientEvent::Notified(method, params) => (self.listener)((method, params)),
            ClientEvent::Progress(id, params) => {
                let waiting = self.waiting.get(&id);
                if let Some(progress) = waiting.and_then(|w| w.progress.as_ref()) {
                    progress.send_replace(Some(*params));
                }
            }
            ClientEvent::Asked { id, method, params } => {
                let params = params.as_deref();
                self.questions.begin(&mut self.engine, id, &method, params);
            }
            ClientEvent::Withdrawn(id) => self.questions.withdraw(&id),
        }
        Some(Happened::Else)
    }

    fn turn_timer(&mut self, cx: &mut Context<'_>, now: Instant) -> bool {
        let Some(due) = self.engine.poll_timeout() else {
            return false;
        };
        if due <= now {
            self.engine.handle_timeout(now);
            return true;
        }
        let (at, sleep) = self.timer.get_or_insert_with(|| {
            let sleep = Box::pin(tokio::time::sleep_until(due.into()));
            (due, sleep)
        });
        if *at != due {
            *at = due;
            sleep.as_mut().reset(due.into());
        }
        sleep.as_mut().poll(cx).is_ready()
    }
}
