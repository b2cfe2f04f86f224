//! The house rules that a machine can check.

use crate::Outcome;
use crate::ci::tracked;
use crate::command::root;

/// The lines at which a file is too long to be one idea.
const LONGEST: usize = 400;

/// A rule: what it is called, and whether a line breaks it.
type Rule = (&'static str, fn(&str) -> bool);

/// The rules for single lines of Rust.
const RULES: &[Rule] = &[
    ("a doc example that is not compiled", |line| {
        let line = line.trim_start();
        ["/// ```ignore", "//! ```ignore"]
            .iter()
            .any(|fence| line.starts_with(fence))
    }),
    ("a glob re-export", |line| {
        line.trim_start().starts_with("pub use ") && line.ends_with("::*;")
    }),
];

/// Checks every tracked file of Rust.
pub(crate) fn run() -> Outcome {
    let mut broken = 0;
    for path in tracked(&[".rs"])? {
        let text = std::fs::read_to_string(root().join(&path))
            .map_err(|error| format!("{path}: {error}"))?;
        for offence in offences(&text) {
            println!("    {path}{offence}");
            broken += 1;
        }
    }
    if broken == 0 {
        Ok(())
    } else {
        Err(format!("{broken} offences"))
    }
}

/// What is wrong with one file, each as `:line: why`.
fn offences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let length = text.lines().count();
    if length > LONGEST {
        found.push(format!(": {length} lines, at most {LONGEST}"));
    }
    for (number, line) in text.lines().enumerate() {
        for (why, breaks) in RULES {
            if breaks(line) {
                found.push(format!(":{}: {why}", number + 1));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_names_the_line_that_breaks_it() {
        let text = "/// ```ignore\n/// ```\npub use inner::*;\n";
        assert_eq!(
            offences(text),
            [
                ":1: a doc example that is not compiled",
                ":3: a glob re-export"
            ]
        );
    }

    #[test]
    fn a_file_may_have_as_many_lines_as_the_limit_and_no_more() {
        assert!(offences(&"\n".repeat(LONGEST)).is_empty());
        assert_eq!(offences(&"\n".repeat(LONGEST + 1)).len(), 1);
    }
}
