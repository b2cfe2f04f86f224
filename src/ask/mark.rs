//! Where a poll stands: which request's handler runs on this thread, and whether inside a step.

use std::cell::Cell;

/// What runs on this thread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Mark {
    /// The address of the desk whose handler is polled; zero for none.
    desk: usize,
    in_step: bool,
}

thread_local! {
    static MARK: Cell<Mark> = const { Cell::new(Mark { desk: 0, in_step: false }) };
}

/// From where something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// From the handler's own future.
    Handler,
    /// From inside a step.
    Step,
    /// From a task of its own, or another thread.
    Elsewhere,
}

/// Puts the mark back that was there before, also when a handler panics.
struct Restore(Mark);

impl Drop for Restore {
    fn drop(&mut self) {
        MARK.set(self.0);
    }
}

/// Runs a poll of the handler whose desk is at `desk`.
pub(super) fn during<T>(desk: usize, poll: impl FnOnce() -> T) -> T {
    let outer = MARK.get();
    let _restore = Restore(outer);
    // What a layer runs inside of a step stays inside of it.
    let in_step = outer.in_step && outer.desk == desk;
    MARK.set(Mark { desk, in_step });
    poll()
}

/// Runs a poll of a step's future.
pub(super) fn during_step<T>(poll: impl FnOnce() -> T) -> T {
    let outer = MARK.get();
    let _restore = Restore(outer);
    MARK.set(Mark {
        in_step: true,
        ..outer
    });
    poll()
}

/// Where this is, seen from the desk at `desk`.
pub(super) fn place(desk: usize) -> Place {
    match MARK.get() {
        mark if mark.desk != desk => Place::Elsewhere,
        Mark { in_step: true, .. } => Place::Step,
        _ => Place::Handler,
    }
}
