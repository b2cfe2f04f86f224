//! One exchange after the other on a connection, where speed does not matter.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::Outcome;
use crate::answer::{Frame, header};
use crate::call::{Call, Era, Request, head};
use crate::sample;
use crate::tell::failed;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection to a server.
pub struct Peer {
    pub stream: TcpStream,
    host: String,
}

/// An answer over HTTP.
pub struct Answer {
    pub status: u16,
    head: Vec<u8>,
    pub body: Vec<u8>,
}

impl Peer {
    /// Connects to an address.
    pub fn connect(address: &str) -> Outcome<Self> {
        let connected = TcpStream::connect(address).and_then(|stream| {
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            Ok(stream)
        });
        Ok(Self {
            stream: connected.map_err(failed(address))?,
            host: address.to_owned(),
        })
    }

    /// Opens a session if that is how it is spoken and the server gives one.
    pub fn open(&mut self, era: Era) -> Outcome<Option<String>> {
        if era == Era::Modern {
            return Ok(None);
        }
        let answer = self.post(None, INITIALIZE)?;
        if answer.status != 200 {
            let said = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(format!(
                "the handshake was answered with {} {said}",
                answer.status
            ));
        }
        let session = header(&answer.head, "mcp-session-id");
        let answer = self.post(session.as_deref(), INITIALIZED)?;
        match answer.status {
            200..300 => Ok(session),
            status => Err(format!(
                "the end of the handshake was answered with {status}"
            )),
        }
    }

    /// Ends a session. A server that does not let clients do that is left alone.
    pub fn end(&mut self, session: &str) -> Outcome {
        let head = head("DELETE", &self.host, Some(session), 0);
        self.send(format!("{head}mcp-protocol-version: 2025-11-25\r\n\r\n").as_bytes())?;
        self.receive().map(drop)
    }

    /// Makes one call whose answer must be right.
    pub fn call(&mut self, call: Call, era: Era, session: Option<&str>) -> Outcome {
        let request = self.request(call, era, session);
        self.send(&request.bytes)?;
        self.take(&request)
    }

    /// The request on this connection.
    pub fn request(&self, call: Call, era: Era, session: Option<&str>) -> Request {
        Request::post(call, era, &self.host, session)
    }

    /// Awaits the answer to a request that was sent, which must be right.
    pub fn take(&mut self, request: &Request) -> Outcome {
        let answer = self.receive()?;
        sample::check(request, &answer.body)
    }

    /// Sends bytes.
    pub fn send(&mut self, bytes: &[u8]) -> Outcome {
        self.stream.write_all(bytes).map_err(failed("sending"))
    }

    /// Reads what there is of an answer, until this is in it.
    pub fn receive_until(&mut self, what: &[u8]) -> Outcome {
        let mut bytes = Vec::new();
        let mut frame = Frame::default();
        while memchr::memmem::find(&bytes, what).is_none() {
            if frame.is_whole(&bytes)? {
                let said = String::from_utf8_lossy(&frame.body(&bytes)?).into_owned();
                return Err(format!("the answer to it was {said}"));
            }
            self.read(&mut bytes)?;
        }
        Ok(())
    }

    fn post(&mut self, session: Option<&str>, body: &str) -> Outcome<Answer> {
        let mut head = head("POST", &self.host, session, body.len());
        if session.is_some() {
            head.push_str("mcp-protocol-version: 2025-11-25\r\n");
        }
        self.send(format!("{head}\r\n{body}").as_bytes())?;
        self.receive()
    }

    fn receive(&mut self) -> Outcome<Answer> {
        let mut bytes = Vec::new();
        let mut frame = Frame::default();
        while !frame.is_whole(&bytes)? {
            self.read(&mut bytes)?;
        }
        let head = frame.head(&bytes)?.ok_or("an answer without a head")?;
        Ok(Answer {
            status: head.status,
            body: frame.body(&bytes)?,
            head: bytes[..head.end].to_vec(),
        })
    }

    fn read(&mut self, bytes: &mut Vec<u8>) -> Outcome {
        let mut part = [0; 16 * 1024];
        let read = self
            .stream
            .read(&mut part)
            .map_err(|error| match error.kind() {
                ErrorKind::WouldBlock => format!("no answer for {} seconds", PATIENCE.as_secs()),
                _ => format!("reading: {error}"),
            })?;
        match read {
            0 => Err(format!(
                "the server closed the connection after {}",
                String::from_utf8_lossy(&bytes[..bytes.len().min(600)])
            )),
            read => {
                bytes.extend_from_slice(&part[..read]);
                Ok(())
            }
        }
    }
}

/// The first message of a handshake.
pub const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1.0.0"}}}"#;

/// Its last one.
pub const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
