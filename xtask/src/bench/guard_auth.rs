//! `bench-auth`: what a token that was verified before adds to a call over HTTP.
//!
//! In processor time, not instructions: a token is recognised by its SHA-256, for which processors
//! have instructions that valgrind does not.

use std::process::Command;
use std::time::Duration;

use super::guard_http::{HEADERS, META, call, serve};
use super::packages;
use crate::Outcome;
use crate::http::{Connection, Server};

/// How often the two programs take turns, so that what else the machine does meets both.
const TURNS: u64 = 40;

/// Calls of a connection in a turn.
const CALLS: u64 = 100;

/// Connections that call at the same time, so that a program has always something to do: what it
/// costs to wake one up would hide everything else.
const CONNECTIONS: usize = 32;

/// As long as a signed token with a few claims.
const TOKEN_BYTES: usize = 900;

/// Builds the programs, measures, and prints the ratio.
pub(crate) fn run() -> Outcome {
    packages::build("ours", &[])?;
    packages::build("ours", &["--features=auth", "--bin=bench-ours-auth"])?;

    let token = format!("Bearer {}", "t0ken".repeat(TOKEN_BYTES / 5));
    let headers = [&HEADERS[..], &[("authorization", token.as_str())]].concat();
    let mut without = Side::start("bench-ours", &HEADERS)?;
    let mut with = Side::start("bench-ours-auth", &headers)?;
    for _ in 0..TURNS {
        without.turn()?;
        with.turn()?;
    }
    let (without, with) = (without.stop()?, with.stop()?);
    println!("ratio http_auth_call_vs_without {:.3}", with / without);
    Ok(())
}

/// A program, and what was seen of it.
struct Side<'h> {
    name: &'static str,
    headers: &'h [(&'h str, &'h str)],
    server: Server,
    connections: Vec<Connection>,
    calls: u64,
    spent: Duration,
}

impl<'h> Side<'h> {
    /// Starts a program, and has it answer until it has seen everything once.
    fn start(name: &'static str, headers: &'h [(&'h str, &'h str)]) -> Result<Self, String> {
        let server = serve(Command::new(packages::binary(name)), &[])?;
        let connections: Result<_, _> = (0..CONNECTIONS).map(|_| server.connect()).collect();
        let mut side = Self {
            name,
            headers,
            server,
            connections: connections?,
            calls: 0,
            spent: Duration::ZERO,
        };
        side.call_on_all()?;
        Ok(side)
    }

    fn turn(&mut self) -> Outcome {
        let before = self.server.processor_time()?;
        self.calls += self.call_on_all()?;
        self.spent += self.server.processor_time()? - before;
        Ok(())
    }

    /// Makes the calls of a turn, and says how many they are.
    fn call_on_all(&mut self) -> Result<u64, String> {
        let headers = self.headers;
        std::thread::scope(|scope| {
            let callers: Vec<_> = self
                .connections
                .iter_mut()
                .map(|connection| {
                    scope.spawn(move || {
                        (0..CALLS).try_for_each(|id| call(connection, headers, META, id))
                    })
                })
                .collect();
            let calls = CALLS * callers.len() as u64;
            for caller in callers {
                caller.join().map_err(|_| "a caller panicked")??;
            }
            Ok(calls)
        })
    }

    /// Ends the program, and prints and returns its microseconds per call.
    fn stop(self) -> Result<f64, String> {
        drop(self.connections);
        self.server.stop()?;
        let each = self.spent.as_secs_f64() * 1e6 / self.calls as f64;
        println!("{:10} {each:6.2} us of processor time per call", self.name);
        Ok(each)
    }
}
