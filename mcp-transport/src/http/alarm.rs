//! A deadline that is put off again and again.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// Goes off when it was not put off for a while. The timer behind it is set anew only when it
/// fires, so that to put it off takes no more than a look at the clock.
///
/// It wakes the task that polled it when it was set: one task has to poll it all the time.
#[derive(Debug)]
pub(super) struct Alarm {
    patience: Duration,
    due: Instant,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    /// An alarm that is set when it is first polled or put off.
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            patience,
            due: Instant::now(),
            timer: None,
        }
    }

    /// Lets the time begin anew.
    pub(super) fn put_off(&mut self, cx: &mut Context<'_>) {
        self.due = Instant::now() + self.patience;
        if self.timer.as_ref().is_none_or(|timer| timer.is_elapsed()) {
            self.set(cx);
        }
    }

    /// Whether the time is over.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &self.timer {
            None => self.put_off(cx),
            Some(timer) if !timer.is_elapsed() => {}
            Some(_) if self.due <= Instant::now() => return Poll::Ready(()),
            Some(_) => self.set(cx),
        }
        Poll::Pending
    }

    fn set(&mut self, cx: &mut Context<'_>) {
        let due = self.due;
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        timer.as_mut().reset(due);
        // Told whom to wake even where the task has used up its turn. What fires at once wakes
        // nobody, and is seen at the next poll like any other that has fired.
        let _ = pin!(tokio::task::unconstrained(timer.as_mut())).poll(cx);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    async fn gone_off(alarm: &mut Alarm) -> Duration {
        let start = Instant::now();
        poll_fn(|cx| alarm.poll(cx)).await;
        start.elapsed()
    }

    async fn put_off(alarm: &mut Alarm) {
        poll_fn(|cx| {
            alarm.put_off(cx);
            Poll::Ready(())
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_alarm_goes_off_when_nobody_puts_it_off() {
        let mut alarm = Alarm::new(PATIENCE);
        assert!(gone_off(&mut alarm).await.abs_diff(PATIENCE).as_millis() <= 2);
        // Once it was put off, it may go off again.
        put_off(&mut alarm).await;
        assert!(gone_off(&mut alarm).await.abs_diff(PATIENCE).as_millis() <= 2);
    }

    #[tokio::test(start_paused = true)]
    async fn an_alarm_that_is_put_off_goes_off_all_its_time_later() {
        let mut alarm = Alarm::new(PATIENCE);
        put_off(&mut alarm).await;
        for _ in 0..10 {
            tokio::time::advance(PATIENCE - Duration::from_secs(1)).await;
            assert!(poll_fn(|cx| Poll::Ready(alarm.poll(cx))).await.is_pending());
            put_off(&mut alarm).await;
        }
        assert!(gone_off(&mut alarm).await.abs_diff(PATIENCE).as_millis() <= 2);
    }
}
