//! `fuzz`: every fuzz target, for a short time or a long one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use crate::Outcome;
use crate::command::{command, output_of, root, run as run_command, target_dir};
use crate::python::tool;

/// A target: its name, its dictionary, and the longest input that is worth a try.
type Target = (&'static str, &'static str, usize);

/// Every target: what `fuzz/Cargo.toml` lists.
const TARGETS: &[Target] = &[
    ("auth_documents", "http", 2048),
    ("client_engine", "json", 4096),
    ("client_session", "json", 4096),
    ("envelope", "json", 1024),
    ("gate", "http", 512),
    ("header_value", "http", 256),
    ("http_client", "http", 4096),
    ("http_request", "http", 4096),
    ("json_text", "json", 512),
    ("lines", "http", 512),
    ("login", "http", 4096),
    ("model", "json", 2048),
    ("schema", "schema", 2048),
    ("sealed_state", "json", 256),
    ("server_engine", "json", 4096),
    ("server_session", "json", 8192),
    ("sse", "http", 512),
    ("uri_template", "schema", 512),
    ("www_authenticate", "http", 512),
];

/// How long each target runs among all checks.
const SHORT: Duration = Duration::from_secs(8);

/// Runs each target for a few seconds from the committed inputs, and keeps nothing.
pub(crate) fn check() -> Outcome {
    let format = ["fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"];
    run_command(command("cargo", &format))?;
    fuzz_all(SHORT, Keep::Nothing)
}

/// [`check`], or with `--long MINUTES` each target for that long, going on from the inputs of the
/// last such run.
pub(crate) fn run(told: &[String]) -> Outcome {
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    match told[..] {
        [] => check(),
        ["--long", minutes] => {
            let minutes: u64 = minutes
                .parse()
                .map_err(|_| format!("{minutes:?} is no number of minutes"))?;
            fuzz_all(Duration::from_secs(60 * minutes), Keep::Inputs)
        }
        _ => Err("expected nothing, or --long MINUTES".to_owned()),
    }
}

/// What is left of a run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// Nothing but finds.
    Nothing,
    /// Every input that reached something new.
    Inputs,
}

fn fuzz_all(time: Duration, keep: Keep) -> Outcome {
    check_list()?;
    if std::env::var_os("MCP_SPEC_DIR").is_none() {
        println!(
            "    MCP_SPEC_DIR is not set: the model is not held against the published schemas"
        );
    }
    let programs = build()?;
    let left = Mutex::new(TARGETS.iter());
    let outcomes = Mutex::new(Vec::new());
    let at_once = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(target) = next(&left) {
                    let outcome = fuzz(&programs, target, time, keep);
                    let mut outcomes = outcomes.lock().expect("no thread panics");
                    outcomes.push((target.0, outcome));
                }
            });
        }
    });
    sum_up(outcomes.into_inner().expect("no thread panics"))
}

fn next(left: &Mutex<std::slice::Iter<'static, Target>>) -> Option<&'static Target> {
    left.lock().expect("no thread panics").next()
}

/// Says how often each target ran.
fn sum_up(mut outcomes: Vec<(&str, Result<u64, String>)>) -> Outcome {
    outcomes.sort_unstable_by_key(|(name, _)| *name);
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
        "    fuzzed {} targets, {total} executions, {} finds",
        TARGETS.len(),
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
    let listed: Vec<&str> = TARGETS.iter().map(|(name, ..)| *name).collect();
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

/// Runs one target and returns how many inputs it was given.
fn fuzz(programs: &Path, target: &Target, time: Duration, keep: Keep) -> Result<u64, String> {
    let (name, dictionary, longest) = *target;
    let scratch = target_dir().join("fuzz/runs").join(name);
    let (inputs, finds) = (scratch.join("inputs"), scratch.join("finds"));
    if keep == Keep::Nothing {
        // It is not there at first.
        let _ = fs::remove_dir_all(&inputs);
    }
    let _ = fs::remove_dir_all(&finds);
    for folder in [&inputs, &finds] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let log = scratch.join("log");
    let file = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let mut fuzz = command(&programs.join(name).to_string_lossy(), &[]);
    fuzz.arg(&inputs)
        .arg(root().join("fuzz/corpus").join(name))
        .arg(format!("-artifact_prefix={}/", finds.display()))
        .arg(format!("-dict=fuzz/dictionaries/{dictionary}.dict"))
        .arg(format!("-max_total_time={}", time.as_secs()))
        .arg(format!("-max_len={longest}"))
        .args(["-timeout=1", "-rss_limit_mb=1024", "-print_final_stats=1"])
        .stdout(Stdio::null())
        .stderr(file);
    let status = fuzz.status().map_err(|error| format!("{name}: {error}"))?;
    let log = fs::read(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let log = String::from_utf8_lossy(&log);
    if !status.success() && !is_passing_slowness(programs, name, &finds) {
        for line in tail(&log) {
            println!("    {name}: {line}");
        }
        return Err(format!("{status}; the input is in {}", finds.display()));
    }
    match executions(&log) {
        0 => Err("it ran no input".to_owned()),
        executions => Ok(executions),
    }
}

/// Whether all that was found was slow once and is not again: a machine with other things to do.
fn is_passing_slowness(programs: &Path, name: &str, finds: &Path) -> bool {
    let Ok(entries) = fs::read_dir(finds) else {
        return false;
    };
    let found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    let passes = |path: &PathBuf| {
        let is_slow = path
            .file_name()
            .is_some_and(|file| file.to_string_lossy().starts_with("timeout-"));
        let mut again = command(&programs.join(name).to_string_lossy(), &["-timeout=1"]);
        again.arg(path).stdout(Stdio::null()).stderr(Stdio::null());
        is_slow && again.status().is_ok_and(|status| status.success())
    };
    !found.is_empty() && found.iter().all(passes)
}

/// The last lines of a log that say what went wrong.
fn tail(log: &str) -> Vec<&str> {
    let lines = log
        .lines()
        .filter(|line| !line.starts_with(['#', '\t']) && !line.starts_with("stat::"));
    let lines: Vec<&str> = lines.collect();
    lines[lines.len().saturating_sub(30)..].to_vec()
}

/// How many inputs a run was given: by its statistics, or by its last line of progress.
fn executions(log: &str) -> u64 {
    const STATISTIC: &str = "stat::number_of_executed_units:";
    let number = |text: &str| text.split_whitespace().next()?.parse().ok();
    let mut lines = log.lines().rev();
    let found = lines.find_map(|line| {
        let rest = line.strip_prefix(STATISTIC).or(line.strip_prefix('#'))?;
        number(rest)
    });
    found.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executions_are_read_off_the_statistics_and_off_progress_without_them() {
        let log =
            "#2\tINITED cov: 3\n#77\tDONE\nstat::number_of_executed_units: 78\nstat::new: 1\n";
        assert_eq!(executions(log), 78);
        assert_eq!(
            executions("#2\tINITED\n#512\tpulse cov: 1\n==1== ERROR\n"),
            512
        );
        assert_eq!(executions("nothing\n"), 0);
    }

    #[test]
    fn every_target_is_listed_and_has_inputs_and_a_dictionary() {
        check_list().unwrap();
        for (name, dictionary, _) in TARGETS {
            let inputs = root().join("fuzz/corpus").join(name);
            assert!(fs::read_dir(inputs).unwrap().next().is_some(), "{name}");
            let dictionary = format!("fuzz/dictionaries/{dictionary}.dict");
            assert!(root().join(dictionary).exists(), "{name}");
        }
    }
}
