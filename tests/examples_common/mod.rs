//! Runs the examples as the programs they are: `cargo test` builds them beside its tests.

#![allow(dead_code, reason = "each test program uses a part")]
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

#[cfg(unix)]
pub(crate) mod folder;

use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use toolwright::Revision;
use toolwright::client::{Answers, CallError, Client, ClientConfig, Events};
use toolwright::model::CallToolResult;

/// Where an example's program lies: one folder above the test's own.
pub(crate) fn program(example: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own program");
    let profile = test.ancestors().nth(2).expect("tests lie in `deps`");
    let name = format!("{example}{}", std::env::consts::EXE_SUFFIX);
    profile.join("examples").join(name)
}

/// An example that runs, and a client connected to its standard input and output.
pub(crate) struct Running {
    pub(crate) client: Client,
    pub(crate) events: Events,
    child: Child,
}

impl Running {
    /// Starts an example with these arguments and connects in this revision.
    pub(crate) async fn start(example: &str, arguments: &[&str], revision: Revision) -> Self {
        let mut config = ClientConfig::new("examples-test", "1.0.0");
        config.pinned = Some(revision);
        let (child, reader, writer) = Self::spawn(example, arguments);
        Self::connected(child, Client::over(reader, writer, config).await)
    }

    /// Starts an example, and connects as a client that answers.
    pub(crate) async fn start_answering(
        example: &str,
        config: ClientConfig,
        answers: impl Answers,
    ) -> Self {
        let (child, reader, writer) = Self::spawn(example, &[]);
        let client = Client::builder(config).answers(answers);
        Self::connected(child, client.over(reader, writer).await)
    }

    fn connected(child: Child, client: Result<Client, CallError>) -> Self {
        let client = client.expect("the example serves this revision");
        Self {
            events: client.events(),
            client,
            child,
        }
    }

    fn spawn(example: &str, arguments: &[&str]) -> (Child, ChildStdout, ChildStdin) {
        let mut child = Command::new(program(example))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("`cargo test`, or `cargo build --examples`, has built the example");
        let reader = child.stdout.take().expect("stdout is piped");
        let writer = child.stdin.take().expect("stdin is piped");
        (child, reader, writer)
    }

    /// Ends the connection and waits until the example has ended well.
    pub(crate) async fn stop(mut self) {
        drop(self.client);
        let status = self.child.wait().await.expect("the example can be awaited");
        assert!(status.success(), "{status}");
    }
}

/// What a result says, its text blocks joined.
pub(crate) fn text(result: &CallToolResult) -> String {
    let texts = result.content.iter().filter_map(|block| block.as_text());
    texts.collect::<Vec<_>>().join("\n")
}
