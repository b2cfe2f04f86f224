//! A client that writes what it is told to and reads what comes, so that what is tested is not
//! tested by itself.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::requests;

/// The head of an answer.
#[derive(Debug, Clone)]
pub struct Head {
    /// Its status.
    pub status: u16,
    text: String,
}

impl Head {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.text.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// How it is known where a body ends.
#[derive(Debug, Clone, Copy)]
enum Framing {
    /// So many bytes are left.
    Length(usize),
    Chunked,
    /// With the connection.
    Close,
    Over,
}

/// One connection, on which one request is made at a time.
#[derive(Debug)]
pub struct Raw {
    stream: TcpStream,
    host: String,
    /// What was read and not looked at.
    read: Vec<u8>,
    framing: Framing,
    /// The part of a stream of events that was not looked at.
    events: String,
    /// The id of the last event that had one.
    last_event: Option<String>,
}

impl Raw {
    /// A connection to `address`.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        Self::over(TcpStream::connect(address).await?, address)
    }

    /// A connection from one of several addresses of this machine, since each has only so many
    /// ports.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub async fn connect_from(number: usize, address: SocketAddr) -> io::Result<Self> {
        let last = u8::try_from(1 + number % 8).unwrap_or(1);
        let socket = TcpSocket::new_v4()?;
        socket.bind((IpAddr::from(Ipv4Addr::new(127, 0, 0, last)), 0).into())?;
        Self::over(socket.connect(address).await?, address)
    }

    /// A connection of which the system keeps little that was not read.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub async fn narrow(address: SocketAddr) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(4096)?;
        Self::over(socket.connect(address).await?, address)
    }

    fn over(stream: TcpStream, address: SocketAddr) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            host: address.to_string(),
            read: Vec::new(),
            framing: Framing::Over,
            events: String::new(),
            last_event: None,
        })
    }

    /// What requests on this connection name as their host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The id of the last event that had one.
    pub fn last_event(&self) -> Option<&str> {
        self.last_event.as_deref()
    }

    /// Writes a request.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub async fn send(&mut self, request: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(request.as_ref()).await
    }

    /// Writes a request, and reads the whole answer.
    ///
    /// # Errors
    ///
    /// What the system says, or that it is no answer.
    pub async fn ask(&mut self, request: impl AsRef<[u8]>) -> io::Result<(Head, String)> {
        self.send(request).await?;
        let head = self.head().await?;
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            body.extend(piece);
        }
        Ok((head, String::from_utf8(body).map_err(io::Error::other)?))
    }

    /// Reads the head of an answer.
    ///
    /// # Errors
    ///
    /// What the system says, or that it is no head.
    pub async fn head(&mut self) -> io::Result<Head> {
        let end = self.find(b"\r\n\r\n").await?;
        let text = self.take(end + 4)?;
        let status = text.split(' ').nth(1).and_then(|text| text.parse().ok());
        let head = Head {
            status: status.ok_or_else(|| io::Error::other(format!("no head: {text:?}")))?,
            text,
        };
        let length = head.header("content-length").map(str::parse);
        self.events.clear();
        self.framing = match length {
            Some(length) => Framing::Length(length.map_err(io::Error::other)?),
            None if head.header("transfer-encoding") == Some("chunked") => Framing::Chunked,
            None if head.status == 204 => Framing::Over,
            None => Framing::Close,
        };
        Ok(head)
    }

    /// Reads the message of the next event of a stream; `None` at its end.
    ///
    /// # Errors
    ///
    /// What the system says, or that it is no message.
    pub async fn event(&mut self) -> io::Result<Option<Value>> {
        loop {
            if let Some((event, rest)) = self.events.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.events = rest;
                let mut data = None;
                for line in event.lines() {
                    match line.split_once(": ") {
                        Some(("id", id)) => self.last_event = Some(id.to_owned()),
                        Some(("data", json)) if !json.is_empty() => data = Some(json.to_owned()),
                        _ => {}
                    }
                }
                if let Some(json) = data {
                    return Ok(Some(serde_json::from_str(&json)?));
                }
                continue;
            }
            let Some(piece) = self.piece().await? else {
                return Ok(None);
            };
            let text = String::from_utf8(piece).map_err(io::Error::other)?;
            self.events.push_str(&text);
        }
    }

    /// Opens a session and returns its id.
    ///
    /// # Errors
    ///
    /// What went wrong, or how it was refused.
    pub async fn open_session(&mut self) -> io::Result<String> {
        let (head, body) = self.ask(requests::initialize(&self.host)).await?;
        let Some(session) = head.header("mcp-session-id").map(str::to_owned) else {
            let status = head.status;
            return Err(io::Error::other(format!("no session but {status} {body}")));
        };
        let ready = requests::initialized(&self.host, &session);
        match self.ask(ready).await?.0.status {
            202 => Ok(session),
            status => Err(io::Error::other(format!(
                "ready was answered with {status}"
            ))),
        }
    }

    /// The next part of a body, as it came; `None` at its end.
    async fn piece(&mut self) -> io::Result<Option<Vec<u8>>> {
        match self.framing {
            Framing::Over | Framing::Length(0) => Ok(None),
            Framing::Length(left) => {
                self.some().await?;
                let count = left.min(self.read.len());
                self.framing = Framing::Length(left - count);
                Ok(Some(self.read.drain(..count).collect()))
            }
            Framing::Close => {
                if self.read.is_empty() && !self.more().await? {
                    self.framing = Framing::Over;
                    return Ok(None);
                }
                Ok(Some(std::mem::take(&mut self.read)))
            }
            Framing::Chunked => self.chunk().await,
        }
    }

    async fn chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        let end = self.find(b"\r\n").await?;
        let line = self.take(end + 2)?;
        let size = line.trim_end().split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
        while self.read.len() < size + 2 {
            self.need().await?;
        }
        let chunk: Vec<u8> = self.read.drain(..size).collect();
        self.read.drain(..2);
        if size == 0 {
            self.framing = Framing::Over;
            return Ok(None);
        }
        Ok(Some(chunk))
    }

    /// Where `what` begins in what comes next.
    async fn find(&mut self, what: &[u8]) -> io::Result<usize> {
        loop {
            let found = self.read.windows(what.len()).position(|part| part == what);
            match found {
                Some(at) => return Ok(at),
                None => self.need().await?,
            }
        }
    }

    fn take(&mut self, count: usize) -> io::Result<String> {
        String::from_utf8(self.read.drain(..count).collect()).map_err(io::Error::other)
    }

    async fn some(&mut self) -> io::Result<()> {
        match self.read.is_empty() {
            true => self.need().await,
            false => Ok(()),
        }
    }

    async fn need(&mut self) -> io::Result<()> {
        match self.more().await? {
            true => Ok(()),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Reads once. False at the end.
    async fn more(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 4096];
        let count = self.stream.read(&mut buffer).await?;
        self.read.extend_from_slice(&buffer[..count]);
        Ok(count > 0)
    }
}
