//! Servers that other people wrote, against our client.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Theirs, example, seeing};
use crate::Outcome;
use crate::command::command;
use crate::http::Server;
use crate::tally::Tally;

/// How the client comes to a revision, and which.
type Way = [&'static str; 2];

/// For a server that speaks both eras.
const BOTH_ERAS: [Way; 3] = [
    ["pin", "2025-11-25"],
    ["pin", "2026-07-28"],
    ["find", "2026-07-28"],
];

/// For a server that knows the handshake alone, in each of its revisions.
const HANDSHAKE: [Way; 5] = [
    ["pin", "2024-11-05"],
    ["pin", "2025-03-26"],
    ["pin", "2025-06-18"],
    ["pin", "2025-11-25"],
    ["find", "2025-11-25"],
];

/// Runs our client against every server.
pub(super) fn run(theirs: &Theirs, tally: &mut Tally) -> Outcome {
    let mut client = OurClient {
        program: example("interop_client")?,
        tally,
        outcome: Ok(()),
    };
    let packages = theirs.folder.join("node_modules/@modelcontextprotocol");
    let everything = packages.join("server-everything/dist/index.js");
    let filesystem = packages.join("server-filesystem/dist/index.js");
    let own = |name: &str| theirs.folder.join("servers").join(name);
    let (in_typescript, in_python) = (own("server.mjs"), own("server.py"));

    client.spawns("peer", &BOTH_ERAS, &theirs.node, &in_typescript);
    client.spawns("peer", &BOTH_ERAS, &theirs.python, &in_python);
    // What it does is the same in each revision, and some of it takes seconds.
    client.spawns("everything", &HANDSHAKE[3..], &theirs.node, &everything);
    client.spawns("filesystem", &HANDSHAKE, &theirs.node, &filesystem);

    client.dials("peer", &BOTH_ERAS, "mcp", |address| {
        listening(&theirs.node, &in_typescript, &address.to_string())
    });
    client.dials("peer", &BOTH_ERAS, "mcp", |address| {
        listening(&theirs.python, &in_python, &address.to_string())
    });
    client.dials("everything", &HANDSHAKE[3..], "mcp", |address| {
        let mut server = listening(&theirs.node, &everything, "streamableHttp");
        server.env("PORT", address.port().to_string());
        server
    });
    client.dials("everything", &HANDSHAKE[..1], "sse", |address| {
        let mut server = listening(&theirs.node, &everything, "sse");
        server.env("PORT", address.port().to_string());
        server
    });
    client.outcome
}

/// A server that is told one thing, and whose log is nobody's.
fn listening(interpreter: &Path, program: &Path, told: &str) -> Command {
    let mut server = Command::new(interpreter);
    server.arg(program).arg(told);
    server.stdout(Stdio::null()).stderr(Stdio::null());
    server
}

/// Our client, and how its checks went.
struct OurClient<'t> {
    program: PathBuf,
    tally: &'t mut Tally,
    outcome: Outcome,
}

impl OurClient<'_> {
    /// Checks a server that the client starts.
    fn spawns(&mut self, suite: &str, ways: &[Way], interpreter: &Path, program: &Path) {
        for way in ways {
            self.check(suite, way, &[interpreter, program]);
        }
    }

    /// Checks a server that listens, each time anew, at a path of the address it is given.
    fn dials(
        &mut self,
        suite: &str,
        ways: &[Way],
        path: &str,
        server: impl Fn(SocketAddr) -> Command,
    ) {
        for way in ways {
            match Server::start_at(&server) {
                Ok(server) => {
                    let url = format!("http://{}/{path}", server.address());
                    self.check(suite, way, &[Path::new(&url)]);
                }
                Err(why) => self.outcome = self.outcome.clone().and(Err(why)),
            }
        }
    }

    fn check(&mut self, suite: &str, way: &Way, target: &[&Path]) {
        let mut checks = command(&self.program.to_string_lossy(), &[suite]);
        checks.args(way).args(target);
        let outcome = seeing(checks, self.tally);
        self.outcome = self.outcome.clone().and(outcome);
    }
}
