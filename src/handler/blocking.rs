//! Threads for functions that block.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};

/// Most functions that block at once, in all servers of the process; one more waits for its turn.
const MOST: usize = 512;

static TURNS: Semaphore = Semaphore::const_new(MOST);

/// Runs `work` on a thread of its own, from which the runtime can be reached.
///
/// Not on the runtime's pool for blocking work: a runtime that is dropped waits for that pool, so
/// a function that never returns would keep a server alive whose client is long gone (fault 15).
/// A thread of its own ends with the process.
///
/// A panic of `work` goes on where this future is polled.
pub(super) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let turn = TURNS.acquire().await.expect("nobody closes the semaphore");
    let (done, result) = oneshot::channel();
    let runtime = Handle::current();
    let thread = thread::Builder::new().name("blocking handler".to_owned());
    let spawned = thread.spawn(move || {
        let _entered = runtime.enter();
        let outcome = catch_unwind(AssertUnwindSafe(work));
        drop(turn);
        let _ = done.send(outcome);
    });
    spawned.expect("the system has a thread to give");
    match result.await.expect("the thread sends whatever happens") {
        Ok(value) => value,
        Err(panic) => resume_unwind(panic),
    }
}
