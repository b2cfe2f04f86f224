//! An authorization server that other people wrote, and certified: its tokens against our protected
//! example server, and its logins with our example client.

use super::{Theirs, example, seeing};
use crate::Outcome;
use crate::command::command;
use crate::tally::Tally;

/// Lets it issue tokens of every kind, and log our client in.
pub(super) fn run(theirs: &Theirs, tally: &mut Tally) -> Outcome {
    let (protected, login) = (example("protected")?, example("login")?);
    let checks = |script: &str| {
        let mut checks = command(&theirs.node.to_string_lossy(), &[script]);
        checks.arg(&protected).current_dir(&theirs.folder);
        checks
    };
    let tokens = seeing(checks("authorization.mjs"), tally);
    let mut logins = checks("login.mjs");
    logins.arg(login);
    tokens.and(seeing(logins, tally))
}
