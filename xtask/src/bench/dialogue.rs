//! Talking to a program over its standard input and output.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What is said to a program.
pub(crate) struct Dialogue {
    /// The name under which its figure is printed.
    pub(crate) label: &'static str,
    /// Lines sent before the calls; an answer is awaited for each that has an id.
    pub(crate) opening: &'static [&'static str],
    /// One call with `ID`, `A` and `B` in the places of the id and the addends.
    pub(crate) call: &'static str,
}

/// A running program and the two pipes to it.
pub(crate) struct Conversation {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Conversation {
    /// Starts the program.
    ///
    /// # Errors
    ///
    /// Why it could not be started.
    pub(crate) fn start(mut command: Command) -> Result<Self, String> {
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
    ///
    /// # Errors
    ///
    /// The answer that differs from what was due, or how the program failed.
    pub(crate) fn hold(mut self, dialogue: &Dialogue, calls: u64) -> Result<(), String> {
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
        self.end()
    }

    /// Ends the conversation, and waits until the program has ended as well.
    ///
    /// # Errors
    ///
    /// How it ended, if not well.
    pub(crate) fn end(mut self) -> Result<(), String> {
        drop(self.input);
        let status = self.child.wait().map_err(|error| error.to_string())?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the program ended with {status}"))
        }
    }

    /// Sends one line in one write, so that the program needs one read.
    pub(crate) fn send(&mut self, line: &str) -> Result<(), String> {
        self.input
            .write_all(format!("{line}\n").as_bytes())
            .map_err(|error| format!("a line could not be sent: {error}"))
    }

    /// Waits for one line.
    pub(crate) fn receive(&mut self) -> Result<String, String> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(0) => Err("the program closed its output".to_owned()),
            Ok(_) => Ok(line),
            Err(error) => Err(format!("no answer could be read: {error}")),
        }
    }
}
