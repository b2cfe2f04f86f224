//! `bench-http`: what a small `tools/call` over HTTP costs, against the floor, and what is left
//! of sessions that nobody ended.

use std::process::{Command, Stdio};

use super::baseline::{self, Ratio};
use super::callgrind::{Cost, cost_of_a_call};
use super::{packages, sessions};
use crate::Outcome;
use crate::http::{Connection, Server};

/// The headers of a call of 2026-07-28.
pub(crate) const HEADERS: [(&str, &str); 3] = [
    ("mcp-protocol-version", "2026-07-28"),
    ("mcp-method", "tools/call"),
    ("mcp-name", "add"),
];

/// The `_meta` of a call of 2026-07-28, with its comma.
pub(crate) const META: &str = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1.0.0"},"io.modelcontextprotocol/clientCapabilities":{}},"#;

/// How a client calls.
#[derive(Clone, Copy)]
enum Dialogue {
    /// Each call stands alone.
    Modern,
    /// In a session that was opened before.
    Session,
}

/// Counts, holds the ratios against the baseline, and looks at the memory of sessions.
pub(crate) fn run() -> Outcome {
    baseline::check(&ratios()?)?;
    sessions::churned(&packages::binary("bench-ours"))
}

/// Builds the programs, checks their answers, counts, and prints the counts.
pub(crate) fn ratios() -> Result<Vec<Ratio>, String> {
    packages::build("floor", &[])?;
    packages::build("ours", &[])?;
    let floor = measure("bench-floor", Dialogue::Modern)?;
    let ours = measure("bench-ours", Dialogue::Modern)?;
    let session_floor = measure("bench-floor", Dialogue::Session)?;
    let session = measure("bench-ours", Dialogue::Session)?;
    ours.print_allocations("http_modern_allocations_beyond_floor", floor);
    session.print_allocations("http_session_allocations_beyond_floor", session_floor);
    Ok(vec![
        ("http_modern_call_vs_floor", ours.ratio(floor)),
        ("http_session_call_vs_floor", session.ratio(session_floor)),
    ])
}

/// Starts a program that serves one tool, with these arguments besides.
///
/// # Errors
///
/// Why it does not listen.
pub(crate) fn serve(mut command: Command, arguments: &[&str]) -> Result<Server, String> {
    // It would say that it listens, which is found out by a connection.
    command.arg("http").stdout(Stdio::null());
    Server::start(command, &[&["--tools", "1"], arguments].concat())
}

/// Checks the answers of a program, then counts and prints what a call of it costs.
fn measure(name: &str, dialogue: Dialogue) -> Result<Cost, String> {
    let path = packages::binary(name);
    let converse = |command, calls| converse(command, dialogue, calls);
    converse(Command::new(&path), 3).map_err(|why| format!("{name}: {why}"))?;
    let version = match dialogue {
        Dialogue::Modern => "2026-07-28",
        Dialogue::Session => "2025-11-25",
    };
    let cost = cost_of_a_call(&format!("{name}-{version}"), &path, converse)?;
    cost.print(name, version);
    Ok(cost)
}

/// Starts a program, makes `calls` calls one after the other on one connection, and ends it.
fn converse(command: Command, dialogue: Dialogue, calls: u64) -> Outcome {
    let server = serve(command, &[])?;
    let mut connection = server.connect()?;
    let session = match dialogue {
        Dialogue::Modern => String::new(),
        Dialogue::Session => sessions::open(&mut connection)?,
    };
    let within = sessions::within(&session);
    let (headers, meta) = match dialogue {
        Dialogue::Modern => (&HEADERS[..], META),
        Dialogue::Session => (&within[..], ""),
    };
    for id in 1..=calls {
        call(&mut connection, headers, meta, id)?;
    }
    drop(connection);
    server.stop()
}

/// One call of `add`, whose answer must be the sum.
pub(crate) fn call(
    connection: &mut Connection,
    headers: &[(&str, &str)],
    meta: &str,
    number: u64,
) -> Outcome {
    let (id, a, b) = (1_000_000 + number, number % 10, 40 + number % 10);
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{{meta}"name":"add","arguments":{{"a":{a},"b":{b}}}}}}}"#
    );
    let answer = connection.post(headers, &body)?;
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
