//! `bless`: what is expected becomes what is: the compile errors of the tests, and the baseline of
//! the benches.

use crate::Outcome;
use crate::command::{command, run as run_command};
use crate::{baseline, bench, bench_http};

/// Runs the compile-fail tests with the switch on that rewrites their expectations, and then the
/// benches; the diff is for the author to read.
pub(crate) fn run() -> Outcome {
    let mut tests = command("cargo", &["test", "--test", "macros_ui"]);
    tests.env("TRYBUILD", "overwrite");
    run_command(tests)?;
    let mut ratios = bench::ratios()?;
    ratios.extend(bench_http::ratios()?);
    baseline::bless(&ratios)
}
