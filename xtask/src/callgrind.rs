//! Counting the instructions of one call with callgrind.

use std::path::Path;
use std::process::Command;

use crate::Outcome;
use crate::command::target_dir;

/// Calls in the short run; past them every buffer and cache of the program has its size.
const FEW: u64 = 200;
/// Calls in the long run.
const MANY: u64 = 1_200;

/// The instructions that the program at `path` spends on one call.
///
/// `converse` starts the command it is given, which is the program under callgrind, makes as many
/// calls as it is told, one at a time, and ends the program. It does so twice, with [`FEW`] and
/// with [`MANY`] calls; the difference is free of what starting and stopping cost. `label` names
/// the profiles that stay behind.
///
/// # Errors
///
/// What went wrong with valgrind, the program or one of its answers.
pub(crate) fn instructions_per_call(
    label: &str,
    path: &Path,
    converse: impl Fn(Command, u64) -> Outcome,
) -> Result<f64, String> {
    let count = |calls| {
        let profile = target_dir().join(format!("{label}-{calls}.callgrind"));
        let mut under_callgrind = Command::new("valgrind");
        under_callgrind
            .arg("--quiet")
            .arg("--tool=callgrind")
            .arg(format!("--callgrind-out-file={}", profile.display()))
            .arg(path);
        converse(under_callgrind, calls)?;
        total(&profile)
    };
    let few = count(FEW)?;
    let many = count(MANY)?;
    let spent = many
        .checked_sub(few)
        .ok_or("the longer run took fewer instructions")?;
    #[expect(clippy::cast_precision_loss, reason = "both are far below 2^52")]
    Ok(spent as f64 / (MANY - FEW) as f64)
}

/// The total that callgrind wrote at the end of its profile.
fn total(profile: &Path) -> Result<u64, String> {
    let text = std::fs::read_to_string(profile)
        .map_err(|error| format!("{}: {error}", profile.display()))?;
    text.lines()
        .rev()
        .find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok())
        .ok_or_else(|| format!("{} has no totals", profile.display()))
}
