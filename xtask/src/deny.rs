//! `deny`: the licences of what is depended on, what may not be among it, and where it is from.

use crate::Outcome;
use crate::command::run as run_command;
use crate::python::tool;

/// Holds every dependency, of every feature and platform, against `deny.toml`.
///
/// Known vulnerabilities are left out: their list is no package of a registry, so that the outcome
/// would depend on the day. `SECURITY.md` says how a release asks for them.
pub(crate) fn run() -> Outcome {
    let mut deny = tool("cargo-deny")?;
    deny.args(["check", "licenses", "bans", "sources"]);
    run_command(deny)
}
