//! `soak`: calls of every kind for half an hour, half of them through what stalls, cuts and corrupts.

use std::collections::BTreeMap;

use crate::Outcome;
use crate::command::{command, run_seeing};
use crate::http::Server;

use super::programs::{Build, Programs, setting};

/// How many sessions there may be: more than are in use at any time.
const SESSIONS: u32 = 100;

/// How many calls share a pipe, at most: those that the client makes at once.
const AT_ONCE: u64 = 8;

/// Half an hour.
pub(crate) fn run() -> Outcome {
    last(30 * 60)
}

/// One minute.
pub(crate) fn minute() -> Outcome {
    last(60)
}

fn last(seconds: u32) -> Outcome {
    const DESCRIPTORS: u32 = 1024;
    let programs = Programs::build(Build::Checked)?;
    let server = programs.server(
        DESCRIPTORS,
        &[
            setting("sessions", SESSIONS),
            // What is left by those who were cut off has to be gone soon after.
            setting("session_idle", 5),
            setting("call_timeout", 10),
            setting("ask_timeout", 10),
        ],
    )?;
    // Another seed finds other faults; this one finds the same again.
    let seed = std::env::var("SOAK_SEED").unwrap_or_else(|_| "1".to_owned());
    println!("seed {seed} (SOAK_SEED)");
    let proxy = programs.path("trial-proxy");
    let proxy = Server::start_at(|address| {
        let mut proxy = command(&proxy.to_string_lossy(), &[&address.to_string()]);
        proxy.arg(setting("server", server.address()));
        proxy.arg(setting("seed", &seed)).arg("one_in=100");
        proxy.stdout(std::process::Stdio::piped());
        proxy
    })?;
    let mut client = programs.client("soak", DESCRIPTORS, &server)?;
    client
        .arg(setting("faulty", proxy.address()))
        .arg(setting("program", programs.path("trial-server").display()))
        .arg(setting("seconds", seconds))
        .arg(setting("sessions", SESSIONS))
        .arg(setting("seed", &seed));
    let mut seen = Seen::default();
    let soaked = run_seeing(client, |line| seen.read(line));
    let told = proxy.stop_hearing()?;
    for line in told.lines() {
        println!("{line}");
        seen.read(line);
    }
    soaked?;
    server.stop()?;
    seen.judge()
}

/// What the programs counted.
#[derive(Default)]
struct Seen {
    faults: BTreeMap<String, u64>,
    counts: BTreeMap<String, u64>,
}

impl Seen {
    /// Takes note of a line such as `fault http_cut_to_client 3` or `count http_calls 40`.
    fn read(&mut self, line: &str) {
        let mut words = line.split(' ');
        let all = match words.next() {
            Some("fault") => &mut self.faults,
            Some("count") => &mut self.counts,
            _ => return,
        };
        let (name, count) = (words.next(), words.next().map(str::parse));
        if let (Some(name), Some(Ok(count))) = (name, count) {
            all.insert(name.to_owned(), count);
        }
    }

    /// A run in which something did not happen shows nothing about it.
    fn judge(&self) -> Outcome {
        self.all_faults_happened()?;
        self.nothing_was_idle()?;
        // Over HTTP/1.1 a call has its connection to itself while it lasts; a pipe is shared.
        self.failed_by_faults("http", 1)?;
        self.failed_by_faults("stdio", AT_ONCE)
    }

    /// Stalls, what is withheld, cuts and corruptions, both ways, over HTTP and pipes.
    fn all_faults_happened(&self) -> Outcome {
        const KINDS: usize = 4 * 2 * 2;
        let happened = self.faults.values().filter(|count| **count > 0).count();
        let all: u64 = self.faults.values().sum();
        println!("soak: {all} faults of {happened} kinds");
        match happened == KINDS {
            true => Ok(()),
            false => Err(format!(
                "of {KINDS} kinds of faults only {happened} happened"
            )),
        }
    }

    /// Every kind of work was done, on every way.
    fn nothing_was_idle(&self) -> Outcome {
        for way in ["direct", "http", "stdio"] {
            for work in [
                "answered",
                "cancelled",
                "asked",
                "reports",
                "changes",
                "opened",
            ] {
                let name = format!("{way}_{work}");
                if self.counts.get(&name).is_none_or(|count| *count == 0) {
                    return Err(format!("{name} is nothing"));
                }
            }
        }
        Ok(())
    }

    /// No more calls failed on a way than its faults can have hit.
    fn failed_by_faults(&self, way: &str, calls_of_a_fault: u64) -> Outcome {
        let of_way = self.faults.iter().filter(|(name, _)| name.starts_with(way));
        let faults: u64 = of_way.map(|(_, count)| count).sum();
        let failed = ["failed", "refused"].map(|what| {
            let count = self.counts.get(&format!("{way}_{what}"));
            count.copied().unwrap_or(0)
        });
        let failed: u64 = failed.iter().sum();
        match failed <= faults * calls_of_a_fault {
            true => Ok(()),
            false => Err(format!("{failed} calls failed by {faults} faults ({way})")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a run prints in which all went well.
    fn good() -> Seen {
        let mut seen = Seen::default();
        for way in ["direct", "http", "stdio"] {
            for work in [
                "answered",
                "cancelled",
                "asked",
                "reports",
                "changes",
                "opened",
            ] {
                seen.read(&format!("count {way}_{work} 7"));
            }
            for number in 0..if way == "direct" { 0 } else { 8 } {
                seen.read(&format!("fault {way}_{number} 1"));
            }
        }
        seen
    }

    #[test]
    fn a_run_without_some_fault_or_some_work_has_failed() {
        assert_eq!(good().judge(), Ok(()));
        let mut without = good();
        without.read("fault http_3 0");
        assert!(without.judge().is_err());
        let mut without = good();
        without.read("count stdio_asked 0");
        assert!(without.judge().is_err());
    }

    #[test]
    fn more_calls_cannot_fail_than_faults_have_hit() {
        let mut seen = good();
        seen.read("count http_failed 8");
        seen.read("count stdio_failed 64");
        assert_eq!(seen.judge(), Ok(()));
        seen.read("count http_refused 1");
        assert!(seen.judge().is_err());
    }
}
