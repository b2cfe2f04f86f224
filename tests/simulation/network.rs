//! What lies between clients and the server that is there: exchanges that are late, lost, doubled
//! and cut, and pipes that are late and cut.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response};
use http_body::{Body, Frame};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, split};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;
use tokio::task::JoinSet;
use tokio::time::{Sleep, sleep};
use toolwright::client::{Exchanging, HttpClient, HttpError, ReceivedBody};
use toolwright::http::{HttpBody, HttpOptions, HttpService};
use toolwright::server::ServerHandle;
use tower_service::Service;

use crate::diary::Diary;
use crate::dice::Dice;

/// The one server there is, and everything that is on its way to and from it.
#[derive(Clone)]
pub(crate) struct Network(Arc<Between>);

struct Between {
    dice: Mutex<Dice>,
    diary: Mutex<Diary>,
    server: Mutex<There>,
    /// What the network does by itself.
    tasks: Mutex<JoinSet<()>>,
    began: tokio::time::Instant,
}

/// A server, until it is gone.
#[derive(Clone)]
struct There {
    handle: ServerHandle,
    service: HttpService,
    /// Who waits for its end. Whoever was first is told first, so that runs do not differ.
    gone: Arc<Notify>,
}

impl There {
    fn new(handle: ServerHandle) -> Self {
        Self {
            service: handle.http(HttpOptions::default()),
            handle,
            gone: Arc::default(),
        }
    }
}

impl Network {
    pub(crate) fn new(dice: Dice, diary: Diary, server: ServerHandle) -> Self {
        Self(Arc::new(Between {
            dice: Mutex::new(dice),
            diary: Mutex::new(diary),
            server: Mutex::new(There::new(server)),
            tasks: Mutex::default(),
            began: tokio::time::Instant::now(),
        }))
    }

    pub(crate) fn dice(&self) -> MutexGuard<'_, Dice> {
        self.0.dice.lock().unwrap()
    }

    pub(crate) fn count(&self, kind: &'static str) {
        self.0.diary.lock().unwrap().count(kind);
    }

    pub(crate) fn note(&self, what: impl std::fmt::Display) {
        let now = self.0.began.elapsed().as_millis();
        let now = u64::try_from(now).expect("a short time");
        self.0.diary.lock().unwrap().note(now, what);
    }

    pub(crate) fn server(&self) -> ServerHandle {
        self.there().handle
    }

    fn there(&self) -> There {
        self.0.server.lock().unwrap().clone()
    }

    /// The server is gone with everything it did, and another one is there.
    pub(crate) fn crash(&self, next: ServerHandle) {
        self.note("the server crashes");
        let next = There::new(next);
        let gone = std::mem::replace(&mut *self.0.server.lock().unwrap(), next);
        gone.gone.notify_waiters();
    }

    fn delay(&self) -> Duration {
        let mut dice = self.dice();
        let longest = dice.pick(&[3, 3, 30, 300]);
        Duration::from_millis(dice.between(1, longest))
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.tasks.lock().unwrap().spawn(work);
    }

    /// That the network does nothing any more. Returns what was written down.
    pub(crate) fn close(self) -> Diary {
        let mut tasks = std::mem::take(&mut *self.0.tasks.lock().unwrap());
        while tasks.try_join_next().is_some() {}
        assert!(tasks.is_empty(), "the network has {} tasks", tasks.len());
        let between = Arc::into_inner(self.0).expect("nobody uses the network any more");
        between.diary.into_inner().unwrap()
    }

    /// Asks a server, unless it goes meanwhile.
    async fn ask(
        &self,
        mut there: There,
        request: Request<String>,
    ) -> Result<Response<HttpBody>, HttpError> {
        let gone = there.gone.notified();
        tokio::select! {
            biased;
            () = gone => Err(HttpError::broken("the server is gone")),
            answer = there.service.call(request) => answer.map_err(|never| match never {}),
        }
    }

    /// The way of one request and its answer.
    async fn exchange(self, request: Request<String>) -> Result<Response<ReceivedBody>, HttpError> {
        let fate = Fate::of(&request, &mut self.dice());
        // Not the whole body: a sealed state is another in every run.
        let body: Value = serde_json::from_str(request.body()).unwrap_or_default();
        let (method, id) = (&body["method"], &body["id"]);
        self.note(format_args!("{fate:?}: {} {method} {id}", request.method()));
        sleep(self.delay()).await;
        if fate == Fate::Dropped {
            self.count("requests dropped");
            return Err(HttpError::broken("dropped"));
        }
        if fate == Fate::Doubled {
            self.count("retries doubled");
            let (network, again) = (self.clone(), request.clone());
            self.spawn(async move {
                sleep(network.delay()).await;
                let there = network.there();
                let gone = Arc::clone(&there.gone).notified_owned();
                if let Ok(answer) = network.ask(there, again).await {
                    drain(Late::new(answer.into_body(), None, gone)).await;
                }
            });
        }
        let there = self.there();
        let gone = Arc::clone(&there.gone).notified_owned();
        let answer = self.ask(there, request).await?;
        sleep(self.delay()).await;
        if fate == Fate::Unheard {
            self.count("answers dropped");
            return Err(HttpError::broken("dropped"));
        }
        let life = match fate {
            Fate::Cut => Some(self.delay()),
            _ => None,
        };
        if life.is_some() {
            self.count("streams cut");
        }
        Ok(answer.map(|body| ReceivedBody::new(Late::new(body, life, gone))))
    }

    /// A connection over a pipe, which may be cut after a while.
    pub(crate) fn pipe(
        &self,
        life: Option<Duration>,
    ) -> (
        impl tokio::io::AsyncRead + Unpin + Send + use<>,
        impl tokio::io::AsyncWrite + Unpin + Send + use<>,
    ) {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let (network, there) = (self.clone(), self.there());
        self.spawn(async move {
            let (end, served) = tokio::io::duplex(64 * 1024);
            let (reader, writer) = split(served);
            let serving = there.handle.serve(reader, writer);
            let (from_client, to_client) = split(far);
            let (from_server, to_server) = split(end);
            let up = network.relay(from_client, to_server);
            let down = network.relay(from_server, to_client);
            let until = async {
                match life {
                    Some(life) => sleep(life).await,
                    None => std::future::pending().await,
                }
            };
            let carry = async {
                tokio::select! {
                    biased;
                    () = until => network.count("pipes cut"),
                    () = there.gone.notified() => {}
                    ((), ()) = async { tokio::join!(up, down) } => {}
                }
            };
            let (served, ()) = tokio::join!(serving, carry);
            served.expect("a pipe that ends is no error");
        });
        split(near)
    }

    async fn relay(
        &self,
        mut from: impl tokio::io::AsyncRead + Unpin,
        mut to: impl tokio::io::AsyncWrite + Unpin,
    ) {
        let mut buffer = vec![0; 4096];
        loop {
            match from.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(read) => {
                    let delay = self.delay();
                    sleep(delay).await;
                    if to.write_all(&buffer[..read]).await.is_err() {
                        break;
                    }
                }
            }
        }
        let _ = to.shutdown().await;
    }
}

impl HttpClient for Network {
    fn exchange(&self, request: Request<Bytes>) -> Exchanging {
        let mut request =
            request.map(|body| String::from_utf8(body.to_vec()).expect("messages are UTF-8"));
        let host = HeaderValue::from_static("localhost");
        request.headers_mut().insert(http::header::HOST, host);
        let path = request.uri().path().parse().expect("a path");
        *request.uri_mut() = path;
        Box::pin(Self::exchange(self.clone(), request))
    }
}

/// What becomes of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Well,
    /// The request never comes.
    Dropped,
    /// The answer never comes.
    Unheard,
    /// The answer is cut off.
    Cut,
    /// The request comes twice.
    Doubled,
}

impl Fate {
    /// Only what a client may send again on its own is doubled: a round that it carries the state
    /// of. What connects comes through mostly, or little else would happen.
    fn of(request: &Request<String>, dice: &mut Dice) -> Self {
        let body = request.body();
        let connects = ["initialize", "notifications/initialized", "server/discover"];
        let is = |method: &&str| body.contains(&format!("\"method\":\"{method}\""));
        if request.method() == Method::DELETE || connects.iter().any(is) {
            return match dice.one_in(20) {
                true => Self::Dropped,
                false => Self::Well,
            };
        }
        let is_round = body.contains("requestState");
        match dice.below(20) {
            0 => Self::Dropped,
            1 => Self::Unheard,
            2 | 3 => Self::Cut,
            4..=9 if is_round => Self::Doubled,
            _ => Self::Well,
        }
    }
}

/// Reads an answer that nobody wants to its end.
async fn drain(mut body: Late) {
    while let Some(Ok(_)) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {}
}

/// The body of an answer, until it is cut or its server is gone.
struct Late {
    body: HttpBody,
    life: Option<Pin<Box<Sleep>>>,
    gone: Pin<Box<OwnedNotified>>,
}

impl Late {
    fn new(body: HttpBody, life: Option<Duration>, gone: OwnedNotified) -> Self {
        Self {
            body,
            life: life.map(|life| Box::pin(sleep(life))),
            gone: Box::pin(gone),
        }
    }
}

impl Body for Late {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let cut = match &mut self.life {
            Some(life) => life.as_mut().poll(cx).is_ready(),
            None => false,
        };
        if cut || self.gone.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(HttpError::broken("cut"))));
        }
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        frame.map(|frame| frame.map(|frame| frame.map_err(HttpError::broken)))
    }
}
