//! Recurring tasks: what a contributor types and what continuous integration runs are the same.

mod bench;
mod bless;
mod ci;
mod command;
mod conformance;
mod deny;
mod faults;
mod fuzz;
mod http;
mod interop;
mod lifecycle;
mod mutants;
mod preface;
mod python;
mod shuttle;
mod simulate;
mod tally;
mod tidy;
mod trials;
mod weight;

use std::process::ExitCode;

use bench::{guard_auth, guard_client, guard_http, guard_stdio};

/// What a task's outcome is: nothing to say, or why it failed.
type Outcome = Result<(), String>;

/// A task: its name, what it does, and the function that does it.
struct Task<Run = fn() -> Outcome> {
    name: &'static str,
    help: &'static str,
    run: Run,
}

/// What does a task that is told more than its name.
type Told = fn(&[String]) -> Outcome;

/// The tasks that are told more than their name, in the order in which they are listed.
const TOLD: &[Task<Told>] = &[
    Task {
        name: "bench",
        help: "ours against the floor and others, into docs/performance.md; --quick, --only NAME, --page",
        run: bench::run,
    },
    Task {
        name: "fuzz",
        help: "every fuzz target for a few seconds, always the same; --long MINUTES [TARGET…] each, from a new seed",
        run: fuzz::run,
    },
];

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
        name: "preface",
        help: "HTTP/2 spoken to a server that was built without it",
        run: preface::run,
    },
    Task {
        name: "bench-instructions",
        help: "instructions per call over stdio, against the floor (needs valgrind)",
        run: guard_stdio::run,
    },
    Task {
        name: "bench-http",
        help: "instructions per call over HTTP, against the floor, and what sessions leave in memory (needs valgrind)",
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
        name: "simulate",
        help: "clients and servers in virtual time over 10,000 seeds; SIM_SEED=… cargo test --test simulation shows one",
        run: simulate::run,
    },
    Task {
        name: "nginx",
        help: "our server behind nginx, with nothing said and as the guide says (needs nginx)",
        run: trials::nginx,
    },
    Task {
        name: "soak",
        help: "half an hour of calls of every kind, while pieces are stalled, cut and corrupted",
        run: trials::soak,
    },
    Task {
        name: "soak-minute",
        help: "one minute of that, as continuous integration runs it",
        run: trials::soak_minute,
    },
    Task {
        name: "scale",
        help: "100,000 sessions, 10,000 streams, 10,000 slow readers: what is held of them",
        run: trials::scale,
    },
    Task {
        name: "scale-part",
        help: "a part of them, as continuous integration runs it",
        run: trials::scale_part,
    },
    Task {
        name: "shuttle",
        help: "threads that meet in our own code, in thousands of orders",
        run: shuttle::run,
    },
    Task {
        name: "deny",
        help: "licences, sources and bans of everything that is depended on",
        run: deny::run,
    },
    Task {
        name: "mutants",
        help: "what changed in mcp-core since all of it was tried, turned wrong in small ways that a test must notice",
        run: mutants::run,
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
    let Some(name) = arguments.next() else {
        list();
        return ExitCode::SUCCESS;
    };
    let words: Vec<String> = arguments.collect();
    let told = TOLD.iter().find(|task| task.name == name);
    let task = TASKS.iter().find(|task| task.name == name);
    let outcome = match (told, task, words.first()) {
        (Some(task), _, _) => (task.run)(&words),
        (None, Some(task), None) => (task.run)(),
        (None, Some(_), Some(extra)) => {
            eprintln!("{name} takes no argument such as {extra:?}");
            return ExitCode::from(2);
        }
        (None, None, _) => {
            eprintln!("no task is called {name:?}; the tasks are:");
            list();
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{name}: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the tasks.
fn list() {
    let told = TOLD.iter().map(|task| (task.name, task.help));
    let tasks = TASKS.iter().map(|task| (task.name, task.help));
    for (name, help) in tasks.chain(told) {
        println!("{name:20} {help}");
    }
}
