//! The command line.

use std::process::Command;
use std::time::Duration;

use crate::call::{Call, Era};
use crate::{HELP, Outcome};

/// What the command line says.
pub struct Options {
    /// The first word.
    pub task: String,
    /// The second word, which is an address or a processor.
    pub target: String,
    pub era: Era,
    pub call: Call,
    pub connections: usize,
    pub in_flight: usize,
    pub until: Until,
    pub pid: Option<u32>,
    pub what: What,
    pub count: usize,
    pub core: Option<usize>,
    pub server_core: Option<usize>,
    program: Vec<String>,
}

/// When it is over.
#[derive(Clone, Copy)]
pub enum Until {
    /// After this time.
    Time(Duration),
    /// After so many calls, and the processor time does not matter.
    Calls(u64),
}

/// What is held open.
#[derive(Clone, Copy)]
pub enum What {
    Sessions,
    Streams,
    Calls,
}

impl Options {
    /// Reads the words after the program's name.
    pub fn read(mut words: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut options = Self {
            task: words.next().ok_or(HELP)?,
            target: String::new(),
            era: Era::Modern,
            call: Call::Add,
            connections: 1,
            in_flight: 1,
            until: Until::Time(Duration::from_millis(500)),
            pid: None,
            what: What::Sessions,
            count: 100,
            core: None,
            server_core: None,
            program: Vec::new(),
        };
        while let Some(word) = words.next() {
            if word == "--" {
                options.program = words.by_ref().collect();
            } else if let Some(name) = word.strip_prefix("--") {
                let value = words.next().ok_or(HELP)?;
                options.set(name, &value)?;
            } else {
                options.target = word;
            }
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str) -> Outcome {
        match name {
            "era" => self.era = Era::read(value)?,
            "call" => self.call = Call::read(value)?,
            "connections" => self.connections = number(value)?,
            "in-flight" => self.in_flight = number(value)?,
            "millis" => self.until = Until::Time(Duration::from_millis(number(value)? as u64)),
            "calls" => self.until = Until::Calls(number(value)? as u64),
            "pid" => self.pid = Some(value.parse().map_err(|_| HELP)?),
            "count" => self.count = number(value)?,
            "core" => self.core = Some(number(value)?),
            "server-core" => self.server_core = Some(number(value)?),
            "what" => {
                self.what = match value {
                    "sessions" => What::Sessions,
                    "streams" => What::Streams,
                    "calls" => What::Calls,
                    _ => return Err(HELP.to_owned()),
                };
            }
            _ => return Err(HELP.to_owned()),
        }
        Ok(())
    }

    /// The program after `--`.
    pub fn command(&self) -> Outcome<Command> {
        let (program, arguments) = self.program.split_first().ok_or(HELP)?;
        let mut command = Command::new(program);
        command.args(arguments);
        Ok(command)
    }
}

fn number(text: &str) -> Outcome<usize> {
    text.parse().map_err(|_| HELP.to_owned())
}
