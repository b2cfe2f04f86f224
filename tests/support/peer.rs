//! A client of a server in the same process, in plain JSON over memory.

use mcp_transport::memory::{self, MemoryConnection};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines, ReadHalf, WriteHalf, split};
use tokio::task::JoinHandle;
use toolwright::Server;
use toolwright::server::{Error, ServerHandle};

use super::messages::{INITIALIZED, call, initialize, text_result};
use super::still::in_no_time;

/// A builder to add tools to.
pub(crate) fn new_server() -> Server {
    Server::new("tests", "1.0.0")
}

/// One connection to a server, as its client sees it.
pub(crate) struct Peer {
    from_server: Lines<BufReader<ReadHalf<MemoryConnection>>>,
    to_server: WriteHalf<MemoryConnection>,
    serving: JoinHandle<Result<(), Error>>,
}

impl Peer {
    /// Connects, and says nothing.
    pub(crate) fn connect(server: &ServerHandle) -> Self {
        Self::connect_through(server, 1024 * 1024)
    }

    /// Connects by pipes that hold `capacity` bytes.
    pub(crate) fn connect_through(server: &ServerHandle, capacity: usize) -> Self {
        let (near, far) = memory::pair(capacity);
        let server = server.clone();
        let serving = tokio::spawn(async move {
            let (reader, writer) = split(far);
            server.serve(reader, writer).await
        });
        let (reader, to_server) = split(near);
        Self {
            from_server: BufReader::new(reader).lines(),
            to_server,
            serving,
        }
    }

    /// Connects and shakes hands for `version`.
    pub(crate) async fn legacy(server: &ServerHandle, version: &str) -> Self {
        let mut peer = Self::connect(server);
        peer.shake_hands(version).await;
        peer
    }

    pub(crate) async fn shake_hands(&mut self, version: &str) {
        self.send(initialize("handshake", version)).await;
        let answer = self.recv().await;
        assert_eq!(answer["result"]["protocolVersion"], version, "{answer}");
        self.send_text(INITIALIZED).await;
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.send_text(&message.to_string()).await;
    }

    /// Sends one line as it stands.
    pub(crate) async fn send_text(&mut self, line: &str) {
        self.send_bytes(line.as_bytes()).await;
        self.send_bytes(b"\n").await;
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.to_server.write_all(bytes).await.unwrap();
    }

    /// The next message of the server.
    pub(crate) async fn recv(&mut self) -> Value {
        self.try_recv().await.expect("the server has gone")
    }

    /// The next message of the server; `None` when it has ended its output.
    pub(crate) async fn try_recv(&mut self) -> Option<Value> {
        let line = self.from_server.next_line().await.unwrap()?;
        Some(serde_json::from_str(&line).expect("every line is JSON"))
    }

    /// Sends a request and returns the next message, which answers it when nothing else is in
    /// flight.
    pub(crate) async fn ask(&mut self, message: Value) -> Value {
        self.send(message).await;
        self.recv().await
    }

    /// A valid request still succeeds in no time, and nothing came before its answer.
    pub(crate) async fn still_serves(&mut self) {
        let well = call("well?", "echo", serde_json::json!({ "text": "here" }));
        let answer = in_no_time(self.ask(well)).await;
        assert_eq!(answer, text_result("well?", "here"));
    }

    /// Ends the input; answers can still be read.
    pub(crate) async fn close_input(&mut self) {
        self.to_server.shutdown().await.unwrap();
    }

    /// Everything up to the end of the server's output, which ended without an error.
    pub(crate) async fn rest(mut self) -> Vec<Value> {
        let mut rest = Vec::new();
        while let Some(message) = self.try_recv().await {
            rest.push(message);
        }
        self.serving.await.unwrap().unwrap();
        rest
    }

    /// What reads the answers, and the task that serves.
    pub(crate) fn into_parts(self) -> (impl Sized, JoinHandle<Result<(), Error>>) {
        (self.from_server, self.serving)
    }

    /// Hangs up in both directions, and waits until the server has noticed.
    pub(crate) async fn hang_up(self) {
        drop((self.from_server, self.to_server));
        self.serving.await.unwrap().unwrap();
    }
}

/// Lets everything run that can run. Only where the clock is paused: it moves by a millisecond.
pub(crate) async fn until_idle() {
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
}
