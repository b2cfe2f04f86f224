//! The tests that name a case.

use crate::ci::tracked;
use crate::command::root;

/// What the name of a test that proves a case begins with.
const MARK: &str = "fault_";

/// A test that proves a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proof {
    pub(super) case: u32,
    /// The file it stands in, from the root of the repository.
    pub(super) path: String,
    /// Its name, as the sentence it is.
    pub(super) says: String,
}

impl Proof {
    /// Whether it is a test of the server over HTTP.
    pub(super) fn is_over_http(&self) -> bool {
        let homes = ["tests/http_", "mcp-transport/src/http/"];
        homes.iter().any(|home| self.path.starts_with(home))
    }
}

/// Every test of the repository that proves a case, by case, file and place.
pub(super) fn proofs() -> Result<Vec<Proof>, String> {
    let mut proofs = Vec::new();
    // What is here are examples of names.
    let tests = tracked(&[".rs"])?;
    for path in tests.iter().filter(|path| !path.starts_with("xtask/")) {
        let text = std::fs::read_to_string(root().join(path))
            .map_err(|error| format!("{path}: {error}"))?;
        proofs.extend(proofs_of(path, &text));
    }
    proofs.sort_by_key(|proof| proof.case);
    Ok(proofs)
}

/// The proofs in one file. One test may prove several cases: its name then begins with all of
/// their numbers.
fn proofs_of(path: &str, text: &str) -> Vec<Proof> {
    let mut proofs = Vec::new();
    for line in text.lines() {
        let line = line.trim_start();
        let line = line.strip_prefix("async ").unwrap_or(line);
        let name = line
            .strip_prefix("fn ")
            .and_then(|line| line.split('(').next());
        let (numbers, says) = named(name.unwrap_or_default());
        proofs.extend(numbers.into_iter().map(|case| Proof {
            case,
            path: path.to_owned(),
            says: says.replace('_', " "),
        }));
    }
    proofs
}

/// The cases that the name of a test begins with, and the rest of it.
fn named(name: &str) -> (Vec<u32>, &str) {
    let (mut numbers, mut rest) = (Vec::new(), name);
    while let Some((number, after)) = rest
        .strip_prefix(MARK)
        .and_then(|numbered| numbered.split_once('_'))
    {
        match number.parse() {
            Ok(number) => numbers.push(number),
            Err(_) => break,
        }
        rest = after;
    }
    (numbers, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_names_its_cases_and_is_a_sentence() {
        let text = "#[test]\nfn fault_07_a_line_is_long() {}\n    \
                    async fn fault_61_fault_63_only_json() {\nfn helper_fault_09_x() {}\n";
        let found = proofs_of("tests/a.rs", text);
        let found: Vec<_> = found.iter().map(|p| (p.case, p.says.as_str())).collect();
        assert_eq!(
            found,
            [(7, "a line is long"), (61, "only json"), (63, "only json")]
        );
    }

    #[test]
    fn the_examples_of_this_file_prove_nothing() {
        let proofs = proofs().expect("the repository can be read");
        assert!(proofs.iter().all(|proof| !proof.path.starts_with("xtask/")));
    }

    #[test]
    fn tests_of_the_server_over_http_are_known_by_their_file() {
        for (path, over_http) in [
            ("tests/http_server/gate.rs", true),
            ("mcp-transport/src/http/legacy/places.rs", true),
            ("mcp-transport/src/http_client/streak.rs", false),
            ("tests/faults_stdio/ends.rs", false),
        ] {
            let proof = &proofs_of(path, "fn fault_01_x() {}")[0];
            assert_eq!(proof.is_over_http(), over_http, "{path}");
        }
    }
}
