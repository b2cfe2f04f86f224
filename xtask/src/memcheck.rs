//! Counting the allocations of one call with memcheck.

use std::path::Path;
use std::process::Command;

use crate::Outcome;
use crate::command::target_dir;

/// Calls in the short run; past them every buffer and pool of the program has its size.
const FEW: u64 = 200;
/// Calls in the long run.
const MANY: u64 = 1_200;

/// The allocations that the program at `path` makes for one call. `converse` and `label` are as in
/// [`instructions_per_call`](crate::callgrind::instructions_per_call).
///
/// # Errors
///
/// What went wrong with valgrind, the program or one of its answers.
pub(crate) fn allocations_per_call(
    label: &str,
    path: &Path,
    converse: impl Fn(Command, u64) -> Outcome,
) -> Result<f64, String> {
    let count = |calls| {
        let log = target_dir().join(format!("{label}-{calls}.memcheck"));
        let mut under_memcheck = Command::new("valgrind");
        under_memcheck
            .arg("--tool=memcheck")
            .arg("--leak-check=no")
            .arg("--undef-value-errors=no")
            .arg(format!("--log-file={}", log.display()))
            .arg(path);
        converse(under_memcheck, calls)?;
        let text =
            std::fs::read_to_string(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        total(&text).ok_or_else(|| format!("{} has no total", log.display()))
    };
    let few = count(FEW)?;
    let many = count(MANY)?;
    let made = many
        .checked_sub(few)
        .ok_or("the longer run made fewer allocations")?;
    #[expect(clippy::cast_precision_loss, reason = "both are far below 2^52")]
    Ok(made as f64 / (MANY - FEW) as f64)
}

/// The total that memcheck writes in the end, such as `total heap usage: 1,234 allocs, ...`.
fn total(log: &str) -> Option<u64> {
    let (_, rest) = log.split_once("total heap usage: ")?;
    let (number, _) = rest.split_once(" allocs")?;
    number.replace(',', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::total;

    #[test]
    fn the_total_is_read_off_the_log() {
        let log = "==7== HEAP SUMMARY:\n==7==   total heap usage: 12,345 allocs, 12,300 frees, 1 bytes allocated\n";
        assert_eq!(total(log), Some(12_345));
        assert_eq!(total("==7=="), None);
    }
}
