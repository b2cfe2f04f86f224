//! Many seeds, or one that failed: `SIM_SEED` shows a run, `SIM_SEEDS` says how many there are.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::diary::{Counts, Diary};

/// Runs `world` with the seeds from 0, on every processor, and prints what they covered. A run in
/// which one of `kinds` never happened proves nothing, and fails.
pub(crate) fn run(what: &str, usual: u64, kinds: &[&str], world: fn(u64) -> Diary) {
    if let Some(seed) = number("SIM_SEED") {
        let (lines, counts) = world(seed).close();
        println!("{}\n{counts:?}", lines.join("\n"));
        return;
    }
    let seeds = number("SIM_SEEDS").unwrap_or(usual);
    let counts = all(seeds, world);
    let covered: Vec<String> = kinds
        .iter()
        .map(|kind| format!("{} {kind}", counts.get(kind).unwrap_or(&0)))
        .collect();
    println!("simulated {what}: {seeds} seeds; {}", covered.join(", "));
    let missing: Vec<_> = kinds.iter().filter(|k| !counts.contains_key(*k)).collect();
    assert!(missing.is_empty(), "{what}: {missing:?} never happened");
    let unknown: Vec<_> = counts.keys().filter(|k| !kinds.contains(k)).collect();
    assert!(unknown.is_empty(), "{what}: {unknown:?} is not asked for");
}

/// One seed leads to one run.
pub(crate) fn assert_replayed(seed: u64, world: fn(u64) -> Diary) {
    let (once, again) = (world(seed).close(), world(seed).close());
    assert!(once.0.len() > 10, "little happened: {once:?}");
    assert_eq!(once, again);
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

fn all(seeds: u64, world: fn(u64) -> Diary) -> Counts {
    let next = AtomicU64::new(0);
    let counts = Mutex::new(Counts::new());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                return;
            }
            let (_, seen) = world(seed).close();
            let mut counts = counts.lock().expect("no seed has failed");
            for (kind, count) in seen {
                *counts.entry(kind).or_default() += count;
            }
        }
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 1..processors {
            scope.spawn(work);
        }
        work();
    });
    counts.into_inner().expect("no seed has failed")
}
