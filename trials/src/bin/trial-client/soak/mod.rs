//! Calls of every kind, over every way there is, for as long as is wanted: half of the ways do no
//! harm, and no call may fail there; on the others one piece in a hundred meets a fault, and a call
//! may fail, but each has one end, and no answer is another's.

mod memory;
mod raw;
mod tally;
mod way;
mod work;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;
use toolwright::Revision;
use trials::dice::Dice;
use trials::faulty::{Counts, Faulty};
use trials::process;
use trials::settings::Settings;

use crate::Outcome;
use crate::scale::{self, Subject};
use tally::{Faults, Tally};
use way::{Pipe, Way};

/// One piece in so many meets a fault.
const ONE_IN: usize = 100;

/// Longer than the server keeps a session in which nothing happens, and looks for such.
const FORGOTTEN: Duration = Duration::from_secs(12);

/// Runs until the time is over, prints what was counted, and looks at what is left.
pub(crate) async fn run(settings: &Settings) -> Outcome {
    let server = Subject::of(settings)?;
    server.ask("running").await?;
    let base = process::descriptors(server.process)?;
    let length = Duration::from_secs(settings.need("seconds")?);
    let watched = [("server", server.process), ("client", std::process::id())];
    let memory = tokio::spawn(memory::watch(watched, length));

    let counts = Arc::new(Counts::default());
    let tallies = [
        Tally::new("direct", Faults::None),
        Tally::new("http", Faults::Happen),
        Tally::new("stdio", Faults::Happen),
    ];
    let until = Instant::now() + length;
    let mut workers = workers(server.address, settings, until, &tallies, &counts)?;
    while let Some(ended) = workers.join_next().await {
        ended?;
    }
    counts.print("stdio");
    tallies.iter().for_each(|tally| tally.print());
    let mut broken: Vec<String> = tallies.iter().flat_map(|tally| tally.broken()).collect();
    broken.extend(memory.await??);

    // What clients left behind who could not say good-bye has its time to end, too.
    server.rest(base).await?;
    server.running(0).await?;
    println!("count descriptors_at_rest {base}");
    tokio::time::sleep(FORGOTTEN).await;
    scale::all_free(server, settings.need("sessions")?).await?;
    match broken.len() {
        0 => Ok(()),
        count => {
            broken.truncate(10);
            Err(format!("{count} promises were broken:\n{}", broken.join("\n")).into())
        }
    }
}

/// Starts everybody who makes calls.
fn workers(
    direct: SocketAddr,
    settings: &Settings,
    until: Instant,
    [clean, over_http, over_stdio]: &[Arc<Tally>; 3],
    counts: &Arc<Counts>,
) -> Result<JoinSet<()>, String> {
    let faulty = settings.need("faulty")?;
    let program: String = settings.need("program")?;
    let mut dice = Dice::new(settings.need("seed")?);
    let mut faults = Faulty::new(dice.split(), ONE_IN, Arc::clone(counts));
    let mut workers = JoinSet::new();
    for revision in [
        Revision::V2026_07_28,
        Revision::V2025_11_25,
        Revision::V2025_06_18,
    ] {
        let pipe = Pipe::new(program.clone(), faults.split());
        for (way, tally) in [
            (Way::Http(direct), clean),
            (Way::Child(program.clone()), clean),
            (Way::Http(faulty), over_http),
            (Way::Http(faulty), over_http),
            (Way::Pipe(pipe), over_stdio),
        ] {
            let dice = dice.split();
            workers.spawn(work::run(way, revision, dice, until, Arc::clone(tally)));
        }
    }
    workers.spawn(raw::run(direct, dice.split(), until, Arc::clone(clean)));
    workers.spawn(raw::run(faulty, dice.split(), until, Arc::clone(over_http)));
    Ok(workers)
}
