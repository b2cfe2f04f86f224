//! Counting with callgrind what one call costs.

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;

use crate::Outcome;
use crate::command::target_dir;

/// Calls in the short run; past them every buffer and cache of the program has its size.
const FEW: u64 = 200;
/// Calls in the long run.
const MANY: u64 = 1_200;

/// What one call costs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) instructions: f64,
    /// Calls of the allocator that may return new memory.
    pub(crate) allocations: f64,
}

impl Cost {
    /// How many times as many instructions this takes as `floor`.
    pub(crate) fn ratio(self, floor: Self) -> f64 {
        self.instructions / floor.instructions
    }

    /// Prints it in a table.
    pub(crate) fn print(self, label: &str, dialogue: &str) {
        let Self {
            instructions,
            allocations,
        } = self;
        println!(
            "{label:14} {dialogue:10}  {instructions:8.0} instructions, {allocations:5.1} allocations per call"
        );
    }

    /// Prints the allocations that this makes and `floor` does not.
    pub(crate) fn print_allocations(self, name: &str, floor: Self) {
        println!("count {name} {:.1}", self.allocations - floor.allocations);
    }
}

/// The cost of one call to the program at `path`.
///
/// `converse` starts the command it is given, which is the program under callgrind, makes as many
/// calls as it is told, one at a time, and ends the program. It does so twice, with [`FEW`] and
/// with [`MANY`] calls; the difference is free of what starting and stopping cost. `label` names
/// the profiles that stay behind.
///
/// # Errors
///
/// What went wrong with valgrind, the program or one of its answers.
pub(crate) fn cost_of_a_call(
    label: &str,
    path: &Path,
    converse: impl Fn(Command, u64) -> Outcome,
) -> Result<Cost, String> {
    let run = |calls| {
        let profile = target_dir().join(format!("{label}-{calls}.callgrind"));
        let mut under_callgrind = Command::new("valgrind");
        under_callgrind
            .arg("--quiet")
            .arg("--tool=callgrind")
            .arg(format!("--callgrind-out-file={}", profile.display()))
            .arg(path);
        converse(under_callgrind, calls)?;
        let text = std::fs::read_to_string(&profile)
            .map_err(|error| format!("{}: {error}", profile.display()))?;
        let total = total(&text).ok_or_else(|| format!("{} has no totals", profile.display()))?;
        Ok::<_, String>((total, allocations(&text)))
    };
    let (few, few_allocations) = run(FEW)?;
    let (many, many_allocations) = run(MANY)?;
    Ok(Cost {
        instructions: each(few, many)?,
        allocations: each(few_allocations, many_allocations)?,
    })
}

/// What each of the calls took that the long run made beyond the short one.
fn each(few: u64, many: u64) -> Result<f64, String> {
    let spent = many
        .checked_sub(few)
        .ok_or("the longer run took less than the shorter one")?;
    #[expect(clippy::cast_precision_loss, reason = "both are far below 2^52")]
    Ok(spent as f64 / (MANY - FEW) as f64)
}

/// The total that callgrind wrote at the end of its profile.
fn total(profile: &str) -> Option<u64> {
    let mut lines = profile.lines().rev();
    lines.find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok())
}

/// How often the allocator was asked for memory.
///
/// A profile names each function where it first comes up, as `fn=(7) name` or `cfn=(7) name`, and
/// from then on by its number. `calls=` follows the function that is called.
fn allocations(profile: &str) -> u64 {
    const ALLOCATORS: [&str; 5] = ["malloc", "calloc", "realloc", "memalign", "posix_memalign"];
    let mut numbers = HashSet::new();
    let mut called = "";
    let mut count = 0;
    for line in profile.lines() {
        let named = line.strip_prefix("cfn=").or(line.strip_prefix("fn="));
        if let Some((number, name)) = named.and_then(|named| named.split_once(' '))
            && ALLOCATORS.contains(&name)
        {
            numbers.insert(number);
        }
        if let Some(callee) = line.strip_prefix("cfn=") {
            called = callee.split(' ').next().unwrap_or_default();
        } else if let Some(calls) = line.strip_prefix("calls=")
            && numbers.contains(called)
        {
            let times = calls.split(' ').next().unwrap_or_default();
            count += times.parse().unwrap_or(0);
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_the_allocator_are_counted_wherever_it_got_its_name() {
        let profile = "fn=(1) main\n5 10\ncfn=(2) malloc\ncalls=3 0\n5 30\ncfn=(3) free\n\
                       calls=9 0\n6 1\nfn=(4) calloc\n1 1\nfn=(5) other\ncfn=(4)\ncalls=2 0\n\
                       7 1\ncfn=(2)\ncalls=1 0\n8 1\ntotals: 1234\n";
        assert_eq!(allocations(profile), 6);
        assert_eq!(total(profile), Some(1234));
    }
}
