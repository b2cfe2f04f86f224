//! A clock that stands still.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeFlavor};

/// How long it stands still at most, by the clock on the wall: whoever still waits then waits for
/// it, and has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves somebody in no time, let alone within a second: what would have to wait for any length
/// of it does not end. However busy the machine is, that is exact. With threads of its own a runtime
/// has no such clock.
pub(crate) async fn in_no_time<T>(served: impl Future<Output = T>) -> T {
    if Handle::current().runtime_flavor() != RuntimeFlavor::CurrentThread {
        return served.await;
    }
    let still = Still::new();
    let served = served.await;
    assert!(!still.was_waited_for(), "somebody waited for the clock");
    served
}

/// A clock that stands still until this is dropped.
struct Still {
    /// Whether it did before.
    did: bool,
    given_up: Arc<AtomicBool>,
    _holding: Sender<()>,
}

impl Still {
    fn new() -> Self {
        let did = stands_still();
        if !did {
            tokio::time::pause();
        }
        // A paused clock jumps when nothing else is to be done, unless a thread still works.
        let (_holding, held) = channel::<()>();
        let given_up = Arc::<AtomicBool>::default();
        let gives_up = Arc::clone(&given_up);
        drop(tokio::task::spawn_blocking(move || {
            let late = held.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
            gives_up.store(late, Ordering::Release);
        }));
        Self {
            did,
            given_up,
            _holding,
        }
    }

    fn was_waited_for(&self) -> bool {
        self.given_up.load(Ordering::Acquire)
    }
}

impl Drop for Still {
    fn drop(&mut self) {
        if !self.did {
            tokio::time::resume();
        }
    }
}

/// Whether the clock of this runtime is paused.
fn stands_still() -> bool {
    let (clock, wall) = (tokio::time::Instant::now(), Instant::now());
    while Instant::now() == wall {}
    tokio::time::Instant::now() == clock
}
