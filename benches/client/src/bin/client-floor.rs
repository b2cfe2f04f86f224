//! The least that a client and a server on tokio and hyper can do, in one process and one thread,
//! for a `tools/call` of `add` over HTTP: `client-floor IN_FLIGHT CALLS`.
//!
//! Nothing here is a client or server anyone should ship: there is one tool and one path, and what
//! goes wrong is a panic. It exists so that the cost of the real ones can be given as a ratio.

use std::io::Write as _;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::{TcpListener, TcpStream};

/// The envelope of a request, borrowed from the body.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    method: &'a str,
    params: Call<'a>,
}

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

/// What the client reads of an answer.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    result: Content<'a>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow)]
    content: Vec<Text<'a>>,
}

#[derive(Deserialize)]
struct Text<'a> {
    text: &'a str,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let mut number = || {
        arguments
            .next()
            .ok_or("usage: client-floor IN_FLIGHT CALLS")
    };
    let (in_flight, calls): (i64, i64) = (number()?.parse()?, number()?.parse()?);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(accept(listener));
    let mut lanes = Vec::new();
    for lane in 0..in_flight {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(socket)).await?;
        tokio::spawn(connection);
        let share = calls / in_flight + i64::from(lane < calls % in_flight);
        lanes.push(tokio::spawn(lane_of(sender, address.to_string(), share)));
    }
    for lane in lanes {
        lane.await??;
    }
    Ok(())
}

async fn accept(listener: TcpListener) -> Result<(), Failure> {
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let service = service_fn(answer);
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(socket), service));
    }
}

/// Reads the whole body and answers the call that it holds.
async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Failure> {
    let body = request.into_body().collect().await?.to_bytes();
    let envelope: Envelope<'_> = serde_json::from_slice(&body)?;
    assert_eq!(envelope.method, "tools/call", "the floor has one method");
    assert_eq!(envelope.params.name, "add", "the floor has one tool");
    let Addends { a, b } = envelope.params.arguments;
    let mut reply = Vec::with_capacity(128);
    write!(
        reply,
        "{{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":{{\"content\":[{{\"type\":\"text\",\"text\":\"{}\"}}],\"resultType\":\"complete\"}}}}",
        envelope.id.get(),
        a + b
    )?;
    let mut response = Response::new(Full::from(reply));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

/// One call after the other on one connection, each answered rightly.
async fn lane_of(
    mut sender: SendRequest<Full<Bytes>>,
    host: String,
    calls: i64,
) -> Result<(), Failure> {
    let host = HeaderValue::try_from(host)?;
    for number in 0..calls {
        let mut body = Vec::with_capacity(320);
        write!(
            body,
            r#"{{"jsonrpc":"2.0","id":{number},"method":"tools/call","params":{{"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{{"name":"bench","version":"1.0.0"}},"io.modelcontextprotocol/clientCapabilities":{{}}}},"name":"add","arguments":{{"a":{number},"b":40}}}}}}"#
        )?;
        let request = Request::post("/mcp")
            .header(HOST, host.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(
                ACCEPT,
                HeaderValue::from_static("application/json, text/event-stream"),
            )
            .header(
                "mcp-protocol-version",
                HeaderValue::from_static("2026-07-28"),
            )
            .header("mcp-method", HeaderValue::from_static("tools/call"))
            .header("mcp-name", HeaderValue::from_static("add"))
            .body(Full::from(body))?;
        sender.ready().await?;
        let answer = sender.send_request(request).await?;
        let answer = answer.into_body().collect().await?.to_bytes();
        let answer: Answer<'_> = serde_json::from_slice(&answer)?;
        let sum = (number + 40).to_string();
        assert_eq!(answer.result.content[0].text, sum, "the sum is right");
    }
    Ok(())
}
