//! A client that checks other people's servers, run by `cargo xtask interop`.
//!
//! ```text
//! interop_client SUITE (pin|find) REVISION (URL | PROGRAM [ARGUMENT...])
//! ```
//!
//! The suite is what the server is known to offer: `peer` is what the servers in
//! `tests/interop/servers` offer, `everything` and `filesystem` are the servers of these names. With
//! `pin` the client speaks the revision and no other; with `find` it has to find it out.

mod answers;
mod checks;
mod everything;
mod filesystem;
mod peer;
mod run;

use std::process::ExitCode;

use toolwright::Revision;
use toolwright::client::{Captured, Client, ClientConfig, ConnectError, Program, Stderr};
use toolwright::model::{
    ClientCapabilities, ElicitationCapability, JsonObject, RootsCapability, SamplingCapability,
};

use answers::Ada;
use checks::Checks;

/// So many bytes of what a server writes on standard error are shown when a check fails.
const SAID: usize = 4096;

/// How a server is reached, and what is known of it.
struct Target {
    suite: String,
    revision: Revision,
    pinned: bool,
    command: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match Target::read(&arguments) {
        Some(target) => {
            let mut checks = Checks::new(target.title());
            let said = Captured::last(SAID);
            run::all(&target, &said, &mut checks).await;
            if checks.any_failed() {
                println!("the server said:\n{}", said.text());
            }
            checks.close()
        }
        None => {
            eprintln!(
                "usage: interop_client SUITE (pin|find) REVISION (URL | PROGRAM [ARGUMENT...])"
            );
            ExitCode::from(2)
        }
    }
}

impl Target {
    fn read(arguments: &[String]) -> Option<Self> {
        let [suite, how, revision, command @ ..] = arguments else {
            return None;
        };
        let target = Self {
            suite: suite.clone(),
            revision: Revision::from_wire(revision)?,
            pinned: match how.as_str() {
                "pin" => true,
                "find" => false,
                _ => return None,
            },
            command: command.to_vec(),
        };
        (!command.is_empty()).then_some(target)
    }

    /// What the checks are listed under.
    fn title(&self) -> String {
        let how = if self.pinned { "pinned" } else { "found out" };
        // The program, not what runs it.
        let named = self.command.iter().rev().filter(|part| part.contains('/'));
        let name = named
            .map(|part| part.rsplit('/').next().unwrap_or(part))
            .next();
        let over = match self.command.first() {
            Some(url) if url.starts_with("http") => "over HTTP",
            _ => name.unwrap_or("over stdio"),
        };
        format!("our client, {} {over}, {} {how}", self.suite, self.revision)
    }

    /// A client that can be asked anything, and notes what it was asked in `ada`.
    async fn connect(&self, ada: &Ada, said: &Captured) -> Result<Client, ConnectError> {
        let mut config = ClientConfig::new("interop", "1.0.0").capabilities(capabilities());
        if self.pinned {
            config = config.pin(self.revision);
        }
        let builder = Client::builder(config).answers(ada.clone());
        let [program, arguments @ ..] = self.command.as_slice() else {
            unreachable!("a target has a command");
        };
        if program.starts_with("http") {
            return Ok(builder.connect(program).await?);
        }
        let program = Program::new(program).args(arguments);
        let program = program.stderr(Stderr::Capture(said.clone()));
        builder.spawn(program).await
    }
}

fn capabilities() -> ClientCapabilities {
    ClientCapabilities {
        roots: Some(RootsCapability::default()),
        sampling: Some(SamplingCapability::default()),
        elicitation: Some(ElicitationCapability {
            form: Some(JsonObject::new()),
            url: Some(JsonObject::new()),
            ..ElicitationCapability::default()
        }),
        ..ClientCapabilities::default()
    }
}
