//! `bless`: the expected outputs of the tests become what the tests print now.

use crate::Outcome;
use crate::command::{command, run as run_command};

/// Runs the tests with the switches on that rewrite expectations; the diff is for the author
/// to read.
pub(crate) fn run() -> Outcome {
    let mut tests = command("cargo", &["test"]);
    tests.env("TRYBUILD", "overwrite").env("BLESS", "1");
    run_command(tests)
}
