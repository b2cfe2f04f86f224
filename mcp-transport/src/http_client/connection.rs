//! The client's loop over HTTP: each message is an exchange of its own.

use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, Method};
use mcp_core::Era;
use mcp_core::engine::{CallError, ClientConfig, Outbound, Peer};
use mcp_core::jsonrpc::RequestId;
use mcp_core::model::ServerCapabilities;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::listening::{Listening, Pairing};
use super::report::{Purpose, Report, What};
use super::running::Running;
use super::session::Session;
use super::streak::Streak;
use super::wire::{Message, Wire};
use super::{Endpoint, KnownServers, answer, head};
use crate::backoff::Backoff;
use crate::driver::{Answerer, Calls, ClientHandle, Command, Happened, Listener, now};

/// Reports that may wait for the loop.
const REPORTS: usize = 64;

/// Connects to a server over HTTP: finds its era, unless that is pinned or known, then drives the
/// connection in a task of its own. `answerer` is as in [`connect`](crate::driver::connect).
///
/// A modern server whose revision is pinned or known is not asked anything before the first
/// request (VER-D-13).
///
/// # Errors
///
/// [`CallError`] when there is no common revision, no usable answer, or no server.
pub async fn connect(
    endpoint: Endpoint,
    config: ClientConfig,
    listener: Listener,
    answerer: Option<Arc<dyn Answerer>>,
) -> Result<ClientHandle, CallError> {
    let wire = Arc::new(Wire {
        http: endpoint.http(&config.limits),
        url: endpoint.url,
        headers: endpoint.headers,
        authorize: endpoint.authorize,
        limits: config.limits.clone(),
    });
    let pinned = config.pinned;
    let (calls, joining) = Calls::new(config, listener, answerer);
    let (sender, reports) = mpsc::channel(REPORTS);
    let mut connection = Connection {
        calls,
        wire,
        known: endpoint.known,
        backoff: endpoint.backoff,
        sender,
        reports,
        tasks: JoinSet::new(),
        asides: JoinSet::new(),
        running: HashMap::new(),
        heads: HashMap::new(),
        held: VecDeque::new(),
        session: Session::default(),
        start: Start::Open,
        listening: None,
        streak: Streak::default(),
        deaf: false,
        pairing: None,
    };
    connection.start(pinned);
    tokio::spawn(connection.run());
    joining.handle().await
}

/// How sure it is that the server is what it is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// It was asked, or is not to be asked.
    Open,
    /// It is remembered to be so, and has not said anything yet.
    Remembered,
}

/// A message that waits for a session.
pub(super) struct Held {
    pub(super) what: Outbound,
    pub(super) body: Bytes,
    pub(super) head: HeaderMap,
    /// Whether it was sent before, to a session that is gone.
    pub(super) resent: bool,
}

pub(super) struct Connection {
    pub(super) calls: Calls,
    pub(super) wire: Arc<Wire>,
    pub(super) known: KnownServers,
    pub(super) backoff: Backoff,
    pub(super) sender: mpsc::Sender<Report>,
    reports: mpsc::Receiver<Report>,
    /// The exchanges of requests, and the stream for what belongs to none.
    pub(super) tasks: JoinSet<()>,
    /// The exchanges of everything else, which is sent to its end.
    pub(super) asides: JoinSet<()>,
    pub(super) running: HashMap<RequestId, Running>,
    /// The headers of requests that the engine has not put out yet.
    heads: HashMap<RequestId, HeaderMap>,
    pub(super) held: VecDeque<Held>,
    pub(super) session: Session,
    pub(super) start: Start,
    pub(super) listening: Option<Listening>,
    /// How the stream ended so far, in this session and those before it.
    pub(super) streak: Streak,
    /// Whether the stream broke so often that it was given up, until the server answers again.
    pub(super) deaf: bool,
    pub(super) pairing: Option<Pairing>,
}

impl Connection {
    /// Begins as what is pinned or known of the server allows.
    fn start(&mut self, pinned: Option<mcp_core::Revision>) {
        let known = self.known.revision(&self.wire.url);
        let Some(revision) = pinned.or(known) else {
            return self.calls.engine.connect(now());
        };
        if pinned.is_none() {
            self.start = Start::Remembered;
        }
        if revision.era() == Era::Legacy {
            return self.calls.engine.handshake(now());
        }
        let told = self.known.peer(&self.wire.url);
        let told = told.filter(|peer| peer.revision == revision);
        self.calls.assume(told.unwrap_or_else(|| Peer {
            revision,
            info: None,
            capabilities: ServerCapabilities::default(),
            instructions: None,
        }));
        self.session.ready = true;
    }

    async fn run(mut self) {
        poll_fn(|cx| self.poll(cx)).await;
        self.finish().await;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let now = now();
            let mut turned = false;
            while self.session.ready
                && let Poll::Ready(command) = self.calls.poll_command(cx)
            {
                let Some(command) = command else {
                    return Poll::Ready(());
                };
                turned = true;
                self.begin(now, command);
            }
            turned |= self.calls.drop_abandoned(cx);
            turned |= self.send_all();
            while let Poll::Ready(Some(report)) = self.reports.poll_recv(cx) {
                turned = true;
                self.take(now, report);
            }
            turned |= self.calls.turn(cx, now);
            // What is given up is told before it is forgotten.
            turned |= self.send_all();
            while let Some(happened) = self.calls.take_event() {
                turned = true;
                match happened {
                    Happened::Connected(peer) => self.connected(&peer),
                    Happened::Answered(id) => drop(self.running.remove(&id)),
                    Happened::Else => {}
                }
            }
            for tasks in [&mut self.tasks, &mut self.asides] {
                while let Poll::Ready(Some(_)) = tasks.poll_join_next(cx) {}
            }
            if self.calls.is_over() {
                return Poll::Ready(());
            }
            if !turned {
                return Poll::Pending;
            }
        }
    }

    fn begin(&mut self, now: Instant, command: Command) {
        let modern = self.is_modern();
        let head = modern.then(|| head::of_request(&command));
        if let (Some(id), Some(head)) = (self.calls.begin(now, command), head) {
            self.heads.insert(id, head);
        }
    }

    /// Sends what the engine put out, or keeps it until it may be sent.
    fn send_all(&mut self) -> bool {
        let mut sent = false;
        let mut buffer = Vec::new();
        while let Some(what) = self.calls.engine.poll_output(&mut buffer) {
            sent = true;
            let body = Bytes::from(std::mem::take(&mut buffer));
            let head = match &what {
                Outbound::Request(id) => self.heads.remove(id),
                _ => None,
            };
            let message = Held {
                what,
                body,
                head: head.unwrap_or_default(),
                resent: false,
            };
            match &message.what {
                Outbound::Request(_) if !self.session.ready => self.held.push_back(message),
                _ => self.send(message),
            }
        }
        sent
    }

    /// Sends what waited for a session, in its order.
    pub(super) fn send_held(&mut self) {
        for mut message in std::mem::take(&mut self.held) {
            let Outbound::Request(id) = &message.what else {
                continue;
            };
            if !self.calls.engine.is_pending(id) {
                continue;
            }
            if !self.is_modern() && !message.head.is_empty() {
                message.body = head::as_legacy(&message.body);
                message.head.clear();
            }
            self.send(message);
        }
    }

    fn connected(&mut self, peer: &Peer) {
        if self.start == Start::Open {
            self.known.remember(&self.wire.url, peer);
        }
        self.running.retain(|_, running| running.is_call());
        // Other requests follow when the server has taken the end of the handshake.
        if peer.revision.era() == Era::Modern {
            self.session.ready = true;
            self.send_held();
        }
    }

    fn take(&mut self, now: Instant, report: Report) {
        match (report.purpose, report.what) {
            (Purpose::Request(id), What::Accepted(Some(session))) => {
                if self.running.get(&id).is_some_and(Running::is_handshake) {
                    self.session.adopt(session);
                }
            }
            (Purpose::Listening, What::Accepted(_)) => {
                if let Some(listening) = &mut self.listening {
                    listening.opened = true;
                }
                self.heard(report.session);
            }
            (Purpose::Listening, What::Overdue) => self.heard(report.session),
            (_, What::Accepted(_)) => {}
            (purpose, What::Message(json)) => {
                // The server answered: it is what it was remembered to be.
                self.start = Start::Open;
                self.calls.engine.handle_message(now, &json);
                if self.deaf && purpose != Purpose::Listening {
                    self.streak = Streak::default();
                    self.listen();
                }
            }
            (Purpose::Request(id), What::Paused) => self.calls.engine.pause(&id),
            (Purpose::Request(id), What::Resumed) => self.calls.engine.resume(now, &id),
            (_, What::Paused | What::Resumed) => {}
            (Purpose::Listening, What::Endpoint(place)) => self.paired(&place),
            (_, What::Endpoint(_) | What::Overdue) => {}
            (purpose, What::Ended(end)) => self.ended(now, purpose, report.session, end),
        }
    }

    pub(super) fn is_modern(&self) -> bool {
        let revision = self.calls.engine.revision();
        revision.is_some_and(|revision| revision.era() == Era::Modern)
    }

    /// Ends a session that there is (HTTP-L-07), after what is still on its way was sent.
    async fn finish(mut self) {
        self.calls.close();
        self.tasks.shutdown().await;
        self.reports.close();
        let patience = self.wire.limits.drain;
        let leaving = async {
            while self.asides.join_next().await.is_some() {}
            if self.session.has_id() {
                let mut headers = HeaderMap::new();
                self.session.mark(&mut headers);
                let farewell = Message {
                    method: Method::DELETE,
                    uri: self.wire.url.clone(),
                    headers,
                    body: Bytes::new(),
                };
                let reporter = self.reporter(Purpose::Aside);
                answer::run(Arc::clone(&self.wire), farewell, reporter).await;
            }
        };
        if tokio::time::timeout(patience, leaving).await.is_err() {
            tracing::debug!("the server did not take leave (limit `drain`)");
        }
    }
}
