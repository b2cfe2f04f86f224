//! Counting the instructions of one call with callgrind.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Calls in the short run; past them every buffer and cache of the program has its size.
const FEW: u64 = 200;
/// Calls in the long run.
const MANY: u64 = 1_200;

/// One program to measure.
pub(crate) struct Program {
    /// The name under which its figure is printed.
    pub(crate) label: &'static str,
    /// The executable.
    pub(crate) path: PathBuf,
    /// What it is started with.
    pub(crate) arguments: &'static [&'static str],
}

/// What is said to a program.
pub(crate) struct Dialogue {
    /// The name under which its figure is printed.
    pub(crate) label: &'static str,
    /// Lines sent before the calls; an answer is awaited for each that has an id.
    pub(crate) opening: &'static [&'static str],
    /// One call with `ID`, `A` and `B` in the places of the id and the addends.
    pub(crate) call: &'static str,
}

/// The instructions `program` spends on one call of `dialogue`.
///
/// The program runs twice under callgrind, with [`FEW`] and with [`MANY`] calls, one at a time;
/// the difference is free of what starting and stopping cost.
///
/// # Errors
///
/// What went wrong with valgrind, the program or one of its answers.
pub(crate) fn instructions_per_call(program: &Program, dialogue: &Dialogue) -> Result<f64, String> {
    let few = instructions(program, dialogue, FEW)?;
    let many = instructions(program, dialogue, MANY)?;
    let spent = many
        .checked_sub(few)
        .ok_or("the longer run took fewer instructions")?;
    #[expect(clippy::cast_precision_loss, reason = "both are far below 2^52")]
    Ok(spent as f64 / (MANY - FEW) as f64)
}

/// The instructions of a whole run with so many calls.
fn instructions(program: &Program, dialogue: &Dialogue, calls: u64) -> Result<u64, String> {
    let profile = crate::command::target_dir().join(format!(
        "{}-{}-{calls}.callgrind",
        program.label, dialogue.label
    ));
    let mut under_callgrind = Command::new("valgrind");
    under_callgrind
        .arg("--quiet")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(&program.path)
        .args(program.arguments);
    Conversation::start(under_callgrind)?.hold(dialogue, calls)?;
    total(&profile)
}

/// Checks that `program` answers as it should, without counting anything.
///
/// # Errors
///
/// The answer that differs from what was due.
pub(crate) fn check(program: &Program, dialogue: &Dialogue) -> Result<(), String> {
    let mut command = Command::new(&program.path);
    command.args(program.arguments);
    Conversation::start(command)?
        .hold(dialogue, 3)
        .map_err(|why| format!("{} ({}): {why}", program.label, dialogue.label))
}

/// The total that callgrind wrote at the end of its profile.
fn total(profile: &Path) -> Result<u64, String> {
    let text = std::fs::read_to_string(profile)
        .map_err(|error| format!("{}: {error}", profile.display()))?;
    text.lines()
        .rev()
        .find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok())
        .ok_or_else(|| format!("{} has no totals", profile.display()))
}

/// A running program and the two pipes to it.
struct Conversation {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Conversation {
    /// Starts the program.
    fn start(mut command: Command) -> Result<Self, String> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", command.get_program().to_string_lossy()))?;
        let input = child.stdin.take().expect("the input was asked for");
        let output = child.stdout.take().expect("the output was asked for");
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    /// Says the opening, makes `calls` calls one after the other and ends the conversation.
    fn hold(mut self, dialogue: &Dialogue, calls: u64) -> Result<(), String> {
        for line in dialogue.opening {
            self.send(line)?;
            if line.contains("\"id\":") {
                let answer = self.receive()?;
                if !answer.contains("\"result\":") {
                    return Err(format!("the opening was answered with {answer}"));
                }
            }
        }
        for id in 1..=calls {
            let (a, b) = (id % 10, 40 + id % 10);
            self.send(
                &dialogue
                    .call
                    .replace("ID", &(1_000_000 + id).to_string())
                    .replace("A", &a.to_string())
                    .replace("B", &b.to_string()),
            )?;
            let answer = self.receive()?;
            let right = answer.contains(&format!("\"id\":{}", 1_000_000 + id))
                && answer.contains(&format!("\"text\":\"{}\"", a + b));
            if !right {
                return Err(format!("{a} + {b} was answered with {answer}"));
            }
        }
        drop(self.input);
        let status = self.child.wait().map_err(|error| error.to_string())?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the program ended with {status}"))
        }
    }

    /// Sends one line in one write, so that the program needs one read.
    fn send(&mut self, line: &str) -> Result<(), String> {
        self.input
            .write_all(format!("{line}\n").as_bytes())
            .map_err(|error| format!("a line could not be sent: {error}"))
    }

    /// Waits for one line.
    fn receive(&mut self) -> Result<String, String> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(0) => Err("the program closed its output".to_owned()),
            Ok(_) => Ok(line),
            Err(error) => Err(format!("no answer could be read: {error}")),
        }
    }
}
