//! `bench-http`: what a small `tools/call` over HTTP costs, against the floor, and what sessions
//! hold that nobody uses.

use std::path::PathBuf;
use std::process::Command;

use crate::Outcome;
use crate::callgrind::instructions_per_call;
use crate::command::{command, release_dir, run as run_command};
use crate::http::{Connection, Server};
use crate::sessions;

/// The headers of a call of 2026-07-28.
const HEADERS: [(&str, &str); 3] = [
    ("mcp-protocol-version", "2026-07-28"),
    ("mcp-method", "tools/call"),
    ("mcp-name", "add"),
];

/// Builds the programs, checks their answers, counts, and prints the figures.
pub(crate) fn run() -> Outcome {
    run_command(command(
        "cargo",
        &["build", "--quiet", "--release", "--package", "bench-http"],
    ))?;
    let floor = measure("http-floor")?;
    let ours = measure("http-ours")?;
    println!("ratio http_modern_call_vs_floor {:.3}", ours / floor);
    sessions::run(&program("http-ours"))
}

/// The executable of a program of the `bench-http` package.
fn program(name: &str) -> PathBuf {
    release_dir().join(name)
}

/// Checks the answers of a program, then counts and prints its instructions per call.
fn measure(name: &str) -> Result<f64, String> {
    let path = program(name);
    converse(Command::new(&path), 3).map_err(|why| format!("{name}: {why}"))?;
    let count = instructions_per_call(name, &path, converse)?;
    println!("{name:14} 2026-07-28  {count:8.0} instructions per call");
    Ok(count)
}

/// Starts a program, makes `calls` calls one after the other on one connection, and ends it.
fn converse(command: Command, calls: u64) -> Outcome {
    let server = Server::start(command, &[])?;
    let mut connection = server.connect()?;
    for id in 1..=calls {
        call(&mut connection, id)?;
    }
    drop(connection);
    server.stop()
}

/// One call of `add`, whose answer must be the sum.
fn call(connection: &mut Connection, number: u64) -> Outcome {
    let (id, a, b) = (1_000_000 + number, number % 10, 40 + number % 10);
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{{"name":"bench","version":"1.0.0"}},"io.modelcontextprotocol/clientCapabilities":{{}}}},"name":"add","arguments":{{"a":{a},"b":{b}}}}}}}"#
    );
    let answer = connection.post(&HEADERS, &body)?;
    let right = answer.status == 200
        && answer.body.contains(&format!("\"id\":{id}"))
        && answer.body.contains(&format!("\"text\":\"{}\"", a + b));
    if right {
        Ok(())
    } else {
        Err(format!(
            "{a} + {b} was answered with {} {}",
            answer.status, answer.body
        ))
    }
}
