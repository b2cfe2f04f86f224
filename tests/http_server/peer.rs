//! A client that sends what it is told to and reads what comes.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const MODERN: &str = "2026-07-28";
pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");
pub(crate) const BOTH: (&str, &str) = ("accept", "application/json, text/event-stream");

/// The longest a test waits for anything: hit only by a bug.
const PATIENCE: Duration = Duration::from_secs(10);

/// The head of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) status: u16,
    text: String,
}

impl Head {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.text.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    fn is_chunked(&self) -> bool {
        self.header("transfer-encoding") == Some("chunked")
    }
}

/// A whole answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) head: Head,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head.status
    }

    /// The message in the body.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The status and the code of the error in the body.
    pub(crate) fn error(&self) -> (u16, i64) {
        let code = self.json()["error"]["code"].as_i64();
        (self.status(), code.unwrap_or_default())
    }

    /// The response, whether it came alone or at the end of a stream.
    pub(crate) fn response(&self) -> Value {
        match self.head.header("content-type") {
            Some("text/event-stream") => self.events().pop().expect("a response"),
            _ => self.json(),
        }
    }

    /// The messages of a stream.
    pub(crate) fn events(&self) -> Vec<Value> {
        let data = self
            .body
            .lines()
            .filter_map(|line| line.strip_prefix("data: "))
            // An event that only says where to come back to has no message.
            .filter(|data| !data.is_empty());
        data.map(|data| serde_json::from_str(data).expect("a message"))
            .collect()
    }
}

/// One connection.
pub(crate) struct Peer {
    stream: TcpStream,
    /// What was read and not looked at.
    read: Vec<u8>,
    /// The part of a chunked body that was decoded and not looked at.
    decoded: String,
}

impl Peer {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.expect("a connection"))
    }

    pub(crate) fn over(stream: TcpStream) -> Self {
        Self {
            stream,
            read: Vec::new(),
            decoded: String::new(),
        }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // A server that refuses early may close before all was sent.
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn ask(&mut self, request: impl AsRef<[u8]>) -> Answer {
        self.send(request).await;
        self.answer().await
    }

    pub(crate) async fn answer(&mut self) -> Answer {
        let head = self.head().await;
        let body = if head.is_chunked() {
            let mut body = String::new();
            while let Some(chunk) = self.chunk().await {
                body.push_str(&chunk);
            }
            body
        } else {
            let length = head
                .header("content-length")
                .map_or(0, |length| length.parse::<usize>().expect("a length"));
            self.fill(length).await;
            String::from_utf8(self.read.drain(..length).collect()).expect("UTF-8")
        };
        Answer { head, body }
    }

    /// Reads the head of an answer.
    pub(crate) async fn head(&mut self) -> Head {
        let end = self.find(b"\r\n\r\n").await;
        let text = String::from_utf8(self.read.drain(..end + 4).collect()).expect("ASCII");
        let status = text
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Head {
            status: status.unwrap_or_else(|| panic!("no status in {text:?}")),
            text,
        }
    }

    /// Reads the message of the next event of a stream; `None` at its end.
    pub(crate) async fn event(&mut self) -> Option<Value> {
        loop {
            let event = self.raw_event().await?;
            let data = event.lines().find_map(|line| line.strip_prefix("data: "));
            if let Some(data) = data.filter(|data| !data.is_empty()) {
                return Some(serde_json::from_str(data).expect("a message"));
            }
        }
    }

    /// Reads the next event of a stream as it stands.
    pub(crate) async fn raw_event(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.decoded.find("\n\n") {
                return Some(self.decoded.drain(..end + 2).collect());
            }
            let chunk = self.chunk().await?;
            self.decoded.push_str(&chunk);
        }
    }

    /// Reads what comes until the server closes the connection.
    pub(crate) async fn closed(&mut self) -> String {
        while self.more().await {}
        String::from_utf8_lossy(&self.read).into_owned()
    }

    async fn chunk(&mut self) -> Option<String> {
        let end = self.find(b"\r\n").await;
        let size: Vec<u8> = self.read.drain(..end + 2).collect();
        let size = std::str::from_utf8(&size).expect("ASCII").trim();
        let size = usize::from_str_radix(size, 16).expect("a size");
        self.fill(size + 2).await;
        let chunk: Vec<u8> = self.read.drain(..size + 2).take(size).collect();
        (size > 0).then(|| String::from_utf8(chunk).expect("UTF-8"))
    }

    async fn find(&mut self, what: &[u8]) -> usize {
        loop {
            let found = self
                .read
                .windows(what.len())
                .position(|bytes| bytes == what);
            if let Some(at) = found {
                return at;
            }
            assert!(
                self.more().await,
                "closed: {:?}",
                String::from_utf8_lossy(&self.read)
            );
        }
    }

    async fn fill(&mut self, length: usize) {
        while self.read.len() < length {
            assert!(self.more().await, "closed in a body");
        }
    }

    /// Reads once. False at the end.
    async fn more(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await;
        let count = read.expect("an answer in time").unwrap_or(0);
        self.read.extend_from_slice(&buffer[..count]);
        count > 0
    }
}

/// A request as bytes. `host` is added unless there is one.
pub(crate) fn request(method: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!("{method} /mcp HTTP/1.1\r\n");
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("host"))
    {
        text.push_str("host: 127.0.0.1\r\n");
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    text.into_bytes()
}

/// The same request with one more header.
pub(crate) fn with_header(name: &str, value: &str, request: Vec<u8>) -> Vec<u8> {
    let request = String::from_utf8(request).expect("UTF-8");
    let header = format!("\r\n{name}: {value}\r\n");
    request.replacen("\r\n", &header, 1).into_bytes()
}

/// A POST of JSON that takes both kinds of answer.
pub(crate) fn post(headers: &[(&str, &str)], body: &Value) -> Vec<u8> {
    let headers = [&[JSON, BOTH], headers].concat();
    request("POST", &headers, &body.to_string())
}

/// `params` with the `_meta` of a modern request.
pub(crate) fn with_meta(mut params: Value) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    for (key, value) in meta.as_object().expect("an object") {
        if params["_meta"].get(key).is_none() {
            params["_meta"][key] = value.clone();
        }
    }
    params
}

/// The message of a modern request.
pub(crate) fn message(id: impl Into<Value>, method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": with_meta(params) })
}

/// A modern request with all of its headers.
pub(crate) fn modern(id: impl Into<Value>, method: &str, params: Value) -> Vec<u8> {
    modern_with(&[], id, method, params)
}

/// A modern request with all of its headers and more.
pub(crate) fn modern_with(
    more: &[(&str, &str)],
    id: impl Into<Value>,
    method: &str,
    params: Value,
) -> Vec<u8> {
    let name = params["name"].as_str().or(params["uri"].as_str());
    let name = name.map(ToOwned::to_owned);
    let mut headers = vec![("mcp-protocol-version", MODERN), ("mcp-method", method)];
    if let Some(name) = &name {
        headers.push(("mcp-name", name));
    }
    headers.extend(more);
    post(&headers, &message(id, method, params))
}

/// A modern `tools/call`.
pub(crate) fn call(id: impl Into<Value>, tool: &str, arguments: Value) -> Vec<u8> {
    modern(
        id,
        "tools/call",
        json!({ "name": tool, "arguments": arguments }),
    )
}
