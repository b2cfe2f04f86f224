//! `faults`: the generated page on what the library survives, and the tests that prove it.

mod cases;
mod page;
mod proofs;

use std::path::PathBuf;

use self::cases::{Case, Owner, cases};
use self::proofs::{Proof, proofs};
use crate::Outcome;
use crate::command::root;

/// Writes the page.
pub(crate) fn run() -> Outcome {
    let (cases, proofs) = (cases()?, proofs()?);
    complain(&problems(&cases, &proofs))?;
    let page = page();
    std::fs::write(&page, page::render(&cases, &proofs))
        .map_err(|error| format!("{}: {error}", page.display()))
}

/// Checks that every case has its proof, and that the page says so.
pub(crate) fn check() -> Outcome {
    let (cases, proofs) = (cases()?, proofs()?);
    complain(&problems(&cases, &proofs))?;
    let written = std::fs::read_to_string(page()).map_err(|error| error.to_string())?;
    match written == page::render(&cases, &proofs) {
        true => Ok(()),
        false => Err("docs/robustness.md is stale: cargo xtask faults".to_owned()),
    }
}

/// Where the page lies.
fn page() -> PathBuf {
    root().join("docs/robustness.md")
}

fn complain(problems: &[String]) -> Outcome {
    for problem in problems {
        println!("    {problem}");
    }
    match problems.len() {
        0 => Ok(()),
        count => Err(format!("{count} problems")),
    }
}

/// What does not fit together.
fn problems(cases: &[Case], proofs: &[Proof]) -> Vec<String> {
    let mut problems = Vec::new();
    for case in cases {
        let number = case.number;
        let mut of_case = proofs.iter().filter(|proof| proof.case == number);
        if of_case.clone().next().is_none() {
            problems.push(format!(
                "case {number} has no test whose name begins with fault_{number:02}_"
            ));
        } else if case.owners.contains(&Owner::Http) && !of_case.any(Proof::is_over_http) {
            problems.push(format!("case {number} has no test over HTTP"));
        }
    }
    let known = |number: u32| cases.iter().any(|case| case.number == number);
    for proof in proofs.iter().filter(|proof| !known(proof.case)) {
        problems.push(format!("{}: there is no case {}", proof.path, proof.case));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(number: u32, owners: &[Owner]) -> Case {
        Case {
            number,
            group: "A group".to_owned(),
            owners: owners.to_vec(),
            what: "what comes".to_owned(),
            answer: "what it gets".to_owned(),
        }
    }

    fn proof(case: u32, path: &str) -> Proof {
        Proof {
            case,
            path: path.to_owned(),
            says: "it is refused".to_owned(),
        }
    }

    #[test]
    fn a_case_without_a_test_is_a_problem() {
        let cases = [case(1, &[Owner::Foundation])];
        assert!(problems(&cases, &[])[0].contains("fault_01_"));
        assert!(problems(&cases, &[proof(1, "tests/a.rs")]).is_empty());
    }

    #[test]
    fn a_case_of_the_http_server_needs_a_test_over_http() {
        let cases = [case(1, &[Owner::Foundation, Owner::Http])];
        let stdio = proof(1, "tests/faults_stdio/framing.rs");
        let http = proof(1, "tests/http_server/gate.rs");
        assert_eq!(problems(&cases, &[stdio]).len(), 1);
        assert!(problems(&cases, &[http]).is_empty());
    }

    #[test]
    fn tests_of_cases_that_do_not_exist_are_problems() {
        let found = problems(&[], &[proof(102, "tests/a.rs")]);
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn the_page_says_what_the_tests_are_called() {
        check().expect("cargo xtask faults");
    }
}
