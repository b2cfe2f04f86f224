//! Calls of `add` with as little as they take, each answered rightly.

use std::io::Write as _;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::unix::pipe;

use crate::Failure;
use crate::calls::{Calls, Target};
use crate::options::refuse;

/// What is read of an answer.
#[derive(Deserialize)]
struct Answer<'a> {
    id: i64,
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

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":-1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1.0.0"}}}"#;
const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
const META: &str = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1.0.0"},"io.modelcontextprotocol/clientCapabilities":{}},"#;

/// Connects, calls, and says so.
pub async fn run(words: Vec<String>) -> Result<(), Failure> {
    let calls = Calls::read(words);
    match &calls.target {
        Target::Http(address) => over_http(&calls, *address).await?,
        Target::Stdio(program, arguments) => over_pipes(&calls, program, arguments).await?,
        Target::Memory => refuse("memory: it has no server of its own"),
    }
    calls.done();
    Ok(())
}

/// A call of `add`, to be answered with the sum of its number and 40.
fn call(number: i64, legacy: bool, out: &mut Vec<u8>) -> Result<(), Failure> {
    let meta = if legacy { "" } else { META };
    write!(
        out,
        r#"{{"jsonrpc":"2.0","id":{number},"method":"tools/call","params":{{{meta}"name":"add","arguments":{{"a":{number},"b":40}}}}}}"#
    )?;
    Ok(())
}

/// Looks at the answer to [`call`].
fn check(answer: &[u8]) -> Result<(), Failure> {
    let answer: Answer<'_> = serde_json::from_slice(answer)?;
    let [text] = answer.result.content.as_slice() else {
        return Err("the result is not one text".into());
    };
    if text.text.parse() == Ok(answer.id + 40) {
        Ok(())
    } else {
        Err(format!("{} + 40 = {}", answer.id, text.text).into())
    }
}

/// Talks to a child that reads and writes one message a line.
async fn over_pipes(calls: &Calls, program: &str, arguments: &[String]) -> Result<(), Failure> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let input = child.stdin.take().expect("the input was asked for");
    let output = child.stdout.take().expect("the output was asked for");
    let mut lines = Lines {
        input: pipe::Sender::from_owned_fd(OwnedFd::from(input))?,
        output: pipe::Receiver::from_owned_fd(OwnedFd::from(output))?,
        unread: Vec::with_capacity(64 * 1024),
    };
    if calls.legacy {
        lines.say(format!("{INITIALIZE}\n").as_bytes()).await?;
        lines.hear(|_| Ok(())).await?;
        lines.say(format!("{INITIALIZED}\n").as_bytes()).await?;
    }
    let (mut asked, mut answered) = (0, 0);
    let (all, at_once) = (calls.calls.cast_signed(), calls.in_flight.cast_signed());
    let mut requests = Vec::with_capacity(64 * 1024);
    while answered < all {
        requests.clear();
        while asked < all && asked - answered < at_once {
            call(asked, calls.legacy, &mut requests)?;
            requests.push(b'\n');
            asked += 1;
        }
        if !requests.is_empty() {
            lines.say(&requests).await?;
        }
        answered += lines.hear(check).await?;
    }
    drop(lines);
    child.wait()?;
    Ok(())
}

/// The two pipes to a child.
struct Lines {
    input: pipe::Sender,
    output: pipe::Receiver,
    unread: Vec<u8>,
}

impl Lines {
    async fn say(&mut self, lines: &[u8]) -> Result<(), Failure> {
        Ok(self.input.write_all(lines).await?)
    }

    /// Waits for something, hands every whole line to `each`, and says how many they were.
    async fn hear(&mut self, each: fn(&[u8]) -> Result<(), Failure>) -> Result<i64, Failure> {
        if self.output.read_buf(&mut self.unread).await? == 0 {
            return Err("the server closed its output".into());
        }
        let (mut start, mut lines) = (0, 0);
        while let Some(length) = memchr::memchr(b'\n', &self.unread[start..]) {
            each(&self.unread[start..start + length])?;
            start += length + 1;
            lines += 1;
        }
        self.unread.drain(..start);
        Ok(lines)
    }
}

/// Makes the calls, on one connection for each that is under way at once.
async fn over_http(calls: &Calls, address: SocketAddr) -> Result<(), Failure> {
    let mut lanes = Vec::new();
    for share in calls.shares() {
        let mut post = Post::new(address, calls.legacy).await?;
        if calls.legacy {
            post.open_session().await?;
        }
        lanes.push(tokio::spawn(lane(post, share.cast_signed(), calls.legacy)));
    }
    for lane in lanes {
        lane.await??;
    }
    Ok(())
}

async fn lane(mut post: Post, calls: i64, legacy: bool) -> Result<(), Failure> {
    for number in 0..calls {
        let mut body = Vec::with_capacity(320);
        call(number, legacy, &mut body)?;
        let answer = post.send(body.into()).await?;
        check(&answer.into_body().collect().await?.to_bytes())?;
    }
    Ok(())
}

/// A connection, and what every request on it says.
struct Post {
    sender: SendRequest<Full<Bytes>>,
    headers: HeaderMap,
}

impl Post {
    async fn new(address: SocketAddr, legacy: bool) -> Result<Self, Failure> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(socket)).await?;
        tokio::spawn(connection);
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::try_from(address.to_string())?);
        for (name, value) in [
            (CONTENT_TYPE, "application/json"),
            (ACCEPT, "application/json, text/event-stream"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let modern = [
            ("mcp-protocol-version", "2026-07-28"),
            ("mcp-method", "tools/call"),
            ("mcp-name", "add"),
        ];
        for (name, value) in modern.into_iter().filter(|_| !legacy) {
            let name = HeaderName::from_static(name);
            headers.insert(name, HeaderValue::from_static(value));
        }
        Ok(Self { sender, headers })
    }

    /// Shakes hands, and keeps what later requests have to say of it.
    async fn open_session(&mut self) -> Result<(), Failure> {
        let answer = self.send(INITIALIZE.into()).await?;
        if let Some(session) = answer.headers().get("mcp-session-id") {
            self.headers.insert("mcp-session-id", session.clone());
        }
        answer.into_body().collect().await?;
        let version = HeaderValue::from_static("2025-11-25");
        self.headers.insert("mcp-protocol-version", version);
        let answer = self.send(INITIALIZED.into()).await?;
        answer.into_body().collect().await?;
        Ok(())
    }

    async fn send(&mut self, body: Bytes) -> Result<Response<Incoming>, Failure> {
        let mut request = Request::post("/mcp").body(Full::new(body))?;
        *request.headers_mut() = self.headers.clone();
        self.sender.ready().await?;
        Ok(self.sender.send_request(request).await?)
    }
}
