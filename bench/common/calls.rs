//! What every client under `bench/` is told after the word `client`:
//! `[--legacy] [--in-flight N] (http ADDRESS CALLS | stdio CALLS COMMAND [ARGUMENT...] | memory CALLS)`.

use std::net::SocketAddr;

use super::options::{number, usage};

/// Where the server is.
pub enum Target {
    /// There, at the path `/mcp`.
    Http(SocketAddr),
    /// A program, and its arguments, to be started and talked to.
    Stdio(String, Vec<String>),
    /// In this process, of our own making.
    Memory,
}

/// The calls of `add` to make.
pub struct Calls {
    pub target: Target,
    /// Whether to shake hands as in 2025-11-25.
    pub legacy: bool,
    /// How many are made at once.
    pub in_flight: u64,
    /// How many are made in all.
    pub calls: u64,
}

impl Calls {
    /// Reads the command line, or ends the process with status 2.
    pub fn read(words: Vec<String>) -> Self {
        let mut words = words.into_iter();
        let (mut legacy, mut in_flight) = (false, 1);
        loop {
            let (target, calls) = match words.next().as_deref() {
                Some("--legacy") => {
                    legacy = true;
                    continue;
                }
                Some("--in-flight") => {
                    in_flight = number(words.next());
                    continue;
                }
                Some("http") => (Target::Http(number(words.next())), number(words.next())),
                Some("stdio") => {
                    let calls = number(words.next());
                    let program = words.next().unwrap_or_else(|| usage());
                    (Target::Stdio(program, words.collect()), calls)
                }
                Some("memory") => (Target::Memory, number(words.next())),
                _ => usage(),
            };
            return Self {
                target,
                legacy,
                in_flight,
                calls,
            };
        }
    }

    /// How many calls each of those makes who call at once, one after the other.
    pub fn shares(&self) -> impl Iterator<Item = u64> + use<> {
        let (calls, in_flight) = (self.calls, self.in_flight);
        (0..in_flight).map(move |lane| calls / in_flight + u64::from(lane < calls % in_flight))
    }

    /// Says that all were answered rightly.
    pub fn done(&self) {
        println!("done {}", self.calls);
    }
}
