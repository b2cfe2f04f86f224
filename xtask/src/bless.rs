//! `bless`: the compile errors that the tests expect become those that the compiler prints now.

use crate::Outcome;
use crate::command::{command, run as run_command};

/// Runs the compile-fail tests with the switch on that rewrites their expectations; the diff is
/// for the author to read.
pub(crate) fn run() -> Outcome {
    let mut tests = command("cargo", &["test", "--test", "macros_ui"]);
    tests.env("TRYBUILD", "overwrite");
    run_command(tests)
}
