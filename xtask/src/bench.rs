//! `bench-instructions`: what a small `tools/call` over stdio costs, against the floor.

use crate::Outcome;
use crate::callgrind::{Dialogue, Program, check, instructions_per_call};
use crate::command::{command, release_dir, run as run_command};

/// A client of 2025-11-25: the handshake, then bare calls.
const LEGACY: Dialogue = Dialogue {
    label: "2025-11-25",
    opening: &[
        r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1.0.0"}}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
    ],
    call: r#"{"jsonrpc":"2.0","id":ID,"method":"tools/call","params":{"name":"add","arguments":{"a":A,"b":B}}}"#,
};

/// A client of 2026-07-28: no handshake, and every call carries its own `_meta`.
const MODERN: Dialogue = Dialogue {
    label: "2026-07-28",
    opening: &[],
    call: r#"{"jsonrpc":"2.0","id":ID,"method":"tools/call","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1.0.0"},"io.modelcontextprotocol/clientCapabilities":{}},"name":"add","arguments":{"a":A,"b":B}}}"#,
};

/// Builds the programs, checks their answers, counts, and prints the figures.
pub(crate) fn run() -> Outcome {
    run_command(command(
        "cargo",
        &["build", "--quiet", "--release", "--package", "bench-stdio"],
    ))?;
    let floor = Program {
        label: "floor",
        path: release_dir().join("floor"),
        arguments: &[],
    };
    for dialogue in [&LEGACY, &MODERN] {
        measure(&floor, dialogue)?;
    }
    Ok(())
}

/// Checks the answers of `program`, then counts and prints its instructions per call.
fn measure(program: &Program, dialogue: &Dialogue) -> Result<f64, String> {
    check(program, dialogue)?;
    let count = instructions_per_call(program, dialogue)?;
    println!(
        "{:14} {}  {count:8.0} instructions per call",
        program.label, dialogue.label
    );
    Ok(count)
}
