//! `fuzz`: every fuzz target, over what it was always given or on the search for more.

mod one;

use std::fs;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use self::one::{Way, fuzz, has_fixed_addresses};
use crate::Outcome;
use crate::command::{command, output_of, root, run as run_command, target_dir};
use crate::python::tool;

/// A target, and what it is run with.
#[derive(Debug)]
struct Target {
    name: &'static str,
    /// The name of its dictionary.
    dictionary: &'static str,
    /// Bytes of the longest input that is worth a try.
    longest: usize,
    /// How many inputs it is given in a check: so many that it takes about eight seconds.
    runs: u64,
}

impl Target {
    const fn new(name: &'static str, dictionary: &'static str, longest: usize, runs: u64) -> Self {
        Self {
            name,
            dictionary,
            longest,
            runs,
        }
    }
}

/// Every target: what `fuzz/Cargo.toml` lists.
const TARGETS: &[Target] = &[
    Target::new("auth_documents", "http", 2048, 70_000),
    Target::new("client_engine", "json", 4096, 100_000),
    Target::new("client_session", "json", 4096, 25_000),
    Target::new("envelope", "json", 1024, 700_000),
    Target::new("gate", "http", 512, 600_000),
    Target::new("header_value", "http", 256, 600_000),
    Target::new("http_client", "http", 4096, 10_000),
    Target::new("http_request", "http", 6144, 12_000),
    Target::new("json_text", "json", 512, 2_000_000),
    Target::new("lines", "http", 512, 300_000),
    Target::new("login", "http", 4096, 20_000),
    Target::new("model", "json", 2048, 100_000),
    Target::new("schema", "schema", 2048, 20_000),
    Target::new("sealed_state", "json", 256, 60_000),
    Target::new("server_engine", "json", 4096, 35_000),
    Target::new("server_session", "json", 8192, 6_000),
    Target::new("sse", "http", 512, 300_000),
    Target::new("uri_template", "schema", 512, 400_000),
    Target::new("www_authenticate", "http", 512, 400_000),
];

/// Runs each target a fixed number of times from the committed inputs, and keeps nothing. There is no
/// chance in it, as `fuzz/README.md` explains: a new input is for the search to find.
pub(crate) fn check() -> Outcome {
    let format = [
        "fmt",
        "--all",
        "--check",
        "--manifest-path",
        "fuzz/Cargo.toml",
    ];
    run_command(command("cargo", &format))?;
    fuzz_all(Way::Check, TARGETS.iter().collect())
}

/// [`check`], or with `--long MINUTES [TARGET…]` each target for that long, from a new seed and going
/// on from the inputs of the last such run.
pub(crate) fn run(told: &[String]) -> Outcome {
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    match told[..] {
        [] => check(),
        ["--long", minutes, ref names @ ..] => {
            let (time, targets) = search(minutes, names)?;
            fuzz_all(Way::Search(time, new_seed()), targets)
        }
        _ => Err("expected nothing, or --long MINUTES [TARGET…]".to_owned()),
    }
}

/// How long a search takes, and what is searched: all targets, where none is named.
fn search(minutes: &str, names: &[&str]) -> Result<(Duration, Vec<&'static Target>), String> {
    let minutes: NonZero<u32> = minutes
        .parse()
        .map_err(|_| format!("{minutes:?} is no number of minutes"))?;
    if let Some(unknown) = names.iter().find(|name| !names_of(TARGETS).contains(name)) {
        let known = names_of(TARGETS).join(", ");
        return Err(format!(
            "no target is called {unknown:?}; there are {known}"
        ));
    }
    let wanted = |target: &&Target| names.is_empty() || names.contains(&target.name);
    let time = Duration::from_secs(60 * u64::from(minutes.get()));
    Ok((time, TARGETS.iter().filter(wanted).collect()))
}

fn names_of(targets: &[Target]) -> Vec<&'static str> {
    targets.iter().map(|target| target.name).collect()
}

/// A seed that no run had before.
fn new_seed() -> u32 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let since = now.unwrap_or_default();
    // Zero would mean that the fuzzer chooses.
    (since.as_secs() as u32 ^ since.subsec_nanos()).max(1)
}

fn fuzz_all(way: Way, targets: Vec<&'static Target>) -> Outcome {
    check_list()?;
    if std::env::var_os("MCP_SPEC_DIR").is_none() {
        println!(
            "    MCP_SPEC_DIR is not set: the model is not held against the published schemas"
        );
    }
    let programs = build()?;
    println!("    the seed is {}", way.seed());
    if !has_fixed_addresses() {
        println!("    setarch -R is not permitted: no run is quite like the last one");
    }
    let left = Mutex::new(targets.into_iter());
    let outcomes = Mutex::new(Vec::new());
    let at_once = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(target) = next(&left) {
                    let outcome = fuzz(&programs, target, way);
                    let mut outcomes = outcomes.lock().expect("no thread panics");
                    outcomes.push((target.name, outcome));
                }
            });
        }
    });
    sum_up(outcomes.into_inner().expect("no thread panics"))
}

fn next<T>(left: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    left.lock().expect("no thread panics").next()
}

/// Says how often each target ran.
fn sum_up(mut outcomes: Vec<(&str, Result<u64, String>)>) -> Outcome {
    outcomes.sort_unstable_by_key(|(name, _)| *name);
    let fuzzed = outcomes.len();
    let mut failed = Vec::new();
    let mut total = 0;
    for (name, outcome) in outcomes {
        match outcome {
            Ok(executions) => {
                println!("    {name:18} {executions:>10} executions");
                total += executions;
            }
            Err(why) => {
                println!("    {name:18} FAILED: {why}");
                failed.push(name);
            }
        }
    }
    println!(
        "    fuzzed {fuzzed} targets, {total} executions, {} finds",
        failed.len()
    );
    match failed.is_empty() {
        true => Ok(()),
        false => Err(format!("failed: {}", failed.join(", "))),
    }
}

/// Checks that no target was left out of the list above.
fn check_list() -> Outcome {
    let folder = root().join("fuzz/fuzz_targets");
    let entries =
        fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| Some(name.strip_suffix(".rs")?.to_owned()))
        .collect();
    files.sort();
    let listed = names_of(TARGETS);
    match files == listed {
        true => Ok(()),
        false => Err(format!(
            "xtask/src/fuzz.rs lists {listed:?}, there are {files:?}"
        )),
    }
}

/// Builds every target, and returns the folder they are in.
///
/// The instrumentation is not among what a stable compiler admits to, and that of this version is
/// what is wanted all the same.
fn build() -> Result<PathBuf, String> {
    let target_dir = target_dir().join("fuzz");
    let mut build = tool("cargo-fuzz")?;
    build.env("RUSTC_BOOTSTRAP", "1");
    build.args([
        "build",
        "--fuzz-dir",
        "fuzz",
        "--sanitizer",
        "none",
        "--codegen-units",
        "16",
    ]);
    build.arg("--target-dir").arg(&target_dir);
    run_command(build)?;
    let host = output_of(command("rustc", &["--print", "host-tuple"]))?;
    Ok(target_dir.join(host.trim()).join("release"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_of_the_targets_that_are_named_or_of_all() {
        let named = |names| search("2", names).map(|(_, targets)| targets.len());
        assert_eq!(named(&[]), Ok(TARGETS.len()));
        assert_eq!(named(&["login", "gate"]), Ok(2));
        assert_eq!(search("2", &[]).unwrap().0, Duration::from_secs(120));
        let wrong = search("2", &["gate", "logins"]).unwrap_err();
        assert!(wrong.starts_with("no target is called \"logins\"; there are auth_documents, "));
        // For ever, to the fuzzer.
        let never = search("0", &[]).unwrap_err();
        assert_eq!(never, "\"0\" is no number of minutes");
    }

    #[test]
    fn every_target_is_listed_and_has_inputs_and_a_dictionary() {
        check_list().unwrap();
        for Target {
            name,
            dictionary,
            longest,
            ..
        } in TARGETS
        {
            let inputs = root().join("fuzz/corpus").join(name);
            let inputs: Vec<_> = fs::read_dir(inputs).unwrap().map(Result::unwrap).collect();
            assert!(!inputs.is_empty(), "{name}");
            for input in inputs {
                let length = input.metadata().unwrap().len();
                assert!(length <= *longest as u64, "{input:?} would be cut");
            }
            let dictionary = format!("fuzz/dictionaries/{dictionary}.dict");
            assert!(root().join(dictionary).exists(), "{name}");
        }
    }
}
