//! Recurring tasks: what a contributor types and what continuous integration runs are the same.

mod bench;
mod bless;
mod ci;
mod command;
mod conformance;
mod deny;
mod faults;
mod http;
mod interop;
mod lifecycle;
mod python;
mod tally;
mod tidy;
mod weight;

use std::process::ExitCode;

use bench::{guard_auth, guard_client, guard_http, guard_stdio};

/// What a task's outcome is: nothing to say, or why it failed.
type Outcome = Result<(), String>;

/// A task: its name, what it does, and the function that does it.
struct Task {
    name: &'static str,
    help: &'static str,
    run: fn() -> Outcome,
}

/// Every task, in the order in which they are listed.
const TASKS: &[Task] = &[
    Task {
        name: "ci",
        help: "every check, in the order continuous integration runs them",
        run: ci::run,
    },
    Task {
        name: "tidy",
        help: "the house rules that a line of text can break",
        run: tidy::run,
    },
    Task {
        name: "interop",
        help: "other people's clients and servers against ours",
        run: interop::run,
    },
    Task {
        name: "conformance",
        help: "the protocol's own conformance suite against our example server and client",
        run: conformance::run,
    },
    Task {
        name: "bench-instructions",
        help: "instructions per call over stdio, against the floor (needs valgrind)",
        run: guard_stdio::run,
    },
    Task {
        name: "bench-http",
        help: "instructions per call over HTTP, against the floor, and memory per session (needs valgrind)",
        run: guard_http::run,
    },
    Task {
        name: "bench-auth",
        help: "what a token that was verified before adds to the processor time of a call over HTTP",
        run: guard_auth::run,
    },
    Task {
        name: "bench-client",
        help: "what a call costs the client, against the floor (needs valgrind)",
        run: guard_client::run,
    },
    Task {
        name: "deny",
        help: "licences, sources and bans of everything that is depended on",
        run: deny::run,
    },
    Task {
        name: "lifecycle",
        help: "write docs/lifecycle.md from the transition table",
        run: lifecycle::run,
    },
    Task {
        name: "faults",
        help: "write docs/robustness.md from the names of the tests",
        run: faults::run,
    },
    Task {
        name: "bless",
        help: "rewrite the compile errors that the tests expect, and the baseline of the benches (needs valgrind), from what they are now",
        run: bless::run,
    },
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next();
    let task = TASKS.iter().find(|task| Some(task.name) == name.as_deref());
    match (task, arguments.next()) {
        (Some(task), None) => match (task.run)() {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                eprintln!("{}: {why}", task.name);
                ExitCode::FAILURE
            }
        },
        (Some(task), Some(extra)) => {
            eprintln!("{} takes no argument such as {extra:?}", task.name);
            ExitCode::from(2)
        }
        (None, _) => {
            if let Some(name) = &name {
                eprintln!("no task is called {name:?}; the tasks are:");
            }
            for task in TASKS {
                println!("{:20} {}", task.name, task.help);
            }
            if name.is_some() {
                ExitCode::from(2)
            } else {
                ExitCode::SUCCESS
            }
        }
    }
}
