//! A server that says what a test makes it say.

use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf, duplex,
    split,
};
use toolwright::client::{CallError, Client, ClientConfig};

/// A client's configuration.
pub(crate) fn config() -> ClientConfig {
    ClientConfig::new("test", "1.0.0")
}

/// The server's end of a connection.
pub(crate) struct Script {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    writer: WriteHalf<DuplexStream>,
}

impl Script {
    /// A client that connects, and its other end.
    pub(crate) fn dial(
        config: ClientConfig,
    ) -> (
        Self,
        impl Future<Output = Result<Client, CallError>> + 'static,
    ) {
        let (script, near) = Self::pair();
        let (reader, writer) = split(near);
        (script, Client::over(reader, writer, config))
    }

    /// Both ends of a connection.
    pub(crate) fn pair() -> (Self, DuplexStream) {
        let (near, far) = duplex(1 << 16);
        let (reader, writer) = split(far);
        let script = Self {
            lines: BufReader::new(reader).lines(),
            writer,
        };
        (script, near)
    }

    /// A connected client and its other end, a modern server with tools that change.
    pub(crate) async fn modern(config: ClientConfig) -> (Self, Client) {
        let (mut script, client) = Self::dial(config);
        let (client, ()) = tokio::join!(client, async {
            let probe = script.next().await;
            assert_eq!(probe["method"], "server/discover");
            script.discovered(&probe).await;
        });
        (script, client.unwrap())
    }

    pub(crate) async fn discovered(&mut self, probe: &Value) {
        let capabilities = json!({ "tools": { "listChanged": true } });
        let result = json!({ "supportedVersions": ["2026-07-28"], "capabilities": capabilities });
        self.answer(probe, result).await;
    }

    /// Answers `initialize` for 2025-11-25 and takes what ends the handshake.
    pub(crate) async fn initialized(&mut self, request: &Value) {
        assert_eq!(request["method"], "initialize");
        let info = json!({ "name": "script", "version": "1" });
        let result = json!({
            "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": info,
        });
        self.answer(request, result).await;
        assert_eq!(self.next().await["method"], "notifications/initialized");
    }

    /// The client's next message.
    pub(crate) async fn next(&mut self) -> Value {
        let line = self.lines.next_line().await.unwrap();
        serde_json::from_str(&line.expect("the client has gone")).unwrap()
    }

    /// Whether the client has hung up, after nothing more was said.
    pub(crate) async fn hung_up(&mut self) -> bool {
        self.lines.next_line().await.unwrap().is_none()
    }

    pub(crate) async fn answer(&mut self, request: &Value, result: Value) {
        let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "result": result });
        self.say(&answer.to_string()).await;
    }

    pub(crate) async fn notify(&mut self, method: &str, params: Value) {
        let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        self.say(&message.to_string()).await;
    }

    /// Sends a line as it stands.
    pub(crate) async fn say(&mut self, line: &str) {
        self.try_say(line).await.unwrap();
    }

    pub(crate) async fn try_say(&mut self, line: &str) -> std::io::Result<()> {
        self.writer.write_all(line.as_bytes()).await?;
        self.writer.write_all(b"\n").await
    }

    /// Answers the next request, which must be for this method.
    pub(crate) async fn serve(&mut self, method: &str, result: Value) -> Value {
        let request = self.next().await;
        assert_eq!(request["method"], method, "{request}");
        self.answer(&request, result).await;
        request
    }
}
