//! How many crates a user of the default features compiles.

use std::collections::BTreeSet;

use crate::Outcome;
use crate::command::{command, output_of};

/// The most crates that the facade with its default features may bring, our own included.
const MOST: usize = 42;

/// Counts the crates and checks the count against [`MOST`], and that one major version of syn
/// is among them at most.
pub(crate) fn run() -> Outcome {
    let tree = output_of(command(
        "cargo",
        &[
            "tree",
            "--locked",
            "--package",
            "toolwright",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ],
    ))?;
    let crates = names(&tree);
    println!("    {} crates, at most {MOST}", crates.len());
    let syns: Vec<_> = crates
        .iter()
        .filter(|name| name.starts_with("syn v"))
        .collect();
    if syns.len() > 1 {
        return Err(format!("two versions of syn: {syns:?}"));
    }
    if crates.len() > MOST {
        return Err(format!("{} crates: {crates:?}", crates.len()));
    }
    Ok(())
}

/// The distinct `name version` pairs of a tree printed without a prefix.
fn names(tree: &str) -> BTreeSet<String> {
    tree.lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some(format!("{} {}", words.next()?, words.next()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_that_the_tree_repeats_is_counted_once() {
        let tree = "a v1.0.0\nb v2.0.0 (proc-macro)\nb v2.0.0 (proc-macro) (*)\na v1.1.0\n\n";
        assert_eq!(names(tree).len(), 3);
    }
}
