//! `bench-instructions`: what a small `tools/call` over stdio costs, against the floor.

use std::path::PathBuf;
use std::process::Command;

use super::baseline::{self, Ratio};
use super::callgrind::{Cost, cost_of_a_call};
use super::dialogue::{Conversation, Dialogue};
use super::figures::{FLOOR, OURS};
use super::{check, packages};
use crate::Outcome;

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

/// A program that serves the benched tools.
struct Program {
    /// The name under which its figure is printed.
    label: &'static str,
    /// The executable.
    path: PathBuf,
    /// How many tools it has.
    tools: &'static str,
}

/// The figures of one program, one for each dialogue.
struct Figures {
    legacy: Cost,
    modern: Cost,
}

/// Counts, and holds the ratios against the baseline.
pub(crate) fn run() -> Outcome {
    baseline::check(&ratios()?)
}

/// Builds the programs, checks their answers, counts, and prints the counts.
///
/// Each ratio is the worse one of the two dialogues.
pub(crate) fn ratios() -> Result<Vec<Ratio>, String> {
    packages::build("floor", &[])?;
    packages::build("ours", &[])?;
    check::plainly(FLOOR)?;
    check::plainly(OURS)?;
    let floor = measure(&program("floor", "bench-floor", "1"))?;
    let ours = measure(&program("ours", "bench-ours", "1"))?;
    let crowded = measure(&program("ours-500-tools", "bench-ours", "500"))?;
    ours.modern
        .print_allocations("stdio_modern_allocations_beyond_floor", floor.modern);
    Ok(vec![
        ("stdio_call_vs_floor", worse_ratio(&ours, &floor)),
        ("stdio_500_tools_vs_1", worse_ratio(&crowded, &ours)),
    ])
}

/// A program by the name of its executable.
fn program(label: &'static str, executable: &str, tools: &'static str) -> Program {
    Program {
        label,
        path: packages::binary(executable),
        tools,
    }
}

/// Checks the answers of `program`, then counts and prints its instructions per call.
fn measure(program: &Program) -> Result<Figures, String> {
    let count = |dialogue: &Dialogue| {
        let converse = |mut command: Command, calls| {
            command.args(["stdio", "--tools", program.tools]);
            Conversation::start(command)?.hold(dialogue, calls)
        };
        let label = format!("{}-{}", program.label, dialogue.label);
        converse(Command::new(&program.path), 3).map_err(|why| format!("{label}: {why}"))?;
        let cost = cost_of_a_call(&label, &program.path, converse)?;
        cost.print(program.label, dialogue.label);
        Ok::<_, String>(cost)
    };
    Ok(Figures {
        legacy: count(&LEGACY)?,
        modern: count(&MODERN)?,
    })
}

/// How many times as much the first costs, in the dialogue where it does worse.
fn worse_ratio(one: &Figures, other: &Figures) -> f64 {
    let legacy = one.legacy.ratio(other.legacy);
    legacy.max(one.modern.ratio(other.modern))
}
