//! The one who stops a child and reaps it, whatever becomes of the connection.

use std::future::{Future as _, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use tokio::process::Child;
use tokio::sync::oneshot;

use super::group::Group;

/// Dropped to have the child stopped.
pub(super) type Stop = oneshot::Sender<()>;
/// Ends when the child has.
pub(super) type Exited = oneshot::Receiver<()>;

/// Watches a child in a task of its own.
pub(super) fn supervise(child: Child, grace: Duration) -> (Stop, Exited) {
    let (stop, stopping) = oneshot::channel();
    let (exit, exited) = oneshot::channel();
    let guard = Guard {
        group: Group::of(child.id()),
        child,
        reaped: false,
    };
    tokio::spawn(run(guard, stopping, exit, grace));
    (stop, exited)
}

async fn run(
    mut guard: Guard,
    mut stopping: oneshot::Receiver<()>,
    exit: oneshot::Sender<()>,
    grace: Duration,
) {
    let ended_by_itself = {
        let mut ended = pin!(guard.child.wait());
        poll_fn(|cx| match Pin::new(&mut stopping).poll(cx) {
            Poll::Ready(_) => Poll::Ready(false),
            Poll::Pending => ended.as_mut().poll(cx).map(|_| true),
        })
        .await
    };
    if !ended_by_itself {
        guard.stop(grace).await;
    }
    guard.finish();
    drop(exit);
}

/// A child that does not outlive its watcher.
struct Guard {
    child: Child,
    group: Group,
    reaped: bool,
}

impl Guard {
    /// Its input is closed by now: waits, asks, waits, kills (STDIO-A-03, fault 19).
    async fn stop(&mut self, grace: Duration) {
        if tokio::time::timeout(grace, self.child.wait()).await.is_ok() {
            return;
        }
        self.group.terminate();
        if tokio::time::timeout(grace, self.child.wait()).await.is_ok() {
            return;
        }
        self.group.kill();
        let _ = self.child.start_kill();
        let _ = self.child.wait().await;
    }

    /// The child is reaped; what it left behind dies too (fault 20).
    fn finish(mut self) {
        self.reaped = true;
        self.group.kill();
    }
}

/// The runtime stopped, or the task panicked: there is no time left to be asked (fault 21).
impl Drop for Guard {
    fn drop(&mut self) {
        if self.reaped {
            return;
        }
        self.group.kill();
        let _ = self.child.start_kill();
        // What was killed is gone within a moment; waiting for it leaves no zombie behind.
        const ROUNDS: u32 = 100;
        for _ in 0..ROUNDS {
            if !matches!(self.child.try_wait(), Ok(None)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}
