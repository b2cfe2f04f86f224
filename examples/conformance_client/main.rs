//! The client of the protocol's conformance suite: `cargo xtask conformance` runs it.
//!
//! The suite starts it with the URL of a server of its own as the last argument, and says by the
//! environment what is tried:
//!
//! | Variable | What it holds |
//! |---|---|
//! | `MCP_CONFORMANCE_SCENARIO` | the scenario's name |
//! | `MCP_CONFORMANCE_PROTOCOL_VERSION` | the revision to speak |
//! | `MCP_CONFORMANCE_CONTEXT` | what the scenario tells the client, as JSON; not always there |
//!
//! It exits with 0 when the scenario went as it should.

mod answers;
mod auth;
mod scenarios;

use std::env;
use std::process::ExitCode;

use serde_json::Value;
use toolwright::Revision;
use toolwright::client::{Client, ClientBuilder, ClientConfig};
use toolwright::model::{
    ClientCapabilities, ElicitationCapability, RootsCapability, SamplingCapability,
};

use answers::Agreeable;

type Error = Box<dyn std::error::Error>;

/// What the suite wants tried.
struct Task {
    scenario: String,
    revision: Revision,
    context: Value,
    url: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match Task::read() {
        Ok(task) => scenarios::run(&task).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

impl Task {
    fn read() -> Result<Self, Error> {
        let variable = |name: &str| env::var(format!("MCP_CONFORMANCE_{name}"));
        let version = variable("PROTOCOL_VERSION")?;
        Ok(Self {
            scenario: variable("SCENARIO")?,
            revision: Revision::from_wire(&version)
                .ok_or_else(|| format!("there is no revision {version}"))?,
            context: match variable("CONTEXT") {
                Ok(json) => serde_json::from_str(&json)?,
                Err(_) => Value::Null,
            },
            url: env::args().skip(1).last().ok_or("the URL is missing")?,
        })
    }

    async fn connect(&self) -> Result<Client, Error> {
        Ok(self.builder().connect(&self.url).await?)
    }

    /// A client of the task's revision, which declares and answers everything.
    fn builder(&self) -> ClientBuilder {
        let config = ClientConfig::new("conformance-client", env!("CARGO_PKG_VERSION"))
            .pin(self.revision)
            .capabilities(ClientCapabilities {
                roots: Some(RootsCapability::default()),
                sampling: Some(SamplingCapability::default()),
                elicitation: Some(ElicitationCapability::default()),
                ..ClientCapabilities::default()
            });
        Client::builder(config).answers(Agreeable)
    }
}
