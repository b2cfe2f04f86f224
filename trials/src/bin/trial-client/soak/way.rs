//! How a client comes to the server.

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use toolwright::Revision;
use toolwright::client::{Answers, Client, ClientConfig, KnownServers, Program};
use toolwright::jsonrpc::ErrorObject;
use toolwright::model::{
    ClientCapabilities, ElicitParams, ElicitResult, ElicitationCapability, JsonObject,
};
use trials::faulty::{Faulty, Towards};

use super::tally::{Count, Tally};

/// How long a client waits for an answer; less than what is withheld is kept.
const PATIENCE: Duration = Duration::from_secs(4);

/// How long a client is tried to be connected.
const CONNECTING: Duration = Duration::from_secs(20);

/// A way to the server.
pub(super) enum Way {
    /// The server that listens there, or what stands before it.
    Http(SocketAddr),
    /// A child of this program.
    Child(String),
    /// A child behind pipes on which faults happen.
    Pipe(Pipe),
}

/// A client, and what has to be kept as long as it.
pub(super) struct Connected {
    pub(super) client: Client,
    _child: Option<Child>,
    carriers: Vec<JoinHandle<()>>,
}

impl Drop for Connected {
    fn drop(&mut self) {
        for carrier in &self.carriers {
            carrier.abort();
        }
    }
}

/// Says what it is asked for.
struct Repeat(Arc<Tally>);

impl Answers for Repeat {
    async fn elicit(&self, params: ElicitParams) -> Result<ElicitResult, ErrorObject> {
        self.0.add(Count::Asked);
        let ElicitParams::Form(form) = params else {
            return Ok(ElicitResult::decline());
        };
        let answer = json!({ "nonce": form.message });
        Ok(ElicitResult::accept(answer.as_object().cloned()))
    }
}

impl Way {
    /// Connects, or says why that did not succeed.
    pub(super) async fn connect(
        &mut self,
        revision: Revision,
        tally: &Arc<Tally>,
    ) -> Result<Connected, String> {
        let connecting = self.connect_at_all(revision, tally);
        match tokio::time::timeout(CONNECTING, connecting).await {
            Ok(connected) => connected,
            Err(_) => {
                // Whatever happens on the way, there are limits for it.
                tally.broke(format!("{revision:?}: no end of connecting"));
                Err("no end".to_owned())
            }
        }
    }

    async fn connect_at_all(
        &mut self,
        revision: Revision,
        tally: &Arc<Tally>,
    ) -> Result<Connected, String> {
        let forms = ElicitationCapability {
            form: Some(JsonObject::new()),
            ..Default::default()
        };
        let config = ClientConfig::new("trial", "1.0.0")
            .pin(revision)
            .request_timeout(PATIENCE)
            .capabilities(ClientCapabilities {
                elicitation: Some(forms),
                ..Default::default()
            });
        let client = Client::builder(config)
            .known_servers(KnownServers::new())
            .answers(Repeat(Arc::clone(tally)));
        let (client, child, carriers) = match self {
            Self::Http(address) => {
                let url = format!("http://{address}/mcp");
                (
                    client.connect(url.as_str()).await.map_err(told)?,
                    None,
                    Vec::new(),
                )
            }
            Self::Child(server) => {
                let program = Program::new(&*server).args(["stdio"]);
                (client.spawn(program).await.map_err(told)?, None, Vec::new())
            }
            Self::Pipe(pipe) => {
                let (child, ends, carriers) = pipe.open().map_err(told)?;
                let connected = client.over(ends.0, ends.1).await.map_err(told);
                let client = connected.inspect_err(|_| {
                    carriers.iter().for_each(JoinHandle::abort);
                })?;
                (client, Some(child), carriers)
            }
        };
        Ok(Connected {
            client,
            _child: child,
            carriers,
        })
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Starts servers behind pipes on which faults happen.
pub(super) struct Pipe {
    server: String,
    faulty: Faulty,
}

/// The client's ends of a pipe.
type Ends = (tokio::io::DuplexStream, tokio::io::DuplexStream);

impl Pipe {
    pub(super) fn new(server: String, faulty: Faulty) -> Self {
        Self { server, faulty }
    }

    fn open(&mut self) -> std::io::Result<(Child, Ends, Vec<JoinHandle<()>>)> {
        let mut child = Command::new(&self.server)
            .arg("stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = (input, output) else {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        };
        let (heard, to_client) = tokio::io::duplex(64 * 1024);
        let (from_client, spoken) = tokio::io::duplex(64 * 1024);
        let up = self
            .faulty
            .split()
            .carry(Towards::Server, from_client, input);
        let down = self
            .faulty
            .split()
            .carry(Towards::Client, output, to_client);
        // How a carrier ends shows at the client.
        let carriers = vec![
            tokio::spawn(async { drop(up.await) }),
            tokio::spawn(async { drop(down.await) }),
        ];
        Ok((child, (heard, spoken), carriers))
    }
}
