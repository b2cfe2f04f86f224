//! Talking to a program that serves HTTP/1.1 on the loopback interface.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a program may take to listen; under valgrind that is seconds.
const START: Duration = Duration::from_secs(60);

/// A running program that serves an address.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts `command` with an address that is free and these arguments after it, and waits until
    /// it listens there.
    ///
    /// # Errors
    ///
    /// Why it could not be started, or that it does not listen.
    pub(crate) fn start(mut command: Command, arguments: &[&str]) -> Result<Self, String> {
        Self::start_at(|address| {
            command.arg(address.to_string()).args(arguments);
            command
        })
    }

    /// Starts the command that is to listen at an address which is free, and waits until it does.
    ///
    /// # Errors
    ///
    /// Why it could not be started, or that it does not listen.
    pub(crate) fn start_at(command: impl FnOnce(SocketAddr) -> Command) -> Result<Self, String> {
        let address = free_address().map_err(|error| format!("no port is free: {error}"))?;
        Self::start_on(address, || command(address))
    }

    /// Starts the command that is to listen at this address, and waits until it does.
    ///
    /// # Errors
    ///
    /// Why it could not be started, or that it does not listen.
    pub(crate) fn start_on(
        address: SocketAddr,
        command: impl FnOnce() -> Command,
    ) -> Result<Self, String> {
        let mut command = command();
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .map_err(|error| format!("{}: {error}", command.get_program().to_string_lossy()))?;
        let mut server = Self { child, address };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(format!("the program ended with {status}"));
            }
            if start.elapsed() > START {
                return Err(format!("the program does not listen on {address}"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its number in the system.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Opens a connection that stays open from one request to the next.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub(crate) fn connect(&self) -> Result<Connection, String> {
        let connected = TcpStream::connect(self.address).and_then(|stream| {
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(START))?;
            Ok(stream)
        });
        let stream = connected.map_err(|error| format!("{}: {error}", self.address))?;
        Ok(Connection {
            input: BufReader::new(stream),
            host: self.address.to_string(),
        })
    }

    /// The memory that the program has in use, in bytes.
    ///
    /// # Errors
    ///
    /// That the system does not tell.
    pub(crate) fn resident_bytes(&self) -> Result<u64, String> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        status
            .lines()
            .find_map(|line| {
                let kibibytes = line.strip_prefix("VmRSS:")?.strip_suffix("kB")?;
                Some(kibibytes.trim().parse::<u64>().ok()? * 1024)
            })
            .ok_or_else(|| format!("{path} tells no resident size"))
    }

    /// The time that the first thread of the program has had a processor.
    ///
    /// # Errors
    ///
    /// That the system does not tell.
    pub(crate) fn processor_time(&self) -> Result<Duration, String> {
        let path = format!("/proc/{}/schedstat", self.child.id());
        let told = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let nanoseconds = told.split(' ').next().and_then(|text| text.parse().ok());
        let nanoseconds = nanoseconds.ok_or_else(|| format!("{path} tells no time"))?;
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Asks the program to leave and waits until it has.
    ///
    /// # Errors
    ///
    /// How it ended, if not well.
    pub(crate) fn stop(self) -> Result<(), String> {
        self.stop_hearing().map(drop)
    }

    /// As [`stop`](Self::stop), and returns what it said at its end, if its output was piped.
    ///
    /// # Errors
    ///
    /// How it ended, if not well.
    pub(crate) fn stop_hearing(mut self) -> Result<String, String> {
        let output = self.child.stdout.take();
        let ended = self.end()?;
        let mut said = String::new();
        if let Some(mut output) = output {
            let read = output.read_to_string(&mut said);
            read.map_err(|error| error.to_string())?;
        }
        if ended.success() {
            Ok(said)
        } else {
            Err(format!("the program ended with {ended}"))
        }
    }

    /// Asks the program to leave and waits until it has, however it does that.
    ///
    /// # Errors
    ///
    /// That it could not be asked.
    pub(crate) fn end(mut self) -> Result<ExitStatus, String> {
        let id = self.child.id().to_string();
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .and_then(|_| self.child.wait())
            .map_err(|error| error.to_string())
    }
}

impl Drop for Server {
    /// A program that was not stopped, because something failed, must not stay behind.
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A port that nobody listens on.
pub(crate) fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// One connection, on which one request is made at a time.
pub(crate) struct Connection {
    input: BufReader<TcpStream>,
    host: String,
}

/// An answer: its status, its header lines with names in lower case, and its body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header; `name` is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Connection {
    /// Posts `body` to `/mcp` with the header lines given, and awaits the answer.
    ///
    /// # Errors
    ///
    /// What went wrong on the connection.
    pub(crate) fn post(&mut self, headers: &[(&str, &str)], body: &str) -> Result<Answer, String> {
        self.request("POST", headers, body)
    }

    /// Sends any request to `/mcp`, in one write, and awaits the answer.
    ///
    /// # Errors
    ///
    /// What went wrong on the connection.
    pub(crate) fn request(
        &mut self,
        method: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, String> {
        let mut request = format!(
            "{method} /mcp HTTP/1.1\r\nhost: {}\r\naccept: application/json, text/event-stream\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            self.host,
            body.len()
        );
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        request.push_str(body);
        self.input
            .get_mut()
            .write_all(request.as_bytes())
            .and_then(|()| self.answer())
            .map_err(|error| format!("no answer: {error}"))
    }

    /// Reads one answer.
    fn answer(&mut self) -> std::io::Result<Answer> {
        let status_line = self.line()?;
        let status = status_line
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| std::io::Error::other(status_line))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer {
            status,
            headers,
            body: String::new(),
        };
        let mut body = Vec::new();
        if answer.header("transfer-encoding") == Some("chunked") {
            while self.chunk(&mut body)? > 0 {}
        } else {
            let length = answer.header("content-length").map_or(Ok(0), str::parse);
            body.resize(length.map_err(std::io::Error::other)?, 0);
            self.input.read_exact(&mut body)?;
        }
        answer.body = String::from_utf8(body).map_err(std::io::Error::other)?;
        Ok(answer)
    }

    /// Appends the next piece of a body whose length nobody knew, and says how long it is.
    fn chunk(&mut self, body: &mut Vec<u8>) -> std::io::Result<usize> {
        let length = self.line()?;
        let length = usize::from_str_radix(&length, 16).map_err(std::io::Error::other)?;
        let start = body.len();
        body.resize(start + length, 0);
        self.input.read_exact(&mut body[start..])?;
        self.line()?;
        Ok(length)
    }

    /// One line without its end.
    fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.input.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
