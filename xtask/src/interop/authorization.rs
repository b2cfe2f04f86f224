//! The tokens of an authorization server that other people wrote, and certified, against our
//! protected example server.

use super::{Theirs, example, seeing};
use crate::Outcome;
use crate::command::command;
use crate::tally::Tally;

/// Lets it issue tokens of every kind.
pub(super) fn run(theirs: &Theirs, tally: &mut Tally) -> Outcome {
    let protected = example("protected")?;
    let mut checks = command(&theirs.node.to_string_lossy(), &["authorization.mjs"]);
    checks.arg(protected).current_dir(&theirs.folder);
    seeing(checks, tally)
}
