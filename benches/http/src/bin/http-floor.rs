//! The least that a server on tokio and hyper can do for a `tools/call` of `add` over HTTP.
//!
//! Nothing here is a server anyone should ship: it answers one tool, reads no header, has no
//! limits and no error replies. It exists so that the cost of the real server can be given as a
//! ratio to what the socket, HTTP/1.1 and the JSON itself cost on the same machine.

use std::io;
use std::io::Write as _;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};

/// The envelope, borrowed from the body.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    method: &'a str,
    #[serde(borrow)]
    params: &'a RawValue,
}

/// What the envelope's `params` hold for a `tools/call`.
#[derive(Deserialize)]
struct Call<'a> {
    name: &'a str,
    arguments: Addends,
}

/// The arguments of `add`.
#[derive(Deserialize)]
struct Addends {
    a: i64,
    b: i64,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Serves the address that is the first argument, until it is asked to leave.
#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).expect("the address is an argument");
    let listener = TcpListener::bind(address).await?;
    let mut leave = signal(SignalKind::terminate())?;
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (socket, _) = accepted?;
                socket.set_nodelay(true)?;
                tokio::spawn(serve(socket));
            }
            _ = leave.recv() => return Ok(()),
        }
    }
}

/// Answers every request of one connection.
async fn serve(socket: TcpStream) {
    // A connection that breaks off is the end of it, and the caller's to report.
    let _ended = http1::Builder::new()
        .serve_connection(TokioIo::new(socket), service_fn(answer))
        .await;
}

/// Reads the whole body and answers the call that it holds.
async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Failure> {
    let body = request.into_body().collect().await?.to_bytes();
    let envelope: Envelope<'_> = serde_json::from_slice(&body)?;
    assert_eq!(envelope.method, "tools/call", "the floor has one method");
    let call: Call<'_> = serde_json::from_str(envelope.params.get())?;
    assert_eq!(call.name, "add", "the floor has one tool");
    let mut reply = Vec::with_capacity(128);
    write!(
        reply,
        "{{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":{{\"content\":[{{\"type\":\"text\",\"text\":\"{}\"}}],\"resultType\":\"complete\"}}}}",
        envelope.id.get(),
        call.arguments.a + call.arguments.b
    )?;
    let mut response = Response::new(Full::from(reply));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
