//! What feeds the client's loop.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use mcp_core::engine::{Answer, CallError, Peer, RequestOptions};
use mcp_core::jsonrpc::RequestId;
use mcp_core::model::ProgressParams;
use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot, watch};

use super::calls::Command;
use super::handler::Mirrored;

/// A connected client: sends requests, and closes the connection when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct ClientHandle {
    peer: Arc<Peer>,
    /// Whether that is from memory.
    assumed: bool,
    /// What was learnt of the server later.
    confirmed: Arc<OnceLock<Peer>>,
    commands: mpsc::Sender<Command>,
    ended: Arc<OnceLock<CallError>>,
}

/// One request, before it is sent.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// Its method.
    pub method: String,
    /// Its parameters.
    pub params: Map<String, Value>,
    /// The arguments that travel in headers too, where there are any (HTTP-M-23).
    pub mirrored: Option<Arc<[Mirrored]>>,
    /// How long it may take, and whether it asks for progress.
    pub options: RequestOptions,
    /// Gets the latest progress; it is asked for when this is there.
    pub progress: Option<watch::Sender<Option<ProgressParams>>>,
}

/// The answer to a request that was sent. Dropping it cancels the request.
#[derive(Debug)]
pub struct InFlight {
    id: RequestId,
    answer: oneshot::Receiver<Answer>,
}

impl InFlight {
    /// The id under which it was sent.
    pub fn id(&self) -> &RequestId {
        &self.id
    }
}

impl Future for InFlight {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let answer = Pin::new(&mut self.answer).poll(cx);
        answer.map(|answer| answer.unwrap_or(Err(CallError::Closed)))
    }
}

impl ClientHandle {
    pub(super) fn new(
        peer: Peer,
        assumed: bool,
        confirmed: Arc<OnceLock<Peer>>,
        commands: mpsc::Sender<Command>,
        ended: Arc<OnceLock<CallError>>,
    ) -> Self {
        Self {
            peer: Arc::new(peer),
            assumed,
            confirmed,
            commands,
            ended,
        }
    }

    /// What is known of the server: what the connection told, or, where it began without a word,
    /// what is remembered (VER-D-13).
    pub fn peer(&self) -> &Peer {
        self.confirmed.get().unwrap_or(&self.peer)
    }

    /// Whether the server said itself what it is, on this connection.
    pub fn is_confirmed(&self) -> bool {
        !self.assumed || self.confirmed.get().is_some()
    }

    /// Notes what the server told of itself. What it told before stands.
    pub fn confirm(&self, peer: Peer) {
        let _ = self.confirmed.set(peer);
    }

    /// Sends a request and waits for its answer. Dropping the future cancels the request.
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn request(&self, request: Outgoing) -> Answer {
        let waiting = self.send(request, None).await?;
        waiting.await.unwrap_or_else(|_| Err(self.reason()))
    }

    /// Sends a request and returns once it has an id, without waiting for the answer.
    ///
    /// # Errors
    /// [`CallError`]: why it was not sent.
    pub async fn begin(&self, request: Outgoing) -> Result<InFlight, CallError> {
        let (begun, beginning) = oneshot::channel();
        let answer = self.send(request, Some(begun)).await?;
        match beginning.await {
            Ok(id) => Ok(InFlight { id, answer }),
            Err(_) => Err(self.reason()),
        }
    }

    /// Waits for the end of the connection, and says why it ended.
    pub async fn closed(&self) -> CallError {
        self.commands.closed().await;
        self.reason()
    }

    /// Whether the connection has ended.
    pub fn is_closed(&self) -> bool {
        self.commands.is_closed()
    }

    async fn send(
        &self,
        request: Outgoing,
        begun: Option<oneshot::Sender<RequestId>>,
    ) -> Result<oneshot::Receiver<Answer>, CallError> {
        let (answer, waiting) = oneshot::channel();
        let mut options = request.options;
        options.progress |= request.progress.is_some();
        let command = Command {
            method: request.method,
            params: request.params,
            mirrored: request.mirrored,
            options,
            progress: request.progress,
            begun,
            answer,
        };
        let sent = self.commands.send(command).await;
        sent.map_err(|_| self.reason())?;
        Ok(waiting)
    }

    fn reason(&self) -> CallError {
        self.ended.get().cloned().unwrap_or(CallError::Closed)
    }
}
