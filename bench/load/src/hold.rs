//! The memory of what is open and idle.

use std::thread::sleep;
use std::time::Duration;

use crate::Outcome;
use crate::call::{Call, Era};
use crate::options::{Options, What};
use crate::process::resident_bytes;
use crate::speak::Peer;
use crate::tell::figure;

/// How long the server has to put away what it no longer needs.
const REST: Duration = Duration::from_millis(300);

/// How long the calls are under way, in milliseconds.
const HOLD: usize = 3_000;

/// Opens what the options say, and prints the memory of the server before and after.
pub fn run(options: &Options) -> Outcome {
    let pid = options.pid.ok_or("whose memory? --pid")?;
    let memory = || {
        sleep(REST);
        resident_bytes(pid)
    };
    let mut first = Peer::connect(&options.target)?;
    let (before, after) = match options.what {
        What::Sessions => {
            let session = first.open(Era::Session)?;
            let session = session.ok_or("the server gives no session")?;
            first.call(Call::Add, Era::Session, Some(&session))?;
            let before = memory()?;
            for _ in 0..options.count {
                first.open(Era::Session)?;
            }
            (before, memory()?)
        }
        What::Streams => {
            first.call(Call::Add, Era::Modern, None)?;
            let mut peers = vec![listen(&options.target)?];
            let before = memory()?;
            for _ in 0..options.count {
                peers.push(listen(&options.target)?);
            }
            (before, memory()?)
        }
        What::Calls => {
            let mut peers = Vec::new();
            for _ in 0..options.count {
                let mut peer = Peer::connect(&options.target)?;
                let session = peer.open(options.era)?;
                peer.call(Call::Add, options.era, session.as_deref())?;
                peers.push((peer, session));
            }
            let before = memory()?;
            let mut requests = Vec::new();
            for (peer, session) in &mut peers {
                let request = peer.request(Call::Hold(HOLD), options.era, session.as_deref());
                peer.send(&request.bytes)?;
                requests.push(request);
            }
            let after = memory()?;
            for ((peer, _), request) in peers.iter_mut().zip(&requests) {
                peer.take(request)?;
            }
            (before, after)
        }
    };
    figure("bytes_before", before);
    figure("bytes_after", after);
    figure("bytes_each", (after - before) / options.count as f64);
    Ok(())
}

/// A connection with an open stream of changes on it.
fn listen(address: &str) -> Outcome<Peer> {
    let mut peer = Peer::connect(address)?;
    let request = peer.request(Call::Listen, Era::Modern, None);
    peer.send(&request.bytes)?;
    peer.receive_until(b"notifications/subscriptions/acknowledged")?;
    Ok(peer)
}
