//! One target: what it is run with, and what came of it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use super::Target;
use crate::command::{command, root, target_dir};

/// How a target is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// As often as its list says, from the committed inputs and from a seed that never changes: what
    /// is tried today is what was tried yesterday, on any machine.
    Check,
    /// For this long and from this seed, from the inputs that were found to be new before as well.
    Search(Duration, u32),
}

impl Way {
    /// The seed of every check.
    const SEED: u32 = 20_260_728;
    /// A check that takes this long ends before it ran as often as it should: the machine is slow.
    const LONGEST_CHECK: Duration = Duration::from_secs(40);

    pub(super) fn seed(self) -> u32 {
        match self {
            Self::Check => Self::SEED,
            Self::Search(_, seed) => seed,
        }
    }

    /// Seconds that one input may take. What takes more than one is a find; in a check, where a
    /// machine may have other things to do, what takes much more.
    fn patience(self) -> u64 {
        match self {
            Self::Check => 10,
            Self::Search(..) => 1,
        }
    }

    fn arguments(self, runs: u64) -> Vec<String> {
        let mut arguments = vec![
            format!("-seed={}", self.seed()),
            format!("-timeout={}", self.patience()),
            "-rss_limit_mb=1024".to_owned(),
            "-print_final_stats=1".to_owned(),
        ];
        let time = match self {
            Self::Check => {
                arguments.push(format!("-runs={runs}"));
                // What was compared with what may have been a time of day, or an address; and the
                // folder of what is new is looked at again after so many seconds.
                arguments.extend(["-use_cmp=0", "-reload=0"].map(str::to_owned));
                Self::LONGEST_CHECK
            }
            Self::Search(time, _) => time,
        };
        arguments.push(format!("-max_total_time={}", time.as_secs()));
        arguments
    }
}

/// Runs one target and returns how many inputs it was given. Each committed one is among them.
pub(super) fn fuzz(programs: &Path, target: &Target, way: Way) -> Result<u64, String> {
    let Target { name, runs, .. } = *target;
    let scratch = target_dir().join("fuzz/runs").join(name);
    let (inputs, finds) = (scratch.join("inputs"), scratch.join("finds"));
    if way == Way::Check {
        // It is not there at first.
        let _ = fs::remove_dir_all(&inputs);
    }
    let _ = fs::remove_dir_all(&finds);
    for folder in [&inputs, &finds] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let log = scratch.join("log");
    let file = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let mut fuzz = program(programs, name);
    fuzz.arg(&inputs)
        .arg(committed(name, &scratch, way)?)
        .arg(format!("-artifact_prefix={}/", finds.display()))
        .arg(format!(
            "-dict=fuzz/dictionaries/{}.dict",
            target.dictionary
        ))
        .arg(format!("-max_len={}", target.longest))
        .args(way.arguments(runs))
        .stderr(file);
    let status = fuzz.status().map_err(|error| format!("{name}: {error}"))?;
    let log = fs::read(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let log = String::from_utf8_lossy(&log);
    let found = files(&finds);
    let again = |path: &PathBuf| is_passing_slowness(program(programs, name), path, way);
    if !status.success() && (found.is_empty() || !found.iter().all(again)) {
        for line in tail(&log) {
            println!("    {name}: {line}");
        }
        for path in &found {
            println!("    {name}: {}", shown(path));
        }
        return Err(format!(
            "{status}, with the seed {}; the input is in {}",
            way.seed(),
            finds.display()
        ));
    }
    match executions(&log) {
        0 => Err("it ran no input".to_owned()),
        executions => Ok(executions),
    }
}

/// The argument that names the committed inputs: for a check one after the other, since the order they
/// have in a folder is the file system's.
fn committed(name: &str, scratch: &Path, way: Way) -> Result<String, String> {
    let folder = root().join("fuzz/corpus").join(name);
    if way != Way::Check {
        return Ok(folder.display().to_string());
    }
    let list = scratch.join("committed");
    let inputs: Vec<_> = files(&folder)
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    fs::write(&list, inputs.join(",")).map_err(|error| format!("{}: {error}", list.display()))?;
    Ok(format!("-seed_inputs=@{}", list.display()))
}

/// A target, at the same addresses each time where the machine permits that: how deep the stack is
/// counts as something reached, and that depends on where it begins. That is below the environment, so
/// there is none but what a target reads.
fn program(programs: &Path, name: &str) -> Command {
    let path = programs.join(name);
    let mut program = match has_fixed_addresses() {
        true => command("setarch", &["-R", &path.to_string_lossy()]),
        false => command(&path.to_string_lossy(), &[]),
    };
    program.env_clear().stdout(Stdio::null());
    if let Some(folder) = std::env::var_os("MCP_SPEC_DIR") {
        program.env("MCP_SPEC_DIR", folder);
    }
    program
}

/// Whether a program can be run at the same addresses each time.
pub(super) fn has_fixed_addresses() -> bool {
    static PERMITTED: LazyLock<bool> = LazyLock::new(|| {
        let mut probe = command("setarch", &["-R", "true"]);
        probe.stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    });
    *PERMITTED
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    files
}

/// Whether what was found was slow once and is not again: a machine with other things to do.
fn is_passing_slowness(mut again: Command, found: &Path, way: Way) -> bool {
    let name = found.file_name().unwrap_or_default().to_string_lossy();
    again
        .arg(format!("-timeout={}", way.patience()))
        .arg(found)
        .stderr(Stdio::null());
    name.starts_with("timeout-") && again.status().is_ok_and(|status| status.success())
}

/// A find as a line of the log, since its file may be gone with the machine: a literal of Python, from
/// which the file can be made again.
fn shown(find: &Path) -> String {
    /// Bytes of it that are shown.
    const MOST: usize = 2048;
    let name = find.file_name().unwrap_or_default().to_string_lossy();
    let input = match fs::read(find) {
        Ok(input) => input,
        Err(error) => return format!("{name}: {error}"),
    };
    let part = input.get(..MOST).unwrap_or(&input);
    let of = match input.len() {
        length if length > MOST => format!("the first {MOST} of {length} bytes"),
        length => format!("{length} bytes"),
    };
    format!("{name}, {of}: b'{}'", part.escape_ascii())
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
    fn a_check_is_bound_by_its_runs_and_a_search_by_its_time() {
        let check = Way::Check.arguments(7).join(" ");
        assert!(check.contains("-seed=20260728 -timeout=10"), "{check}");
        let end = "-runs=7 -use_cmp=0 -reload=0 -max_total_time=40";
        assert!(check.ends_with(end), "{check}");
        let search = Way::Search(Duration::from_secs(90), 3)
            .arguments(7)
            .join(" ");
        assert!(search.contains("-seed=3 -timeout=1 "), "{search}");
        assert!(search.ends_with("-max_total_time=90"), "{search}");
        assert!(!search.contains("-runs"), "{search}");
    }

    #[test]
    fn a_check_is_given_its_inputs_in_an_order_that_is_the_same_everywhere() {
        let scratch = target_dir().join("fuzz/listed");
        fs::create_dir_all(&scratch).unwrap();
        let argument = committed("lines", &scratch, Way::Check).unwrap();
        let list = fs::read_to_string(argument.strip_prefix("-seed_inputs=@").unwrap()).unwrap();
        let inputs: Vec<&str> = list.split(',').collect();
        assert!(inputs.len() > 1 && inputs.is_sorted(), "{list}");
        assert!(inputs.iter().all(|path| Path::new(path).exists()), "{list}");
        let search = Way::Search(Duration::from_secs(1), 1);
        let folder = committed("lines", &scratch, search).unwrap();
        assert!(folder.ends_with("fuzz/corpus/lines"), "{folder}");
        fs::remove_dir_all(&scratch).unwrap();
    }

    #[test]
    fn a_find_is_shown_so_that_it_can_be_made_again() {
        let folder = target_dir().join("fuzz/shown");
        fs::create_dir_all(&folder).unwrap();
        let find = folder.join("crash-1");
        fs::write(&find, b"a\n'\"\\\xff").unwrap();
        assert_eq!(shown(&find), r#"crash-1, 6 bytes: b'a\n\'\"\\\xff'"#);
        fs::write(&find, [b'a'; 3000]).unwrap();
        let long = shown(&find);
        assert!(long.starts_with("crash-1, the first 2048 of 3000 bytes: b'aaa"));
        fs::remove_dir_all(&folder).unwrap();
        assert!(shown(&find).starts_with("crash-1: "));
    }
}
