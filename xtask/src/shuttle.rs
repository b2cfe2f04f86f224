//! `shuttle`: threads that meet, in every order that chance comes upon.

use crate::Outcome;
use crate::command::{command, run_seeing, target_dir};

/// Where they meet: what to test of which package.
const PLACES: &[&[&str]] = &[
    &["--package", "toolwright-core", "--lib", "interleavings"],
    &[
        "--package",
        "toolwright-transport",
        "--features",
        "http-server",
        "--lib",
        "interleavings",
    ],
];

/// Compiles the places where threads meet with stand-ins for locks and atomics, in a folder of their
/// own so that nothing else is built anew, and counts the orders that were tried.
pub(crate) fn run() -> Outcome {
    let mut orders = 0;
    for place in PLACES {
        let before = orders;
        let mut tests = command("cargo", &["test"]);
        tests
            .args(*place)
            .args(["--", "--nocapture"])
            .env("RUSTFLAGS", "--cfg shuttle")
            .env("CARGO_TARGET_DIR", target_dir().join("shuttle"));
        run_seeing(tests, |line| orders += orders_of(line).unwrap_or(0))?;
        if orders == before {
            return Err(format!("{}: no order was tried", place.join(" ")));
        }
    }
    println!("shuttle: {orders} orders in all");
    Ok(())
}

/// The orders of a line such as `shuttle: 3000 orders of a question`, wherever it begins: the
/// harness writes into the same line.
fn orders_of(line: &str) -> Option<u64> {
    let (_, said) = line.split_once("shuttle: ")?;
    said.split_once(" orders of ")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_orders_of_a_test_are_read_wherever_its_line_begins() {
        assert_eq!(orders_of("shuttle: 3000 orders of a question"), Some(3000));
        let mixed = "test a_question ... shuttle: 20 orders of a question";
        assert_eq!(orders_of(mixed), Some(20));
        assert_eq!(orders_of("shuttle: 40 orders in all"), None);
    }
}
