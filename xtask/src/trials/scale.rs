//! `scale`: as many sessions, streams, slow readers and connections as there may be, from a process
//! of its own, and what the server holds of them; and schemas that are as slow as they may be.

use crate::Outcome;
use crate::command::run as run_command;

use super::programs::{Build, Programs, setting};

/// How many there are in a trial.
#[derive(Clone, Copy)]
enum Size {
    /// As many as the figures are for.
    Whole,
    /// As many as continuous integration has the time for; the figures are in proportion. Times
    /// are shown and not held: the machine is anybody's.
    Part,
}

/// A trial: its name, how many there are in each size, and whether each is a connection.
struct Trial {
    name: &'static str,
    whole: u32,
    part: u32,
    connected: bool,
}

const TRIALS: &[Trial] = &[
    Trial {
        name: "sessions",
        whole: 100_000,
        part: 20_000,
        connected: false,
    },
    Trial {
        name: "streams",
        whole: 10_000,
        part: 2_000,
        connected: true,
    },
    Trial {
        name: "slow",
        whole: 10_000,
        part: 1_000,
        connected: true,
    },
    Trial {
        name: "churn",
        whole: 1_000,
        part: 1_000,
        connected: true,
    },
    Trial {
        name: "cancels",
        whole: 1_000,
        part: 200,
        connected: false,
    },
    // How often each schema is tried; the best counts.
    Trial {
        name: "schemas",
        whole: 5,
        part: 1,
        connected: false,
    },
];

/// The whole.
pub(crate) fn run() -> Outcome {
    all(Size::Whole)
}

/// A part of it.
pub(crate) fn part() -> Outcome {
    all(Size::Part)
}

/// Runs every trial, whatever becomes of the others.
fn all(size: Size) -> Outcome {
    let programs = Programs::build(Build::Fast)?;
    let outcomes: Vec<_> = TRIALS
        .iter()
        .map(|trial| {
            let outcome = one(&programs, trial, size);
            outcome.map_err(|why| format!("{}: {why}", trial.name))
        })
        .collect();
    let failed: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    println!("scale: {} trials, {} failed", TRIALS.len(), failed.len());
    match failed.is_empty() {
        true => Ok(()),
        false => Err(failed.join("; ")),
    }
}

fn one(programs: &Programs, trial: &Trial, size: Size) -> Outcome {
    let (count, patience) = match size {
        Size::Whole => (trial.whole, 60),
        Size::Part => (trial.part, 15),
    };
    println!("{} {count}", trial.name);
    let descriptors = 1024 + if trial.connected { count } else { 0 };
    let server = programs.server(
        descriptors,
        &[
            setting("sessions", count + 100),
            setting("write_timeout", patience),
            // Without it the system would keep megabytes for each client that does not read.
            setting(
                "send_buffer",
                if trial.name == "slow" { 4096 } else { 1 << 16 },
            ),
        ],
    )?;
    let mut client = programs.client(trial.name, descriptors, &server)?;
    client.arg(setting("count", count));
    if matches!(size, Size::Part) {
        client.arg(setting("times", "shown"));
    }
    run_command(client)?;
    server.stop()
}
