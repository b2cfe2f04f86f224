//! The page: each case, what it gets, and what proves it.

use super::cases::Case;
use super::proofs::Proof;

const INTRODUCTION: &str = "\
# Robustness

What the library survives, with what answer, and the tests that prove it. The number of a case begins
the names of its tests, so `cargo test fault_66` runs those of one. After each of them whoever did
nothing wrong is still served, and that within a second: where it is asked for in the test's own process,
the clock stands still until the answer is there, so that no answer that waits for any time passes, and
none is late because the machine is busy. A server in a process of its own is not held to it: there, only
the machine's clock could tell. Every bound that is named here is a field of `Limits`, see
[Limits and errors](guide/limits-and-errors.md).

This page is written by `cargo xtask faults`; do not change it by hand.
";

/// The page.
pub(super) fn render(cases: &[Case], proofs: &[Proof]) -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut group = "";
    for case in cases {
        if case.group != group {
            group = &case.group;
            page.push_str(&format!(
                "\n## {group}\n\n| | What comes | What it gets | Proved by |\n|---|---|---|---|\n"
            ));
        }
        let proved = proved_by(case.number, proofs);
        let Case {
            number,
            what,
            answer,
            ..
        } = case;
        page.push_str(&format!("| {number} | {what} | {answer} | {proved} |\n"));
    }
    page
}

fn proved_by(number: u32, proofs: &[Proof]) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut path = "";
    for proof in proofs.iter().filter(|proof| proof.case == number) {
        if proof.path == path {
            lines.push(proof.says.clone());
            continue;
        }
        path = &proof.path;
        lines.push(format!("[{path}](../{path}): {}", proof.says));
    }
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use super::super::cases::Owner;
    use super::*;

    #[test]
    fn a_row_links_each_file_once_and_says_what_its_tests_say() {
        let case = |number| Case {
            number,
            group: "A group".to_owned(),
            owners: vec![Owner::Http],
            what: "this".to_owned(),
            answer: "that".to_owned(),
        };
        let proof = |path: &str, says: &str| Proof {
            case: 1,
            path: path.to_owned(),
            says: says.to_owned(),
        };
        let proofs = [
            proof("tests/a.rs", "one"),
            proof("tests/a.rs", "two"),
            proof("tests/b.rs", "three"),
        ];
        let page = render(&[case(1), case(2)], &proofs);
        let rows: Vec<_> = page.lines().rev().take(2).collect();
        assert_eq!(
            rows,
            [
                "| 2 | this | that |  |",
                "| 1 | this | that | [tests/a.rs](../tests/a.rs): one; two; \
                 [tests/b.rs](../tests/b.rs): three |",
            ]
        );
        assert_eq!(page.matches("## A group").count(), 1);
    }
}
