//! The program that asks: `bench/load`.

use std::process::{Command, Stdio};

use super::packages::binary;
use crate::command::output_of;
use crate::http::Server;

/// The processors: that of the servers and that of who asks, if there are two to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cores(Option<(usize, usize)>);

impl Cores {
    /// The first two processors that this program may use, if programs can be kept on one.
    pub(crate) fn find() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let allowed = status
            .lines()
            .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))
            .map(listed)
            .unwrap_or_default();
        let two = allowed.first().copied().zip(allowed.get(1).copied());
        let found = Self(two);
        let works = output_of(found.on_server_core(&Command::new("true"))).is_ok();
        if works { found } else { Self(None) }
    }

    /// All processors for everybody.
    pub(crate) fn all() -> Self {
        Self(None)
    }

    /// Says how programs are kept apart.
    pub(crate) fn describe(self) -> &'static str {
        match self.0 {
            Some(_) => "the server alone on one processor, who asks on another",
            None => "nothing is pinned: here the system chooses who runs where",
        }
    }

    /// The command, on the processor of the servers.
    pub(crate) fn on_server_core(self, command: &Command) -> Command {
        let Some((server, _)) = self.0 else {
            return again(command);
        };
        let mut pinned = load();
        pinned.args(["on", &server.to_string(), "--"]);
        pinned.arg(command.get_program()).args(command.get_args());
        pinned
    }

    /// What the load generator is told of processors.
    fn told(self) -> Vec<String> {
        self.0.map_or_else(Vec::new, |(server, own)| {
            let (server, own) = (server.to_string(), own.to_string());
            ["--server-core", &server, "--core", &own]
                .map(str::to_owned)
                .to_vec()
        })
    }
}

/// The numbers in a list such as `0,2-3`.
fn listed(list: &str) -> Vec<usize> {
    let ranges = list.trim().split(',').filter_map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Some(first.parse().ok()?..=last.parse().ok()?)
    });
    ranges.flatten().collect()
}

/// The same program with the same arguments.
fn again(command: &Command) -> Command {
    let mut again = Command::new(command.get_program());
    again.args(command.get_args());
    again
}

fn load() -> Command {
    Command::new(binary("bench-load"))
}

/// What the load generator says of a server over HTTP.
///
/// # Errors
///
/// What it could not do.
pub(crate) fn ask_http(cores: Cores, server: &Server, told: &[String]) -> Result<Said, String> {
    let mut command = load();
    command
        .args(["http", &server.address().to_string()])
        .args(["--pid", &server.id().to_string()])
        .args(cores.told())
        .args(told);
    said(command)
}

/// What it says of the memory of a server.
///
/// # Errors
///
/// What it could not do.
pub(crate) fn ask_memory(server: &Server, told: &[String]) -> Result<Said, String> {
    let mut command = load();
    command
        .args(["hold", &server.address().to_string()])
        .args(["--pid", &server.id().to_string()])
        .args(told);
    said(command)
}

/// What it says of a program that it starts: with `task` `stdio`, `start` or `cpu`.
///
/// # Errors
///
/// What it could not do.
pub(crate) fn ask_program(
    cores: Cores,
    task: &[&str],
    told: &[String],
    program: &Command,
) -> Result<Said, String> {
    let mut command = load();
    command
        .args(task)
        .args(cores.told())
        .args(told)
        .arg("--")
        .arg(program.get_program())
        .args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    said(command)
}

/// Figures by their names.
#[derive(Debug, PartialEq)]
pub(crate) struct Said(Vec<(String, f64)>);

impl Said {
    /// One of the figures.
    ///
    /// # Errors
    ///
    /// That it is not among them.
    pub(crate) fn figure(&self, name: &str) -> Result<f64, String> {
        let found = self.figures().find(|(other, _)| *other == name);
        let (_, value) = found.ok_or_else(|| format!("the load generator said no {name}"))?;
        Ok(value)
    }

    /// The figures.
    pub(crate) fn figures(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    fn read(text: &str) -> Result<Self, String> {
        let figures = text.lines().map(|line| {
            let (name, value) = line.split_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        let figures: Option<_> = figures.collect();
        figures
            .map(Self)
            .ok_or_else(|| format!("the load generator said {text:?}"))
    }
}

/// Runs the load generator. What it and the server complain of becomes the error.
fn said(mut command: Command) -> Result<Said, String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| format!("bench-load: {error}"))?;
    if output.status.success() {
        return Said::read(&String::from_utf8_lossy(&output.stdout));
    }
    let why = String::from_utf8_lossy(&output.stderr);
    Err(match why.lines().last() {
        Some(_) => why.trim().to_owned(),
        None => format!("the load generator ended with {}", output.status),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_processors_has_numbers_and_ranges() {
        assert_eq!(listed("\t0-1\n"), [0, 1]);
        assert_eq!(listed("3,5-6"), [3, 5, 6]);
        assert!(listed("").is_empty());
    }

    #[test]
    fn figures_are_read_by_name() {
        let said = Said::read("calls 12.000\ncpu_us 3.5\n").unwrap();
        let figures: Vec<_> = said.figures().collect();
        assert_eq!(figures, [("calls", 12.0), ("cpu_us", 3.5)]);
        assert!(Said::read("nothing").is_err());
    }
}
