//! The client's loop, and the handle that feeds it.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use mcp_core::engine::{Answer, CallError, ClientConfig, ClientEngine, ClientEvent, Peer};
use mcp_core::jsonrpc::RequestId;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Sleep;

use super::link::Link;
use super::questions::{Answerer, Questions};
use super::server::now;
use crate::codec::Line;

/// Commands that may wait for the loop; a sender beyond that waits itself.
const COMMANDS: usize = 64;

enum Command {
    Request {
        method: String,
        params: Map<String, Value>,
        answer: oneshot::Sender<Answer>,
    },
}

/// A connected client: sends requests, and closes the connection when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct ClientHandle {
    peer: Peer,
    commands: mpsc::Sender<Command>,
}

/// A notification of the server: method and params.
pub type Notified = (String, Option<Box<RawValue>>);

impl ClientHandle {
    /// What the connection told of the server.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Sends a request and waits for its answer. Dropping the future cancels the request.
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn request(&self, method: &str, params: Map<String, Value>) -> Answer {
        let (answer, waiting) = oneshot::channel();
        let command = Command::Request {
            method: method.to_owned(),
            params,
            answer,
        };
        let sent = self.commands.send(command).await;
        sent.map_err(|_| CallError::Closed)?;
        waiting.await.unwrap_or(Err(CallError::Closed))
    }
}

/// Connects over a line-framed connection: finds the server's era, then drives the connection in
/// a task of its own. `notified` gets every notification of the server; those that find no room
/// there are dropped. `answerer` answers what a legacy server asks; without one, nothing that was
/// declared in the configuration is answered but by an error.
///
/// # Errors
/// [`CallError`] when there is no common revision, no usable answer, or no connection.
pub async fn connect<R, W>(
    reader: R,
    writer: W,
    config: ClientConfig,
    notified: Option<mpsc::Sender<Notified>>,
    answerer: Option<Arc<dyn Answerer>>,
) -> Result<ClientHandle, CallError>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (commands, inbox) = mpsc::channel(COMMANDS);
    let (connected, connecting) = oneshot::channel();
    let mut driver = Driver {
        link: Link::new(reader, writer, config.limits.stdio_line),
        engine: ClientEngine::new(config),
        inbox,
        waiting: HashMap::new(),
        connecting: Some(connected),
        notified,
        questions: Questions::new(answerer),
        timer: None,
    };
    driver.engine.connect(now());
    tokio::spawn(driver.run());
    let peer = connecting.await.map_err(|_| CallError::Closed)??;
    Ok(ClientHandle { peer, commands })
}

struct Driver<R, W> {
    link: Link<R, W>,
    engine: ClientEngine,
    inbox: mpsc::Receiver<Command>,
    waiting: HashMap<RequestId, oneshot::Sender<Answer>>,
    connecting: Option<oneshot::Sender<Result<Peer, CallError>>>,
    notified: Option<mpsc::Sender<Notified>>,
    questions: Questions,
    timer: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Driver<R, W> {
    async fn run(mut self) {
        poll_fn(|cx| self.poll(cx)).await;
        self.engine.handle_close();
        self.take_events();
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
            match self.link.poll_read(cx) {
                Poll::Ready(Ok(true)) => {
                    self.take_lines(now);
                    turned = true;
                }
                Poll::Ready(Ok(false) | Err(_)) => return Poll::Ready(()),
                Poll::Pending => {}
            }
            turned |= self.turn_timer(cx, now);
            turned |= self.questions.turn(cx, &mut self.engine);
            turned |= self.take_events();
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
                Poll::Ready(Some(Command::Request {
                    method,
                    params,
                    answer,
                })) => {
                    turned = true;
                    match self.engine.request(now, &method, params) {
                        Ok(id) => drop(self.waiting.insert(id, answer)),
                        Err(error) => drop(answer.send(Err(error))),
                    }
                }
            }
        }
    }

    /// Cancels requests whose caller went away (CAN-A-01).
    fn drop_abandoned(&mut self, cx: &mut Context<'_>) {
        let engine = &mut self.engine;
        self.waiting.retain(|id, answer| {
            let abandoned = answer.poll_closed(cx).is_ready();
            if abandoned {
                engine.cancel(id, None);
            }
            !abandoned
        });
    }

    fn take_lines(&mut self, now: Instant) {
        while let Some(line) = self.link.framer.next() {
            if let Line::Message(bytes) = line {
                self.engine.handle_message(now, bytes);
            }
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
                    if let Some(connecting) = self.connecting.take() {
                        let _ = connecting.send(Err(error));
                    }
                }
                ClientEvent::Answered(id, answer) => {
                    if let Some(waiting) = self.waiting.remove(&id) {
                        let _ = waiting.send(answer);
                    }
                }
                ClientEvent::Notified(method, params) => {
                    if let Some(notified) = &self.notified {
                        let _ = notified.try_send((method, params));
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
