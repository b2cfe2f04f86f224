//! `mutants`: what changed in mcp-core since all of it was mutated, mutated.
//!
//! A mutant is the crate with one small thing turned wrong. Tests that stay green on it do not prove
//! what stands there: it survived. `mcp-core/mutants.txt` says at which commit every mutant was tried,
//! and why those that survived may.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::command::{command, output_of, root, run as run_command, target_dir};

/// The version of the program that makes the mutants.
const VERSION: &str = "27.1.0";

/// How many mutants are tried at most: of more, evenly spread ones, always the same.
const MOST: usize = 20;

/// How long they are tried at most, in seconds.
const SECONDS: u64 = 200;

/// Mutates the lines of mcp-core that changed since the commit of `mcp-core/mutants.txt`. Of what is
/// tried, nine in ten must be caught or explained there.
pub(crate) fn run() -> Outcome {
    let record = Record::read(&text_of(&root().join("mcp-core/mutants.txt"))?)?;
    let diff = ["diff", &record.commit, "--", "mcp-core/src"];
    let diff = output_of(command("git", &diff))?;
    if diff.is_empty() {
        println!(
            "    nothing in mcp-core/src changed since {}",
            record.commit
        );
        return Ok(());
    }
    let folder = target_dir().join("mutants");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let changed = folder.join("changed.diff");
    fs::write(&changed, diff).map_err(|error| error.to_string())?;

    let program = program()?;
    let mut list = command(&program.to_string_lossy(), &["mutants"]);
    only(&mut list, &changed);
    list.arg("--list");
    let found = output_of(list)?.lines().count();
    if found == 0 {
        println!("    nothing that changed in mcp-core/src can be mutated");
        return Ok(());
    }
    let of = found.div_ceil(MOST);
    println!("    {found} mutants of what changed; one in {of} is tried, for {SECONDS} s at most");
    let tried = attempt(&program, &changed, &folder, of)?;
    let missed = record.unexplained(&tried.missed);
    for mutant in &missed {
        println!("    survived: {mutant}");
    }
    println!(
        "mutants: {} caught, {} survived, {} of them explained",
        tried.caught,
        tried.missed.lines().count(),
        tried.missed.lines().count() - missed.len(),
    );
    judge(tried.caught, tried.missed.lines().count(), missed.len())
}

/// What became of the mutants that were tried.
struct Tried {
    /// How many a test noticed, by failing or by not ending.
    caught: usize,
    /// Those that none did, a line each.
    missed: String,
}

/// Tries one in `of` of the mutants of what `changed`.
fn attempt(program: &Path, changed: &Path, folder: &Path, of: usize) -> Result<Tried, String> {
    // Nothing of an earlier attempt may be read for this one.
    let out = folder.join("mutants.out");
    if out.exists() {
        fs::remove_dir_all(&out).map_err(|error| error.to_string())?;
    }
    let seconds = SECONDS.to_string();
    let mut mutants = command("timeout", &["--signal=INT", "--kill-after=60", &seconds]);
    mutants.arg(program).arg("mutants");
    only(&mut mutants, changed);
    mutants
        .args(["--sharding", "round-robin", "--shard", &format!("0/{of}")])
        // The tests pass: an earlier step has said so.
        .args(["--baseline", "skip", "--timeout", "60", "--no-times"])
        .arg("--output")
        .arg(folder)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_INCREMENTAL", "1")
        .env_remove("CARGO_TARGET_DIR");
    let status = mutants.status().map_err(|error| error.to_string())?;
    match status.code() {
        // 2: some survived; 3: some did not end, which a test notices as well.
        Some(0 | 2 | 3) => {}
        Some(124) => println!("    the time was over before all of them were tried"),
        _ => return Err(format!("cargo mutants: {status}")),
    }
    let caught = |name: &str| Ok::<_, String>(text_of(&out.join(name))?.lines().count());
    Ok(Tried {
        caught: caught("caught.txt")? + caught("timeout.txt")?,
        missed: text_of(&out.join("missed.txt"))?,
    })
}

/// Whether that is enough: nothing must have gone untried, and of what was, no more than one in ten
/// may be `unexplained`.
fn judge(caught: usize, missed: usize, unexplained: usize) -> Outcome {
    match (caught + missed, unexplained) {
        (0, _) => Err("no mutant was tried".to_owned()),
        (tried, _) if unexplained <= tried.div_ceil(10) => Ok(()),
        _ => Err(format!(
            "{unexplained} mutants survived: write the tests, or explain them in mcp-core/mutants.txt"
        )),
    }
}

/// Lets `mutants` be those of what `changed`.
fn only(mutants: &mut Command, changed: &Path) {
    let diff = ["--package", "toolwright-core", "--in-diff"];
    mutants.args(diff).arg(changed);
}

/// The program that makes the mutants, built if it is not there yet: no registry has it built.
fn program() -> Result<PathBuf, String> {
    let folder = target_dir().join("tools").join(VERSION);
    let program = folder.join("bin/cargo-mutants");
    if !program.exists() {
        let install = ["install", "--quiet", "--locked", "--debug", "--root"];
        let mut install = command("cargo", &install);
        install
            .arg(&folder)
            .args(["--version", VERSION, "cargo-mutants"])
            .env("CARGO_PROFILE_DEV_DEBUG", "0");
        run_command(install)?;
    }
    Ok(program)
}

fn text_of(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// What `mcp-core/mutants.txt` says.
struct Record {
    /// The commit at which every mutant was tried.
    commit: String,
    /// The mutants that may survive, without the place in their file.
    explained: Vec<String>,
}

impl Record {
    /// Reads a line `commit HASH`, and mutants with their explanation indented below.
    fn read(text: &str) -> Result<Self, String> {
        let mut commit = None;
        let mut explained: Vec<String> = Vec::new();
        let mut bare: Option<String> = None;
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        for line in lines.filter(|line| !line.trim().is_empty()) {
            if line.starts_with(' ') {
                explained.extend(bare.take());
                continue;
            }
            if let Some(mutant) = bare.take() {
                return Err(format!("nothing explains why this one survives: {mutant}"));
            }
            match (line.strip_prefix("commit "), unplaced(line)) {
                (Some(hash), _) => commit = Some(hash.to_owned()),
                (None, Some(mutant)) => bare = Some(mutant),
                (None, None) => return Err(format!("no mutant, commit or explanation: {line}")),
            }
        }
        match (commit, bare) {
            (_, Some(mutant)) => Err(format!("nothing explains why this one survives: {mutant}")),
            (None, None) => Err("no line says `commit HASH`".to_owned()),
            (Some(commit), None) => Ok(Self { commit, explained }),
        }
    }

    /// Those of the lines of `missed` that nothing explains.
    fn unexplained<'a>(&self, missed: &'a str) -> Vec<&'a str> {
        let unexplained =
            |line: &&str| unplaced(line).is_none_or(|mutant| !self.explained.contains(&mutant));
        missed.lines().filter(unexplained).collect()
    }
}

/// `path:line:column: what` without line and column, which the next change moves.
fn unplaced(mutant: &str) -> Option<String> {
    let (place, what) = mutant.split_once(": ")?;
    let path = place.split(':').next()?;
    path.ends_with(".rs").then(|| format!("{path}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = "# What survived.\n\ncommit 0123abc\n\n\
        mcp-core/src/a.rs:1:2: replace > with >= in f\n    both end\n    there\n";

    #[test]
    fn a_survivor_is_known_wherever_it_moved_in_its_file() {
        let record = Record::read(RECORD).expect("the record is complete");
        assert_eq!(record.commit, "0123abc");
        let missed = "mcp-core/src/a.rs:70:9: replace > with >= in f\n\
            mcp-core/src/a.rs:70:9: replace > with < in f\n";
        let unexplained = record.unexplained(missed);
        assert_eq!(
            unexplained,
            ["mcp-core/src/a.rs:70:9: replace > with < in f"]
        );
    }

    #[test]
    fn a_survivor_needs_an_explanation() {
        let bare = "commit 0123abc\nmcp-core/src/a.rs:1:2: replace > with >= in f\n";
        assert!(Record::read(bare).is_err());
        let twice = RECORD.replace(
            "    both end\n    there\n",
            "mcp-core/src/b.rs:1:1: x\n    y\n",
        );
        assert!(Record::read(&twice).is_err());
    }

    #[test]
    fn a_record_names_its_commit() {
        assert!(Record::read("# nothing\n").is_err());
    }

    #[test]
    fn nine_in_ten_have_to_be_caught_and_one_has_to_be_tried() {
        assert!(judge(0, 0, 0).is_err());
        assert!(judge(0, 1, 1).is_ok(), "one is none too many of a few");
        assert!(judge(18, 2, 2).is_ok());
        assert!(judge(17, 3, 3).is_err());
        assert!(judge(17, 3, 2).is_ok(), "what is explained does not count");
    }

    #[test]
    fn the_record_can_be_read() {
        let text = text_of(&root().join("mcp-core/mutants.txt")).expect("it is there");
        let record = Record::read(&text).expect("it is complete");
        assert!(!record.explained.is_empty());
    }
}
