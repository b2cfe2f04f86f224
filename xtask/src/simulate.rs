//! `simulate`: clients and servers in virtual time, over as many seeds as it takes to meet what is
//! rare.

use crate::Outcome;
use crate::command::{command, run_seeing};

/// The simulations: the package, and its seeds. The engines alone are quick, whole clients and
/// servers are not.
const SIMULATIONS: &[(&str, u64)] = &[("toolwright-core", 7_500), ("toolwright", 2_500)];

/// What all of them run together, at least.
const SEEDS: u64 = 10_000;

/// Runs every simulation, whose output says what the seeds covered. Each fails by itself when
/// something that it is about never happened. Built as tests are, with every assertion.
pub(crate) fn run() -> Outcome {
    let mut seeds = 0;
    for (package, usual) in SIMULATIONS {
        let mut simulation = command("cargo", &["test", "--package", package]);
        simulation
            .args(["--test", "simulation", "--", "every_", "--nocapture"])
            .env("SIM_SEEDS", usual.to_string())
            .env_remove("SIM_SEED");
        run_seeing(simulation, |line| seeds += seeds_of(line).unwrap_or(0))?;
    }
    println!("simulate: {seeds} seeds");
    if seeds < SEEDS {
        return Err(format!("{seeds} seeds, at least {SEEDS}"));
    }
    Ok(())
}

/// The seeds of a line such as `simulated engines: 300 seeds; 54 calls`.
fn seeds_of(line: &str) -> Option<u64> {
    // The harness may have written into the same line before.
    let (_, said) = line.split_once("simulated ")?.1.split_once(": ")?;
    said.split_once(" seeds")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_of_a_simulation_are_read_off_its_last_line() {
        let line = "simulated clients and servers: 2500 seeds; 1331 calls, 328 answers";
        assert_eq!(seeds_of(line), Some(2500));
        assert_eq!(seeds_of("test result: ok. 2 passed; 0 failed"), None);
    }

    #[test]
    fn together_the_simulations_run_as_many_seeds_as_were_promised() {
        let all: u64 = SIMULATIONS.iter().map(|(_, seeds)| seeds).sum();
        assert!(all >= SEEDS);
    }
}
