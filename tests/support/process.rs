//! A server in a process of its own: a test program that starts itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use toolwright::Server;

use super::messages::{INITIALIZED, call, initialize, text_result};

const IS_SERVER: &str = "TOOLWRIGHT_TEST_IS_SERVER";
/// Ends what the test harness of the server printed before the protocol began.
const READY: &str = "the protocol begins";
/// Only a server that hangs is waited for so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// The body of the test that [`Process`] starts; elsewhere it does nothing. `server` is told which
/// limits the test asked for.
pub(crate) fn serve_when_started(server: impl FnOnce(&str) -> Server) {
    let Ok(kind) = std::env::var(IS_SERVER) else {
        return;
    };
    println!("\n{READY}");
    std::io::stdout().flush().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let served = runtime.block_on(server(&kind).serve_stdio());
    // As a program's own `main` would: its runtime ends before the process does.
    drop(runtime);
    std::process::exit(match served {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("{error}");
            1
        }
    });
}

/// Starts the server without reading what it says.
pub(crate) fn spawn(kind: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["the_server", "--exact", "--nocapture", "--test-threads=1"])
        .env(IS_SERVER, kind)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Reads up to where the protocol begins.
pub(crate) fn skip_to_the_protocol(from_server: &mut impl BufRead) {
    let mut line = String::new();
    while line.trim_end() != READY {
        line.clear();
        assert_ne!(from_server.read_line(&mut line).unwrap(), 0, "no server");
    }
}

/// A server's process, with pipes to it.
pub(crate) struct Process {
    child: Child,
    to_server: Option<ChildStdin>,
    from_server: Receiver<String>,
    errors: JoinHandle<String>,
}

/// How a server ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    /// What it sent last.
    pub(crate) rest: Vec<Value>,
    pub(crate) stderr: String,
}

impl Process {
    /// Starts the server of the test called `the_server` in this program, with the limits that
    /// are called `kind` there.
    pub(crate) fn start(kind: &str) -> Self {
        let mut child = spawn(kind);
        let (sender, from_server) = mpsc::channel();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            skip_to_the_protocol(&mut stdout);
            for line in stdout.lines() {
                if sender.send(line.unwrap()).is_err() {
                    break;
                }
            }
        });
        let mut stderr = child.stderr.take().unwrap();
        let errors = thread::spawn(move || {
            let mut text = Vec::new();
            stderr.read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).into_owned()
        });
        Self {
            to_server: child.stdin.take(),
            child,
            from_server,
            errors,
        }
    }

    /// Starts the server and shakes hands for 2025-11-25.
    pub(crate) fn ready() -> Self {
        Self::legacy("2025-11-25")
    }

    /// Starts the server and shakes hands for `version`.
    pub(crate) fn legacy(version: &str) -> Self {
        let mut process = Self::start("");
        process.shake_hands(version);
        process
    }

    #[track_caller]
    pub(crate) fn shake_hands(&mut self, version: &str) {
        let process = self;
        let answer = process.ask(initialize("handshake", version));
        assert_eq!(answer["result"]["protocolVersion"], version, "{answer}");
        process.send_text(INITIALIZED);
    }

    pub(crate) fn send(&mut self, message: Value) {
        self.send_text(&message.to_string());
    }

    pub(crate) fn send_text(&mut self, line: &str) {
        self.send_bytes(format!("{line}\n").as_bytes());
    }

    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        let to_server = self.to_server.as_mut().unwrap();
        to_server.write_all(bytes).unwrap();
        to_server.flush().unwrap();
    }

    /// The server's next message.
    #[track_caller]
    pub(crate) fn recv(&mut self) -> Value {
        let line = self.from_server.recv_timeout(PATIENCE);
        message(&line.expect("the server says nothing more"))
    }

    /// Sends a request and returns the next message.
    #[track_caller]
    pub(crate) fn ask(&mut self, request: Value) -> Value {
        self.send(request);
        self.recv()
    }

    /// Sends a line as it stands and returns the next message.
    #[track_caller]
    pub(crate) fn ask_text(&mut self, line: &str) -> Value {
        self.send_text(line);
        self.recv()
    }

    /// A valid request still succeeds, and nothing came before its answer.
    #[track_caller]
    pub(crate) fn still_serves(&mut self) {
        let answer = self.ask(call("well?", "echo", json!({ "text": "here" })));
        assert_eq!(answer, text_result("well?", "here"));
    }

    /// Sends a signal to it.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Ends its input.
    pub(crate) fn close_input(&mut self) {
        self.to_server = None;
    }

    /// Waits for its end, without ending its input.
    pub(crate) fn wait(mut self) -> Ended {
        let to_server = self.to_server.take();
        let mut rest = Vec::new();
        loop {
            match self.from_server.recv_timeout(PATIENCE) {
                Ok(line) => rest.push(message(&line)),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    self.child.kill().unwrap();
                    panic!("the server does not end");
                }
            }
        }
        let code = self.exit_code();
        drop(to_server);
        Ended {
            code,
            rest,
            stderr: self.errors.join().unwrap(),
        }
    }

    /// Its code, once it has ended. It may close its output and stay.
    fn exit_code(&mut self) -> Option<i32> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            thread::sleep(Duration::from_millis(1));
        }
        self.child.kill().unwrap();
        panic!("the server said its last, and does not end");
    }

    /// Ends its input and waits for its end, which is a clean one that says nothing more.
    pub(crate) fn finish(mut self) -> String {
        self.close_input();
        let ended = self.wait();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(ended.rest, Vec::<Value>::new());
        ended.stderr
    }
}

/// Standard output holds messages and nothing else (STDIO-A-01).
#[track_caller]
fn message(line: &str) -> Value {
    let message: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
    let is_one = |message: &Value| message["jsonrpc"] == "2.0";
    let all = match &message {
        Value::Array(batch) => batch.iter().all(is_one),
        single => is_one(single),
    };
    assert!(all, "no message: {line}");
    message
}
