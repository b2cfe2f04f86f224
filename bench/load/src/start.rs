//! How long it takes from the start of a program to its first answer.

use std::time::Instant;

use crate::Outcome;
use crate::call::{Call, Request};
use crate::options::Options;
use crate::process::resident_bytes;
use crate::speak::Peer;
use crate::stdio::Program;
use crate::tell::figure;

/// Starts the program of the options, which speaks over its pipes or says `listening ADDRESS`, and
/// prints the time until a first call of it was answered, and the memory it has in use then.
pub fn run(options: &Options) -> Outcome {
    let start = Instant::now();
    let mut program = Program::start(options)?;
    if options.target == "http" {
        let line = program.receive()?;
        let line = String::from_utf8_lossy(&line).into_owned();
        let address = line
            .strip_prefix("listening ")
            .ok_or("it does not listen")?;
        let mut peer = Peer::connect(address.trim())?;
        let session = peer.open(options.era)?;
        peer.call(Call::Add, options.era, session.as_deref())?;
        tell(start, &program)?;
        return program.kill();
    }
    program.open(options.era)?;
    let request = Request::line(Call::Add, options.era);
    program.send(&request.bytes)?;
    crate::sample::check(&request, &program.receive()?)?;
    tell(start, &program)?;
    program.end()
}

fn tell(start: Instant, program: &Program) -> Outcome {
    figure("start_us", start.elapsed().as_secs_f64() * 1e6);
    figure("bytes_idle", resident_bytes(program.id())?);
    Ok(())
}
