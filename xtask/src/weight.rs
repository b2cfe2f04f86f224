//! How many crates a user compiles.

use std::collections::BTreeSet;

use crate::Outcome;
use crate::command::{command, output_of};

/// What users build, what it is called, and the most crates that the facade may then bring, our own
/// and those of build scripts included.
const BUILDS: [(&str, &[&str], usize); 2] = [
    ("the default features", &[], 40),
    (
        "a server over HTTP besides",
        &["--features=http-server"],
        60,
    ),
];

/// Counts the crates of each build and checks the count, and that one version of syn is among them
/// at most.
pub(crate) fn run() -> Outcome {
    for (name, features, most) in BUILDS {
        let mut tree = command("cargo", &["tree", "--locked", "--package=toolwright"]);
        tree.args(["--edges=normal,build", "--prefix=none", "--format={p}"]);
        tree.args(features);
        let crates = names(&output_of(tree)?);
        println!("    {name}: {} crates, at most {most}", crates.len());
        let syns: Vec<_> = crates
            .iter()
            .filter(|name| name.starts_with("syn v"))
            .collect();
        if syns.len() > 1 {
            return Err(format!("{name}: two versions of syn: {syns:?}"));
        }
        if crates.len() > most {
            return Err(format!("{name}: {} crates: {crates:?}", crates.len()));
        }
    }
    Ok(())
}

/// The distinct `name version` pairs of a tree printed without a prefix.
pub(crate) fn names(tree: &str) -> BTreeSet<String> {
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
