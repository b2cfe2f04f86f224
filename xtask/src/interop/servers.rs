//! Servers that other people wrote, against our client.

use std::path::Path;

use super::{Theirs, example, seeing};
use crate::Outcome;
use crate::command::command;
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
    let client = example("interop_client")?;
    let installed = |package: &str| {
        let packages = theirs.folder.join("node_modules/@modelcontextprotocol");
        packages.join(package).join("dist/index.js")
    };
    let own = |name: &str| theirs.folder.join("servers").join(name);
    let everything = installed("server-everything");
    let filesystem = installed("server-filesystem");

    let mut outcome = Ok(());
    let mut against = |suite: &str, ways: &[Way], program: &[&Path]| {
        for way in ways {
            let mut checks = command(&client.to_string_lossy(), &[suite]);
            checks.args(way).args(program);
            outcome = outcome.clone().and(seeing(checks, tally));
        }
    };
    against("peer", &BOTH_ERAS, &[&theirs.node, &own("server.mjs")]);
    against("peer", &BOTH_ERAS, &[&theirs.python, &own("server.py")]);
    against("everything", &HANDSHAKE[3..], &[&theirs.node, &everything]);
    against("filesystem", &HANDSHAKE, &[&theirs.node, &filesystem]);
    outcome
}
