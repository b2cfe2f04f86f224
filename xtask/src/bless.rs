//! `bless`: what is expected becomes what is: the compile errors of the tests, and the baseline of
//! the benches.

use crate::Outcome;
use crate::bench::{baseline, guard_http, guard_stdio};
use crate::command::{command, run as run_command};

/// Runs the compile-fail tests with the switch on that rewrites their expectations, and then the
/// benches; the diff is for the author to read.
pub(crate) fn run() -> Outcome {
    let mut tests = command("cargo", &["test", "--test", "macros_ui"]);
    tests.env("TRYBUILD", "overwrite");
    run_command(tests)?;
    let mut ratios = guard_stdio::ratios()?;
    ratios.extend(guard_http::ratios()?);
    baseline::bless(&ratios)
}
