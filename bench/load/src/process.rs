//! What the system says of a program.

use std::fs::{read_dir, read_to_string};

use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;

use crate::Outcome;
use crate::tell::failed;

/// Keeps this program, and what it starts, on one processor.
pub fn pin(core: usize) -> Outcome {
    let mut cores = CpuSet::new();
    cores.set(core).map_err(failed("the processor"))?;
    sched_setaffinity(Pid::from_raw(0), &cores).map_err(failed("the processor"))
}

/// The microseconds that all threads of a program have had a processor.
pub fn processor_time(pid: u32) -> Outcome<f64> {
    let tasks = format!("/proc/{pid}/task");
    let mut nanoseconds = 0.0;
    for task in read_dir(&tasks).map_err(failed(&tasks))? {
        let path = task.map_err(failed(&tasks))?.path().join("schedstat");
        // A thread may end while we look.
        let Ok(told) = read_to_string(&path) else {
            continue;
        };
        let first = told.split(' ').next().and_then(|text| text.parse().ok());
        nanoseconds += first.unwrap_or(0.0);
    }
    Ok(nanoseconds / 1e3)
}

/// The bytes of memory that a program has in use.
pub fn resident_bytes(pid: u32) -> Outcome<f64> {
    let path = format!("/proc/{pid}/status");
    let status = read_to_string(&path).map_err(failed(&path))?;
    let kibibytes = status.lines().find_map(|line| {
        let text = line.strip_prefix("VmRSS:")?.strip_suffix("kB")?;
        text.trim().parse::<f64>().ok()
    });
    Ok(kibibytes.ok_or_else(|| format!("{path} tells no resident size"))? * 1024.0)
}
