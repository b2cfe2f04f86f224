//! What nobody can guess, from the operating system.

use ring::rand::{SecureRandom as _, SystemRandom};

/// The operating system has no random bytes to give. There is no second source: what can be
/// guessed is worse than nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoRandomness;

/// So many random bytes.
pub(super) fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    #[cfg(test)]
    if failing::fails() {
        return Err(NoRandomness);
    }
    let mut bytes = [0; N];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| NoRandomness).map(|()| bytes)
}

/// Draws that fail, for tests of what becomes of them.
#[cfg(test)]
pub(super) mod failing {
    use std::cell::Cell;

    thread_local! {
        /// How many were made on this thread, and which of them fails, from 1; 0 is none.
        static DRAWS: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
    }

    /// Lets the nth draw on this thread from here on fail.
    pub(in super::super) fn let_fail(nth: usize) {
        DRAWS.set((0, nth));
    }

    /// How many draws there were since then.
    pub(in super::super) fn drawn() -> usize {
        DRAWS.get().0
    }

    pub(super) fn fails() -> bool {
        let (drawn, nth) = DRAWS.get();
        DRAWS.set((drawn + 1, nth));
        drawn + 1 == nth
    }
}
