//! `ci`: every check, each as a step of its own.

use std::time::Instant;

use crate::Outcome;
use crate::bench::{guard_http, guard_stdio, packages};
use crate::command::{command, output_of, root, run as run_command, run_seeing};
use crate::tally::Tally;
use crate::{
    conformance, deny, faults, fuzz, interop, mutants, preface, shuttle, simulate, tidy, trials,
    weight,
};

/// What the steps counted.
#[derive(Default)]
struct Counts {
    tests: Tally,
    interop: Tally,
    conformance: Tally,
    nginx: Tally,
}

/// A step: its name and the function that does it.
type Step = (&'static str, fn(&mut Counts) -> Outcome);

/// The steps, the quick ones first.
const STEPS: &[Step] = &[
    ("format", |_| {
        run_command(command("cargo", &["fmt", "--all", "--check"]))?;
        packages::check_format()
    }),
    ("house rules", |_| tidy::run()),
    ("faults", |_| faults::check()),
    ("crate count", |_| weight::run()),
    ("licences, bans and sources", |_| deny::run()),
    ("lints", |_| {
        lints(&["--workspace", "--all-targets", "--all-features"])
    }),
    ("each feature alone", |_| each_feature()),
    ("tests", |counts| tests(&[], &mut counts.tests)),
    ("tests of the tasks", |counts| {
        tests(&["--package", "xtask"], &mut counts.tests)
    }),
    ("simulation", |_| simulate::run()),
    ("mutants", |_| mutants::run()),
    ("orders of threads", |_| shuttle::run()),
    ("documentation", |_| documentation()),
    ("interop", |counts| interop::counting(&mut counts.interop)),
    ("conformance", |counts| {
        conformance::counting(&mut counts.conformance)
    }),
    ("fuzz", |_| fuzz::check()),
    ("behind nginx", |counts| {
        trials::nginx_counting(&mut counts.nginx)
    }),
    ("soak", |_| trials::soak_minute()),
    ("scale", |_| trials::scale_part()),
    ("without HTTP/2", |_| preface::run()),
    ("instructions", |_| guard_stdio::run()),
    ("instructions over HTTP", |_| guard_http::run()),
];

/// Runs every step, whatever becomes of the others, and sums up.
pub(crate) fn run() -> Outcome {
    let mut counts = Counts::default();
    let mut failed = Vec::new();
    for (name, step) in STEPS {
        println!("==> {name}");
        let start = Instant::now();
        let outcome = step(&mut counts);
        let seconds = start.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => println!("<== {name}: passed in {seconds:.1} s"),
            Err(why) => {
                println!("<== {name}: FAILED in {seconds:.1} s: {why}");
                failed.push(*name);
            }
        }
    }
    println!(
        "ci: {} steps passed, {} failed; tests: {} passed, {} failed; interop: {} checks passed, {} failed; conformance: {} scenarios passed, {} failed; nginx: {} checks passed, {} failed",
        STEPS.len() - failed.len(),
        failed.len(),
        counts.tests.passed,
        counts.tests.failed,
        counts.interop.passed,
        counts.interop.failed,
        counts.conformance.passed,
        counts.conformance.failed,
        counts.nginx.passed,
        counts.nginx.failed,
    );
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("failed: {}", failed.join(", ")))
    }
}

/// Clippy over `what`, a warning being an error.
fn lints(what: &[&str]) -> Outcome {
    let mut clippy = command("cargo", &["clippy", "--quiet"]);
    clippy.args(what).args(["--", "--deny", "warnings"]);
    run_command(clippy)
}

/// The facade without features, and with each of its features alone.
fn each_feature() -> Outcome {
    let facade = ["--package", "toolwright", "--no-default-features"];
    lints(&facade)?;
    for feature in features()? {
        println!("    {feature}");
        lints(&[&facade[..], &["--features", &feature]].concat())?;
    }
    Ok(())
}

/// The names of the facade's features, read off its manifest.
fn features() -> Result<Vec<String>, String> {
    let manifest =
        std::fs::read_to_string(root().join("Cargo.toml")).map_err(|error| error.to_string())?;
    let features: Vec<String> = manifest
        .lines()
        .skip_while(|line| *line != "[features]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| Some(line.split_once(" = ")?.0.to_owned()))
        .collect();
    if features.is_empty() {
        return Err("the manifest of the facade lists no features".to_owned());
    }
    Ok(features)
}

/// `cargo test`, with the tests counted.
fn tests(what: &[&str], tally: &mut Tally) -> Outcome {
    let before = tally.passed;
    let mut tests = command("cargo", &["test"]);
    tests.args(what);
    run_seeing(tests, |line| tally.read(line))?;
    if tally.passed == before {
        return Err("no test ran".to_owned());
    }
    Ok(())
}

/// The documentation of every crate, a warning being an error.
fn documentation() -> Outcome {
    let mut doc = command(
        "cargo",
        &[
            "doc",
            "--quiet",
            "--no-deps",
            "--workspace",
            "--all-features",
        ],
    );
    doc.env("RUSTDOCFLAGS", "--deny warnings");
    run_command(doc)
}

/// The tracked files whose names end as given.
pub(crate) fn tracked(endings: &[&str]) -> Result<Vec<String>, String> {
    let listed = output_of(command("git", &["ls-files"]))?;
    Ok(listed
        .lines()
        .filter(|path| endings.iter().any(|ending| path.ends_with(ending)))
        .map(str::to_owned)
        .collect())
}
