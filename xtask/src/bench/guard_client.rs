//! `bench-client`: what a small `tools/call` costs a client and a server in one process, in
//! memory and over loopback, one at a time and many at once, against the floor.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::callgrind::cost_of_a_call;
use crate::Outcome;
use crate::command::{command, release_dir, run as run_command};

/// How many calls are under way at once.
const IN_FLIGHT: [&str; 2] = ["1", "64"];

/// Calls of a run that is timed; about a second for the slowest program.
const TIMED: u64 = 40_000;

/// The programs: how they are listed, which they are, and what they are told first.
const PROGRAMS: [(&str, &str, &[&str]); 3] = [
    ("floor, http", "client-floor", &[]),
    ("ours, http", "client-ours", &["http"]),
    ("ours, memory", "client-ours", &["memory"]),
];

/// What one call costs.
struct Cost {
    instructions: f64,
    allocations: f64,
    calls_per_second: f64,
}

/// Builds the programs, measures, and prints the figures.
pub(crate) fn run() -> Outcome {
    run_command(command(
        "cargo",
        &["build", "--quiet", "--release", "--package", "bench-client"],
    ))?;
    for in_flight in IN_FLIGHT {
        let mut floor: Option<Cost> = None;
        for (title, program, told) in PROGRAMS {
            let cost = measure(program, told, in_flight)?;
            println!(
                "{title:13} {in_flight:>3} in flight  {:8.0} instructions  {:6.1} allocations  {:8.0} calls/s",
                cost.instructions, cost.allocations, cost.calls_per_second
            );
            match &floor {
                None => floor = Some(cost),
                Some(floor) if told.contains(&"http") => println!(
                    "ratio client_http_{in_flight}_vs_floor {:.3} instructions, {:.3} allocations, {:.3} time",
                    cost.instructions / floor.instructions,
                    cost.allocations / floor.allocations,
                    floor.calls_per_second / cost.calls_per_second
                ),
                Some(_) => {}
            }
        }
    }
    Ok(())
}

fn measure(program: &str, told: &[&str], in_flight: &str) -> Result<Cost, String> {
    let path = release_dir().join(program);
    let label = [&[program][..], told, &[in_flight]].concat().join("-");
    let converse = |command: Command, calls| converse(command, told, in_flight, calls);
    let counted = cost_of_a_call(&label, &path, converse)?;
    Ok(Cost {
        instructions: counted.instructions,
        allocations: counted.allocations,
        calls_per_second: calls_per_second(path, converse)?,
    })
}

/// Runs a program, which makes so many calls and checks their answers.
fn converse(mut command: Command, told: &[&str], in_flight: &str, calls: u64) -> Outcome {
    command
        .args(told)
        .args([in_flight, &calls.to_string()])
        .stdin(Stdio::null());
    run_command(command)
}

/// The speed of this machine at this moment: worth as much as a ratio to the floor's.
fn calls_per_second(
    path: PathBuf,
    converse: impl Fn(Command, u64) -> Outcome,
) -> Result<f64, String> {
    let start = Instant::now();
    converse(Command::new(path), TIMED)?;
    #[expect(clippy::cast_precision_loss, reason = "it is far below 2^52")]
    Ok(TIMED as f64 / start.elapsed().as_secs_f64())
}
