//! What nobody can guess, from the operating system. All that has to be so is drawn here, and whoever
//! draws says what is answered when there is nothing to draw.

use ring::error::Unspecified;
use ring::rand::{SecureRandom as _, SystemRandom};

/// The operating system has no random bytes to give. There is no second source: what can be
/// guessed is worse than nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system has no random bytes to give")]
pub struct NoRandomness;

/// So many random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    draw(|source| {
        let mut bytes = [0; N];
        source.fill(&mut bytes)?;
        Ok(bytes)
    })
}

/// What `drawing` makes with the source.
pub(crate) fn draw<T>(
    drawing: impl FnOnce(&SystemRandom) -> Result<T, Unspecified>,
) -> Result<T, NoRandomness> {
    #[cfg(test)]
    if failing::fails() {
        return Err(NoRandomness);
    }
    drawing(&SystemRandom::new()).map_err(|_| NoRandomness)
}

/// Draws that fail, for tests of what becomes of them.
#[cfg(test)]
pub(crate) mod failing {
    use std::cell::Cell;

    thread_local! {
        /// How many were made on this thread, and which of them fail.
        static DRAWS: Cell<(usize, Which)> = const { Cell::new((0, Which::None)) };
    }

    /// Which draws fail, counted from 1.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Which {
        None,
        Only(usize),
        From(usize),
    }

    /// Lets these fail on this thread, from here on.
    pub(crate) fn let_fail(which: Which) {
        DRAWS.set((0, which));
    }

    /// How many draws there were since then.
    pub(crate) fn drawn() -> usize {
        DRAWS.get().0
    }

    pub(super) fn fails() -> bool {
        let (drawn, which) = DRAWS.get();
        let number = drawn + 1;
        DRAWS.set((number, which));
        match which {
            Which::None => false,
            Which::Only(nth) => number == nth,
            Which::From(first) => number >= first,
        }
    }
}
