//! A client of HTTP/2 that sends the frames it is told to.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::peer::{MODERN, message};
use crate::server::Live;
use crate::still::in_no_time;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const ACK: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

pub(crate) const CANCEL: [u8; 4] = [0, 0, 0, 8];

/// The heads of answers that tests look for, as the header tables have them.
pub(crate) const STATUS: [(&[u8], u16); 5] = [
    (&[0x88], 200),
    (&[0x8c], 400),
    (&[0x8d], 404),
    (&[0x48, 0x83, 0x68, 0x0c, 0xff], 403),
    (&[0x48, 0x83, 0x69, 0x90, 0xff], 431),
];

/// One frame.
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    pub(crate) fn new(kind: u8, flags: u8, stream: u32, payload: impl Into<Vec<u8>>) -> Self {
        let payload = payload.into();
        Self {
            kind,
            flags,
            stream,
            payload,
        }
    }

    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&(self.payload.len() as u32).to_be_bytes()[1..]);
        bytes.extend_from_slice(&[self.kind, self.flags]);
        bytes.extend_from_slice(&self.stream.to_be_bytes());
        bytes.extend_from_slice(&self.payload);
    }

    pub(crate) fn is_last(&self) -> bool {
        matches!(self.kind, DATA | HEADERS) && self.flags & END_STREAM != 0
    }
}

/// What an answer came to.
pub(crate) struct Answer {
    pub(crate) status: Option<u16>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        let json: Value = serde_json::from_str(&self.body).unwrap();
        json["result"]["content"][0]["text"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

/// A connection that sends the frames it is told to.
pub(crate) struct H2(TcpStream);

impl H2 {
    pub(crate) async fn connect(server: &Live) -> Self {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let mut opening = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        Frame::new(SETTINGS, 0, 0, []).write(&mut opening);
        stream.write_all(&opening).await.unwrap();
        Self(stream)
    }

    pub(crate) async fn send(&mut self, frames: &[Frame]) {
        let mut bytes = Vec::new();
        frames.iter().for_each(|frame| frame.write(&mut bytes));
        // A server that has had enough closes before all was sent.
        let _ = self.0.write_all(&bytes).await;
    }

    /// The next frame that is not about the connection's own affairs; `None` at the end.
    pub(crate) async fn frame(&mut self) -> Option<Frame> {
        loop {
            let mut head = [0; 9];
            self.0.read_exact(&mut head).await.ok()?;
            let [a, b, c, kind, flags, stream @ ..] = head;
            let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
            self.0.read_exact(&mut payload).await.ok()?;
            match kind {
                SETTINGS if flags & ACK == 0 => {
                    self.send(&[Frame::new(SETTINGS, ACK, 0, [])]).await;
                }
                DATA | HEADERS | RST_STREAM | GOAWAY => {
                    let stream = u32::from_be_bytes(stream);
                    return Some(Frame::new(kind, flags, stream, payload));
                }
                _ => {}
            }
        }
    }

    /// Reads the whole answer on a stream; nothing else may come meanwhile.
    pub(crate) async fn answer(&mut self, stream: u32) -> Answer {
        let mut answer = Answer {
            status: None,
            body: String::new(),
        };
        loop {
            let frame = self.frame().await.expect("an answer");
            assert_eq!(frame.stream, stream);
            match frame.kind {
                HEADERS => answer.status = status(&frame.payload),
                DATA => answer
                    .body
                    .push_str(std::str::from_utf8(&frame.payload).unwrap()),
                other => panic!("a frame of type {other}"),
            }
            if frame.is_last() {
                return answer;
            }
        }
    }

    /// The error with which the server goes away.
    pub(crate) async fn goes_away(&mut self) -> u32 {
        loop {
            let frame = self.frame().await.expect("a farewell");
            if frame.kind == GOAWAY {
                return u32::from_be_bytes(frame.payload[4..8].try_into().unwrap());
            }
        }
    }

    pub(crate) async fn still_serves(&mut self, stream: u32) {
        in_no_time(async {
            self.send(&call(stream, "add", json!({ "a": 20, "b": 22 })))
                .await;
            assert_eq!(self.answer(stream).await.text(), "42");
        })
        .await;
    }
}

pub(crate) fn status(head: &[u8]) -> Option<u16> {
    let found = STATUS.iter().find(|(bytes, _)| head.starts_with(bytes));
    found.map(|(_, status)| *status)
}

/// A header as a literal that enters no table.
pub(crate) fn literal(block: &mut Vec<u8>, name: &str, value: &str) {
    block.push(0x10);
    for text in [name, value] {
        assert!(text.len() < 127, "one byte for the length");
        block.push(text.len() as u8);
        block.extend_from_slice(text.as_bytes());
    }
}

/// The head of a POST, with `authority` and more headers.
pub(crate) fn head(authority: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/mcp"),
        (":authority", authority),
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
        ("mcp-protocol-version", MODERN),
    ]
    .iter()
    .chain(more)
    {
        literal(&mut block, name, value);
    }
    block
}

pub(crate) fn post(stream: u32, more: &[(&str, &str)], body: &Value) -> [Frame; 2] {
    [
        Frame::new(HEADERS, END_HEADERS, stream, head("127.0.0.1", more)),
        Frame::new(DATA, END_STREAM, stream, body.to_string()),
    ]
}

pub(crate) fn call(stream: u32, tool: &str, arguments: Value) -> [Frame; 2] {
    let params = json!({
        "name": tool, "arguments": arguments, "_meta": { "progressToken": "t" }
    });
    let mirrored = [("mcp-method", "tools/call"), ("mcp-name", tool)];
    post(stream, &mirrored, &message(stream, "tools/call", params))
}
