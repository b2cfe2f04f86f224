//! Clients that other people wrote, against our example servers.

use super::{Theirs, example, seeing};
use crate::Outcome;
use crate::command::command;
use crate::tally::Tally;

/// Runs every client.
pub(super) fn run(theirs: &Theirs, tally: &mut Tally) -> Outcome {
    let everything = example("everything")?;
    let filesystem = example("filesystem")?;

    let mut typescript = command(&theirs.node.to_string_lossy(), &["run.mjs"]);
    typescript
        .args([&everything, &filesystem])
        .current_dir(&theirs.folder);
    let typescript = seeing(typescript, tally);

    let mut python = command(&theirs.python.to_string_lossy(), &["run.py"]);
    python
        .arg(&everything)
        .current_dir(theirs.folder.join("python"));
    typescript.and(seeing(python, tally))
}
