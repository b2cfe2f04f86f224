//! Sending: the exchanges that are under way.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use mcp_core::Era;
use mcp_core::engine::{CallError, Outbound};
use mcp_core::jsonrpc::RequestId;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::connection::{Connection, Held};
use super::report::{End, Purpose, Reporter, What};
use super::streak::Streak;
use super::wire::Message;
use super::{answer, head};
use crate::http_headers::PROTOCOL_VERSION;

/// How long the end of a stream is waited for after its answer, so that its connection can be
/// used again.
const LINGER: Duration = Duration::from_secs(1);

/// A request that is under way.
pub(super) struct Running {
    kind: Kind,
    task: AbortHandle,
    /// Dropped with the request: its exchange may end.
    _answered: oneshot::Sender<()>,
    pub(super) body: Bytes,
    pub(super) head: HeaderMap,
    pub(super) resent: bool,
    pub(super) streak: Streak,
    /// From where its stream is resumed.
    pub(super) resume: Option<String>,
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Probe,
    Handshake,
    Call,
}

impl Running {
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn is_call(&self) -> bool {
        self.kind == Kind::Call
    }

    pub(super) fn is_handshake(&self) -> bool {
        self.kind == Kind::Handshake
    }

    pub(super) fn abort(self) {
        self.task.abort();
    }
}

impl Connection {
    /// Sends a message, each kind with what belongs to it.
    pub(super) fn send(&mut self, message: Held) {
        match &message.what {
            Outbound::Probe(id, revision) => {
                let id = id.clone();
                let mut head = head::of_method("server/discover");
                head.insert(PROTOCOL_VERSION.clone(), head::version(*revision));
                self.give_up_connecting();
                self.post(id, Kind::Probe, Held { head, ..message });
            }
            Outbound::Handshake(id) => {
                let id = id.clone();
                self.give_up_connecting();
                self.listening = None;
                self.session = self.session.next();
                self.post(id, Kind::Handshake, message);
            }
            Outbound::Request(id) => {
                let id = id.clone();
                self.post(id, Kind::Call, message);
            }
            Outbound::Initialized => {
                if let Some(revision) = self.calls.engine.revision() {
                    self.session.agree(revision);
                }
                self.say(Purpose::Initialized, message.body);
            }
            Outbound::Cancelled(id) => {
                let running = self.running.remove(id);
                let was_sent = running.is_some();
                if let Some(running) = running {
                    running.abort();
                }
                // Closing the stream says it all to a modern server (HTTP-M-33).
                if was_sent && self.is_legacy() {
                    self.say(Purpose::Aside, message.body);
                }
            }
            Outbound::Reply if self.is_legacy() => self.say(Purpose::Aside, message.body),
            Outbound::Reply => {}
        }
    }

    /// The server was asked once already, and what it says to that counts no longer.
    fn give_up_connecting(&mut self) {
        for (_, running) in self.running.extract_if(|_, running| !running.is_call()) {
            running.abort();
        }
    }

    fn is_legacy(&self) -> bool {
        let revision = self.calls.engine.revision();
        revision.is_some_and(|revision| revision.era() == Era::Legacy)
    }

    /// Posts a request whose answer is waited for.
    pub(super) fn post(&mut self, id: RequestId, kind: Kind, message: Held) {
        let mut headers = head::of_post();
        match kind {
            Kind::Handshake => {}
            Kind::Call if self.is_legacy() => self.session.mark(&mut headers),
            Kind::Probe | Kind::Call => {
                if let Some(revision) = self.calls.engine.revision() {
                    headers.insert(PROTOCOL_VERSION.clone(), head::version(revision));
                }
                headers.extend(message.head.clone());
            }
        }
        let post = Message {
            method: Method::POST,
            uri: self.place(),
            headers,
            body: message.body.clone(),
        };
        let (task, answered) = self.exchange(&id, post, Duration::ZERO);
        let running = Running {
            kind,
            task,
            _answered: answered,
            body: message.body,
            head: message.head,
            resent: message.resent,
            streak: Streak::default(),
            resume: None,
        };
        self.running.insert(id, running);
    }

    /// Opens the stream of a request again, from where it broke (HTTP-L-10).
    pub(super) fn resume(&mut self, id: RequestId, mut running: Running, delay: Duration) {
        let get = self.get(running.resume.as_deref());
        let (task, answered) = self.exchange(&id, get, delay);
        running.task = task;
        running._answered = answered;
        self.running.insert(id, running);
    }

    fn exchange(
        &mut self,
        id: &RequestId,
        message: Message,
        delay: Duration,
    ) -> (AbortHandle, oneshot::Sender<()>) {
        let (answered, over) = oneshot::channel();
        let reporter = self.reporter(Purpose::Request(id.clone()));
        let wire = Arc::clone(&self.wire);
        let work = async move {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            answer::run(wire, message, reporter).await;
        };
        (self.tasks.spawn(until_over(work, over)), answered)
    }

    /// Posts what gets no answer, unless too much was posted that the server does not take: one that
    /// asks and asks could make us hold any number of answers.
    fn say(&mut self, purpose: Purpose, body: Bytes) {
        let most = self.wire.limits.in_flight;
        if self.asides.len() >= most && matches!(purpose, Purpose::Aside) {
            tracing::debug!(most, "the server takes no messages (limit `in_flight`)");
            return;
        }
        let mut headers = head::of_post();
        self.session.mark(&mut headers);
        let post = Message {
            method: Method::POST,
            uri: self.place(),
            headers,
            body,
        };
        let reporter = self.reporter(purpose);
        let wire = Arc::clone(&self.wire);
        let patience = wire.limits.request_timeout;
        self.asides.spawn(async move {
            let said = answer::run(wire, post, reporter.clone());
            if tokio::time::timeout(patience, said).await.is_err() {
                let late = End::Failed(CallError::Timeout(patience));
                reporter.tell(What::Ended(late)).await;
            }
        });
    }

    fn place(&self) -> http::Uri {
        let endpoint = self.session.endpoint.as_ref();
        endpoint.unwrap_or(&self.wire.url).clone()
    }

    pub(super) fn reporter(&self, purpose: Purpose) -> Reporter {
        Reporter {
            purpose,
            session: self.session.number,
            sender: self.sender.clone(),
        }
    }
}

/// Runs `work` to its end, or until a moment after its answer has come another way.
async fn until_over(work: impl Future<Output = ()>, over: oneshot::Receiver<()>) {
    let mut work = pin!(work);
    let mut late = pin!(async {
        // Nobody sends: it ends with its sender.
        let _ = over.await;
        tokio::time::sleep(LINGER).await;
    });
    poll_fn(|cx| {
        if work.as_mut().poll(cx).is_ready() {
            return std::task::Poll::Ready(());
        }
        late.as_mut().poll(cx)
    })
    .await;
}
