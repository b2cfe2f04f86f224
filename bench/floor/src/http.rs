//! One message a request, on hyper.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};

use crate::Failure;
use crate::message::{self, Answer, Envelope, Era};
use crate::options::{Options, listening};
use crate::tools::Listing;

/// The one session there is. Nobody looks at it.
const SESSION: HeaderValue = HeaderValue::from_static("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");

type Reply = Response<Either<Full<Bytes>, Events>>;

/// What all connections know.
struct Server {
    listing: Listing,
    sessions: bool,
}

/// Serves until it is asked to leave.
pub async fn serve(options: &Options, address: SocketAddr) -> Result<(), Failure> {
    let server = Arc::new(Server {
        listing: Listing::new(options),
        sessions: !options.legacy_stateless,
    });
    let listener = TcpListener::bind(address).await?;
    listening(listener.local_addr()?);
    let mut leave = signal(SignalKind::terminate())?;
    let accepting = async {
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            tokio::spawn(connection(Arc::clone(&server), socket));
        }
    };
    tokio::select! {
        failed = accepting => failed,
        _ = leave.recv() => Ok(()),
    }
}

/// Answers every request of one connection.
async fn connection(server: Arc<Server>, socket: TcpStream) {
    let service = service_fn(|request| answer(&server, request));
    // A connection that breaks off is the end of it, and the caller's to report.
    let _ended = http1::Builder::new()
        .serve_connection(TokioIo::new(socket), service)
        .await;
}

/// Reads the whole body and answers the message that it holds.
async fn answer(server: &Server, request: Request<Incoming>) -> Result<Reply, Failure> {
    if request.method() != Method::POST {
        return Ok(empty(if request.method() == Method::DELETE {
            StatusCode::NO_CONTENT
        } else {
            StatusCode::METHOD_NOT_ALLOWED
        }));
    }
    let version = request.headers().get("mcp-protocol-version");
    let era = match version.map(HeaderValue::as_bytes) {
        Some(b"2026-07-28") => Era::Modern,
        _ => Era::Legacy,
    };
    let body = request.into_body().collect().await?.to_bytes();
    let envelope: Envelope<'_> = serde_json::from_slice(&body)?;
    let Some(id) = envelope.id else {
        return Ok(empty(StatusCode::ACCEPTED));
    };
    let mut reply = Vec::with_capacity(128);
    match message::answer(&envelope, id, era, &server.listing, &mut reply)? {
        Answer::Written => {}
        Answer::Hold(ms) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            message::done(&mut reply, id.get(), era);
        }
        Answer::Progress(_, None) => message::done(&mut reply, id.get(), era),
        Answer::Progress(count, Some(token)) => {
            let id = id.get().to_owned();
            let next = Next::Progress(1);
            return Ok(stream(Events {
                next,
                count,
                token,
                id,
                era,
            }));
        }
        Answer::Listen => {
            let (id, token) = (id.get().to_owned(), String::new());
            let next = Next::Acknowledged;
            return Ok(stream(Events {
                next,
                count: 0,
                token,
                id,
                era,
            }));
        }
    }
    let mut response = Response::new(Either::Left(Full::from(reply)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if server.sessions && envelope.method == "initialize" {
        headers.insert("mcp-session-id", SESSION);
    }
    Ok(response)
}

fn empty(status: StatusCode) -> Reply {
    let mut response = Response::new(Either::Left(Full::default()));
    *response.status_mut() = status;
    response
}

fn stream(events: Events) -> Reply {
    let mut response = Response::new(Either::Right(events));
    let events = HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert(CONTENT_TYPE, events);
    response
}

/// A body of server-sent events, one at a time.
struct Events {
    next: Next,
    count: i64,
    token: String,
    id: String,
    era: Era,
}

enum Next {
    Progress(i64),
    End,
    Acknowledged,
    Never,
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        let mut event = b"data: ".to_vec();
        match this.next {
            Next::Progress(done) if done <= this.count => {
                this.next = Next::Progress(done + 1);
                message::progress(&mut event, &this.token, done, this.count);
            }
            Next::Progress(_) => {
                this.next = Next::End;
                message::done(&mut event, &this.id, this.era);
            }
            Next::Acknowledged => {
                this.next = Next::Never;
                message::acknowledged(&mut event, &this.id);
            }
            Next::End => return Poll::Ready(None),
            // Whoever listens to nothing hears nothing, and is never woken.
            Next::Never => return Poll::Pending,
        }
        event.extend_from_slice(b"\n\n");
        Poll::Ready(Some(Ok(Frame::data(event.into()))))
    }
}
