//! The client's loop.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
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
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Sleep;

use super::client_handle::ClientHandle;
use super::link::Link;
use super::questions::{Answerer, Questions};
use super::server::now;
use crate::codec::Line;

/// Commands that may wait for the loop; a sender beyond that waits itself.
const COMMANDS: usize = 64;

pub(super) struct Command {
    pub(super) method: String,
    pub(super) params: Map<String, Value>,
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

/// Connects over a line-framed connection: finds the server's era, then drives the connection in
/// a task of its own. `answerer` answers what a legacy server asks; without one, nothing that was
/// declared in the configuration is answered but by an error.
///
/// # Errors
/// [`CallError`] when there is no common revision, no usable answer, or no connection.
pub async fn connect<R, W>(
    reader: R,
    writer: W,
    config: ClientConfig,
    listener: Listener,
    answerer: Option<Arc<dyn Answerer>>,
) -> Result<ClientHandle, CallError>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (commands, inbox) = mpsc::channel(COMMANDS);
    let (connected, connecting) = oneshot::channel();
    let ended = Arc::new(OnceLock::new());
    let mut driver = Driver {
        link: Link::new(reader, writer, config.limits.stdio_line),
        backlog: config.limits.output_backlog,
        engine: ClientEngine::new(config),
        inbox,
        waiting: HashMap::new(),
        connecting: Some(connected),
        listener,
        ended: Arc::clone(&ended),
        questions: Questions::new(answerer),
        timer: None,
    };
    driver.engine.connect(now());
    tokio::spawn(driver.run());
    let peer = connecting.await.map_err(|_| CallError::Closed)??;
    Ok(ClientHandle::new(peer, commands, ended))
}

struct Waiting {
    answer: oneshot::Sender<Answer>,
    progress: Option<watch::Sender<Option<ProgressParams>>>,
}

struct Driver<R, W> {
    link: Link<R, W>,
    engine: ClientEngine,
    inbox: mpsc::Receiver<Command>,
    waiting: HashMap<RequestId, Waiting>,
    connecting: Option<oneshot::Sender<Result<Peer, CallError>>>,
    listener: Listener,
    /// Why the connection ended, for those who come later.
    ended: Arc<OnceLock<CallError>>,
    /// Most bytes that wait for a server that does not read before it is no longer read either.
    backlog: usize,
    questions: Questions,
    timer: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Driver<R, W> {
    async fn run(mut self) {
        poll_fn(|cx| self.poll(cx)).await;
        self.engine.handle_close();
        self.take_events();
        let _ = self.ended.set(CallError::Closed);
        self.inbox.close();
        let _ = poll_fn(|cx| self.link.poll_shutdown(cx)).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let now = now();
            let Ok(mut turned) = self.turn_commands(cx, now) else {
                return Poll::Ready(());
            };
            self.drop_abandoned(cx);
            while self
                .link
                .push_line(|buffer| self.engine.poll_output(buffer))
                .is_some()
            {}
            if let Poll::Ready(Err(_)) = self.link.poll_write(cx) {
                return Poll::Ready(());
            }
            if self.link.backlog() <= self.backlog {
                match self.link.poll_read(cx) {
                    Poll::Ready(Ok(true)) => {
                        self.take_lines(now);
                        turned = true;
                    }
                    Poll::Ready(Ok(false) | Err(_)) => {
                        self.take_last_line(now);
                        return Poll::Ready(());
                    }
                    Poll::Pending => {}
                }
            }
            turned |= self.turn_timer(cx, now);
            turned |= self.questions.turn(cx, &mut self.engine);
            turned |= self.take_events();
            if self.ended.get().is_some() {
                return Poll::Ready(());
            }
            if !turned {
                return Poll::Pending;
            }
        }
    }

    /// Takes commands. An error means that nobody can send any more and nothing is waited for.
    fn turn_commands(&mut self, cx: &mut Context<'_>, now: Instant) -> Result<bool, ()> {
        if self.connecting.is_some() {
            return Ok(false);
        }
        let mut turned = false;
        loop {
            match self.inbox.poll_recv(cx) {
                Poll::Pending => return Ok(turned),
                Poll::Ready(None) if self.waiting.is_empty() => return Err(()),
                Poll::Ready(None) => return Ok(turned),
                Poll::Ready(Some(command)) => {
                    turned = true;
                    self.begin(now, command);
                }
            }
        }
    }

    fn begin(&mut self, now: Instant, command: Command) {
        let (method, params) = (command.method, command.params);
        let sent = self.engine.request(now, &method, params, &command.options);
        match sent {
            Ok(id) => {
                if let Some(begun) = command.begun {
                    let _ = begun.send(id.clone());
                }
                let waiting = Waiting {
                    answer: command.answer,
                    progress: command.progress,
                };
                self.waiting.insert(id, waiting);
            }
            Err(error) => drop(command.answer.send(Err(error))),
        }
    }

    /// Cancels requests whose caller went away (CAN-A-01).
    fn drop_abandoned(&mut self, cx: &mut Context<'_>) {
        let engine = &mut self.engine;
        self.waiting.retain(|id, waiting| {
            let abandoned = waiting.answer.poll_closed(cx).is_ready();
            if abandoned {
                engine.cancel(id, None);
            }
            !abandoned
        });
    }

    fn take_lines(&mut self, now: Instant) {
        while let Some(line) = self.link.framer.next() {
            match line {
                Line::Message(bytes) => self.engine.handle_message(now, bytes),
                Line::TooLong => self.engine.handle_overlong(),
            }
        }
        // One that has not ended yet is too long already, and need not be waited for.
        if self.link.framer.is_discarding() {
            self.engine.handle_overlong();
        }
    }

    /// The last line of a stream that ended without a newline is one as well.
    fn take_last_line(&mut self, now: Instant) {
        if let Some(Line::Message(bytes)) = self.link.framer.finish() {
            self.engine.handle_message(now, bytes);
        }
    }

    fn take_events(&mut self) -> bool {
        let mut turned = false;
        while let Some(event) = self.engine.poll_event() {
            turned = true;
            match event {
                ClientEvent::Connected(peer) => {
                    if let Some(connecting) = self.connecting.take() {
                        let _ = connecting.send(Ok(*peer));
                    }
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
                }
                ClientEvent::Notified(method, params) => {
                    (self.listener)((method, params));
                }
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
        }
        turned
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
