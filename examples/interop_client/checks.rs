//! Counting checks: each has a name, runs with a deadline, and fails on its own.

use std::fmt::Display;
use std::process::ExitCode;
use std::time::Duration;

use tokio::time::timeout;

/// How long one check may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// How a check went: nothing to say, or why it failed.
pub(crate) type Outcome = Result<(), String>;

/// What passed and what failed.
pub(crate) struct Checks {
    title: String,
    passed: u32,
    failed: u32,
}

impl Checks {
    pub(crate) fn new(title: String) -> Self {
        Self {
            title,
            passed: 0,
            failed: 0,
        }
    }

    /// Runs `check` and counts how it went.
    pub(crate) async fn run(&mut self, name: &str, check: impl Future<Output = Outcome>) {
        match timeout(DEADLINE, check).await {
            Ok(Ok(())) => self.passed += 1,
            Ok(Err(why)) => self.fail(name, &why),
            Err(_) => self.fail(name, &format!("nothing after {} s", DEADLINE.as_secs())),
        }
    }

    /// Counts a check that could not begin.
    pub(crate) fn fail(&mut self, name: &str, why: &str) {
        self.failed += 1;
        println!("FAILED {}: {name}\n    {why}", self.title);
    }

    pub(crate) fn any_failed(&self) -> bool {
        self.failed > 0
    }

    /// Prints the closing lines, and says whether everything passed.
    pub(crate) fn close(self) -> ExitCode {
        println!("{}: {} passed", self.title, self.passed);
        println!("interop: {} passed, {} failed", self.passed, self.failed);
        match (self.passed, self.failed) {
            (1.., 0) => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        }
    }
}

/// Whether something is what it should be.
pub(crate) fn same<T: PartialEq<U> + std::fmt::Debug, U: std::fmt::Debug>(
    found: T,
    wanted: U,
) -> Outcome {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{found:?} instead of {wanted:?}"))
    }
}

/// Whether something holds; `what` says what was found.
pub(crate) fn holds(condition: bool, what: impl Display) -> Outcome {
    if condition {
        Ok(())
    } else {
        Err(what.to_string())
    }
}

/// An error as the reason of a failure.
pub(crate) fn why(error: impl Display) -> String {
    error.to_string()
}
