//! `bench-client`: what a small `tools/call` costs the client, over HTTP, over pipes and in memory,
//! one at a time and many at once, against the floor. The floor answers.

use std::process::{Command, Stdio};

use super::callgrind::{Cost, cost_of_a_call};
use super::guard_http::serve;
use super::packages;
use crate::Outcome;
use crate::command::run as run_command;

/// How many calls are under way at once.
const IN_FLIGHT: [&str; 2] = ["1", "64"];

/// Where the server is, and what a client is told of it before and after the number of calls.
struct Way {
    name: &'static str,
    before: Vec<String>,
    after: Vec<String>,
}

/// Builds the programs, measures, and prints the figures.
pub(crate) fn run() -> Outcome {
    packages::build("floor", &[])?;
    packages::build("ours", &["--features=client", "--bin=bench-ours-client"])?;
    let floor = packages::binary("bench-floor");
    let server = serve(Command::new(&floor), &[])?;
    let http = Way {
        name: "http",
        before: vec!["http".to_owned(), server.address().to_string()],
        after: Vec::new(),
    };
    let stdio = Way {
        name: "stdio",
        before: vec!["stdio".to_owned()],
        after: vec![floor.display().to_string(), "stdio".to_owned()],
    };
    // Client and server in one process: what a test of a server costs.
    let memory = Way {
        name: "memory",
        before: vec!["memory".to_owned()],
        after: Vec::new(),
    };
    for in_flight in IN_FLIGHT {
        for way in [&http, &stdio] {
            let floor = measure("bench-floor", way, in_flight)?;
            let ours = measure("bench-ours-client", way, in_flight)?;
            println!(
                "ratio client_{}_{in_flight}_vs_floor {:.3}",
                way.name,
                ours.ratio(floor)
            );
        }
        measure("bench-ours-client", &memory, in_flight)?;
    }
    server.stop()
}

fn measure(program: &str, way: &Way, in_flight: &str) -> Result<Cost, String> {
    let converse = |mut command: Command, calls: u64| {
        command
            .args(["client", "--in-flight", in_flight])
            .args(&way.before)
            .arg(calls.to_string())
            .args(&way.after)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        run_command(command)
    };
    let dialogue = format!("{} {in_flight}", way.name);
    let label = format!("{program}-client-{}-{in_flight}", way.name);
    let cost = cost_of_a_call(&label, &packages::binary(program), converse)?;
    cost.print(program, &dialogue);
    Ok(cost)
}
