//! Who watches the mailbox and the time of a session.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use tokio::task::AbortHandle;

use super::session::{Inner, Session};
use crate::driver::{Handler, now};

/// The task that watches over a session.
pub(super) struct Pump {
    /// What tells it from those before it, which may not have noticed yet that they are stopped.
    number: u32,
    pub(super) task: AbortHandle,
    /// When it looks again by itself.
    due: Option<Instant>,
}

impl Pump {
    /// Whether it would come too late for what is due then.
    fn oversleeps(&self, due: Option<Instant>) -> bool {
        match (due, self.due) {
            (Some(due), Some(own)) => due < own,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }
}

impl<H: Handler> Session<H> {
    /// Sees to it that somebody watches the mailbox and the time exactly while that is needed, and
    /// that they know when to look next.
    pub(super) fn mind(self: &Arc<Self>, inner: &mut Inner) {
        let needed = inner.needs_pump();
        let due = inner.engine.poll_timeout();
        let oversleeps = |pump: &Pump| pump.oversleeps(due);
        if let Some(pump) = inner.pump.take_if(|pump| !needed || oversleeps(pump)) {
            pump.task.abort();
        }
        if needed && inner.pump.is_none() {
            let number = inner.next_pump();
            let task = tokio::spawn(pump(Arc::clone(self), number)).abort_handle();
            inner.pump = Some(Box::new(Pump { number, task, due }));
        }
    }

    /// What the mailbox and the time ask for. `None` when neither needs watching any more, or another
    /// pump does that.
    fn tick(&self, number: u32) -> Option<Option<Instant>> {
        let mut inner = self.lock();
        inner.pump.as_ref().filter(|pump| pump.number == number)?;
        let now = now();
        if inner.engine.poll_timeout().is_some_and(|due| due <= now) {
            inner.engine.handle_timeout(now);
        }
        inner.turn(&self.signals);
        inner.sweep();
        if !inner.needs_pump() {
            inner.pump = None;
            return None;
        }
        let due = inner.engine.poll_timeout();
        inner.pump.as_mut()?.due = due;
        Some(due)
    }
}

/// Watches the mailbox and the time of a session in which something goes on.
async fn pump<H: Handler>(session: Arc<Session<H>>, number: u32) {
    while let Some(due) = session.tick(number) {
        let mut sleep = pin!(due.map(|due| tokio::time::sleep_until(due.into())));
        poll_fn(|cx| {
            if session.signals.poll_mail(cx).is_ready() {
                return Poll::Ready(());
            }
            match sleep.as_mut().as_pin_mut() {
                Some(sleep) => sleep.poll(cx),
                None => Poll::Pending,
            }
        })
        .await;
    }
}
