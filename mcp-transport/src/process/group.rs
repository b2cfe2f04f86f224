//! The child and its descendants as one group of processes.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process_group};

/// Makes the child the leader of a group of its own, which its descendants belong to.
pub(super) fn lead(command: &mut Command) {
    command.process_group(0);
}

/// The group that a child with this id leads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group(Option<Pid>);

impl Group {
    pub(super) fn of(child: Option<u32>) -> Self {
        let id = child.and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    /// Asks every process of the group to end.
    pub(super) fn terminate(self) {
        self.send(Signal::TERM);
    }

    /// Ends every process of the group. The id stays taken as long as one of them lives, so this
    /// cannot reach a stranger while there is somebody to reach.
    pub(super) fn kill(self) {
        self.send(Signal::KILL);
    }

    fn send(self, signal: Signal) {
        if let Some(id) = self.0 {
            // An empty group is what was wanted.
            let _ = kill_process_group(id, signal);
        }
    }
}
