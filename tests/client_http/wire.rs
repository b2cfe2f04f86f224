//! A network that a test plays: no sockets, so that time can be virtual.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body::{Body, Frame};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use toolwright::client::{
    Backoff, CallError, Client, ClientBuilder, ClientConfig, Exchanging, HttpClient, HttpError,
    KnownServers, ReceivedBody,
};

/// Where the server is said to be.
pub(crate) const URL: &str = "https://host.example/mcp";

/// Waits for what has to happen; a day of virtual time is over at once when it does not.
async fn patiently<T>(awaited: impl Future<Output = T>) -> T {
    let day = Duration::from_secs(24 * 60 * 60);
    let happened = tokio::time::timeout(day, awaited).await;
    happened.expect("it did not happen")
}

/// The client's way to the network.
struct Dialer(mpsc::UnboundedSender<Exchange>);

impl HttpClient for Dialer {
    fn exchange(&self, request: Request<Bytes>) -> Exchanging {
        let uri = request.uri().clone();
        let (answer, answered) = oneshot::channel();
        let sent = self.0.send(Exchange { request, answer });
        Box::pin(async move {
            let nobody = || HttpError::unreachable(&uri, "nobody is there");
            sent.map_err(|_| nobody())?;
            answered.await.unwrap_or_else(|_| Err(nobody()))
        })
    }
}

/// The server's end of the network.
pub(crate) struct Wire(mpsc::UnboundedReceiver<Exchange>);

/// One request, to be answered.
pub(crate) struct Exchange {
    pub(crate) request: Request<Bytes>,
    answer: oneshot::Sender<Result<Response<ReceivedBody>, HttpError>>,
}

/// A client to be, which waits the same each time, and its server.
pub(crate) fn builder(config: ClientConfig) -> (Wire, ClientBuilder) {
    let (sender, exchanges) = mpsc::unbounded_channel();
    let builder = Client::builder(config)
        .http_client(Dialer(sender))
        .known_servers(KnownServers::new())
        .reconnect(Backoff::new().jitter(|| 0.0));
    (Wire(exchanges), builder)
}

/// A client that connects, and its server.
pub(crate) fn dial(builder: ClientBuilder) -> JoinHandle<Result<Client, CallError>> {
    tokio::spawn(builder.connect(URL))
}

/// A client of a modern server.
pub(crate) async fn modern(config: ClientConfig) -> (Wire, Client) {
    let (mut wire, builder) = builder(config);
    let connecting = dial(builder);
    wire.next().await.discovered();
    (wire, connecting.await.unwrap().unwrap())
}

/// A client of a server of 2025-11-25 that has sessions, and its stream for what belongs to no
/// request.
pub(crate) async fn legacy(config: ClientConfig) -> (Wire, Client, Stream) {
    let (mut wire, builder) = builder(config);
    let connecting = dial(builder);
    wire.next().await.status(400);
    let stream = wire.handshake("2025-11-25", Some("session-1")).await;
    (wire, connecting.await.unwrap().unwrap(), stream)
}

impl Wire {
    /// The client's next request.
    pub(crate) async fn next(&mut self) -> Exchange {
        let next = patiently(self.0.recv()).await;
        next.expect("the client has gone")
    }

    /// The client's next request, which must be a POST of this method.
    pub(crate) async fn call(&mut self, method: &str) -> Exchange {
        let exchange = self.next().await;
        assert_eq!(exchange.body()["method"], method, "{:?}", exchange.request);
        exchange
    }

    /// Whether the client says nothing more, and is gone.
    pub(crate) async fn is_over(&mut self) -> bool {
        patiently(self.0.recv()).await.is_none()
    }

    /// Whether nothing waits to be answered.
    pub(crate) fn is_idle(&mut self) -> bool {
        self.0.is_empty()
    }

    /// Plays a handshake, and opens the stream that the client asks for after it.
    pub(crate) async fn handshake(&mut self, version: &str, session: Option<&str>) -> Stream {
        self.shake_hands(version, session).await;
        let get = self.next().await;
        assert_eq!(get.request.method(), Method::GET);
        assert_eq!(get.header("mcp-session-id"), session);
        get.stream()
    }

    /// A handshake alone.
    pub(crate) async fn shake_hands(&mut self, version: &str, session: Option<&str>) {
        let initialize = self.call("initialize").await;
        assert_eq!(initialize.header("mcp-session-id"), None);
        assert_eq!(initialize.header("mcp-protocol-version"), None);
        let result = json!({
            "protocolVersion": version,
            "capabilities": { "tools": { "listChanged": true } },
            "serverInfo": { "name": "script", "version": "1" },
        });
        initialize.session(session, result);
        let initialized = self.call("notifications/initialized").await;
        assert_eq!(initialized.header("mcp-session-id"), session);
        assert_eq!(initialized.header("mcp-protocol-version"), Some(version));
        initialized.status(202);
    }
}

impl Exchange {
    pub(crate) fn body(&self) -> Value {
        serde_json::from_slice(self.request.body()).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.request
            .headers()
            .get(name)
            .map(|v| v.to_str().unwrap())
    }

    pub(crate) fn path(&self) -> &str {
        self.request.uri().path()
    }

    /// Waits until the client gives the request up.
    pub(crate) async fn given_up(mut self) {
        patiently(self.answer.closed()).await;
    }

    /// Answers with a status and nothing else.
    pub(crate) fn status(self, status: u16) {
        self.respond(status, None, ReceivedBody::whole(""));
    }

    /// Answers with a status and a text.
    pub(crate) fn text(self, status: u16, kind: &'static str, text: &str) {
        self.respond(status, Some(kind), ReceivedBody::whole(text.to_owned()));
    }

    /// Answers with a result.
    pub(crate) fn result(self, result: Value) {
        let answer = json!({ "jsonrpc": "2.0", "id": self.body()["id"], "result": result });
        self.text(200, "application/json", &answer.to_string());
    }

    /// Answers with an error.
    pub(crate) fn error(self, status: u16, code: i64, data: Value) {
        let error = json!({ "code": code, "message": "no", "data": data });
        let answer = json!({ "jsonrpc": "2.0", "id": self.body()["id"], "error": error });
        self.text(status, "application/json", &answer.to_string());
    }

    /// Answers the probe as a modern server with tools that change.
    pub(crate) fn discovered(self) {
        assert_eq!(self.body()["method"], "server/discover");
        let capabilities = json!({ "tools": { "listChanged": true } });
        self.result(json!({
            "resultType": "complete",
            "supportedVersions": ["2026-07-28"],
            "capabilities": capabilities,
        }));
    }

    fn session(self, session: Option<&str>, result: Value) {
        let answer = json!({ "jsonrpc": "2.0", "id": self.body()["id"], "result": result });
        let mut response = Response::builder().header("content-type", "application/json");
        if let Some(session) = session {
            response = response.header("mcp-session-id", session);
        }
        let body = ReceivedBody::whole(answer.to_string());
        let _ = self.answer.send(Ok(response.body(body).unwrap()));
    }

    /// Redirects.
    pub(crate) fn redirect(self, status: u16, location: &str) {
        let response = Response::builder()
            .status(status)
            .header("location", location);
        let body = ReceivedBody::whole("");
        let _ = self.answer.send(Ok(response.body(body).unwrap()));
    }

    /// Asks who it is.
    pub(crate) fn challenge(self, status: u16, scheme: &str) {
        let response = Response::builder()
            .status(status)
            .header("www-authenticate", scheme);
        let body = ReceivedBody::whole("");
        let _ = self.answer.send(Ok(response.body(body).unwrap()));
    }

    /// Answers with a stream.
    pub(crate) fn stream(self) -> Stream {
        let id = self.body()["id"].clone();
        let (sender, chunks) = mpsc::unbounded_channel();
        let body = ReceivedBody::new(Chunks(chunks));
        self.respond(200, Some("text/event-stream; charset=utf-8"), body);
        Stream { sender, id }
    }

    fn respond(self, status: u16, kind: Option<&'static str>, body: ReceivedBody) {
        let mut response = Response::builder().status(StatusCode::from_u16(status).unwrap());
        if let Some(kind) = kind {
            response = response.header("content-type", kind);
        }
        let _ = self.answer.send(Ok(response.body(body).unwrap()));
    }
}

/// A stream of events. It ends when this is dropped.
pub(crate) struct Stream {
    sender: mpsc::UnboundedSender<Bytes>,
    id: Value,
}

impl Stream {
    /// Sends bytes as they are.
    pub(crate) fn raw(&self, text: &str) {
        let _ = self.sender.send(Bytes::copy_from_slice(text.as_bytes()));
    }

    /// Sends a message.
    pub(crate) fn message(&self, message: &Value) {
        self.raw(&format!("data: {message}\n\n"));
    }

    pub(crate) fn notify(&self, method: &str, params: Value) {
        self.message(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends the result of the request that it answers.
    pub(crate) fn result(&self, result: Value) {
        self.message(&json!({ "jsonrpc": "2.0", "id": self.id, "result": result }));
    }

    /// Waits until the client closes it.
    pub(crate) async fn closed(&self) {
        patiently(self.sender.closed()).await;
    }
}

struct Chunks(mpsc::UnboundedReceiver<Bytes>);

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let chunk = self.0.poll_recv(cx);
        chunk.map(|chunk| chunk.map(|chunk| Ok(Frame::data(chunk))))
    }
}
