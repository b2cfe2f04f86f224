//! How long to wait before a stream that ended is opened again.

use std::time::Duration;

use crate::backoff::Backoff;

/// A stream that lasted less was none worth the name.
const SHORT: Duration = Duration::from_millis(500);

/// Streams that ended one after the other.
#[derive(Debug, Default)]
pub(super) struct Streak {
    attempt: u32,
    delay: Duration,
}

impl Streak {
    /// The wait after a stream that lasted this long; `None` when it has been tried often enough.
    ///
    /// What the server asks for is granted (HTTP-L-11), but a server that accepts and closes, and
    /// accepts and closes, is asked ever less often whatever it says (fault 87).
    pub(super) fn next(
        &mut self,
        backoff: &Backoff,
        lasted: Duration,
        retry: Option<Duration>,
    ) -> Option<Duration> {
        if lasted >= self.delay.max(SHORT) {
            self.attempt = 0;
        }
        self.attempt += 1;
        let own = backoff.delay(self.attempt)?;
        self.delay = match retry {
            Some(asked) if self.attempt == 1 => asked,
            Some(asked) => own.max(asked),
            None => own,
        };
        Some(self.delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(lasted: u64, retry: Option<u64>) -> Vec<Option<u64>> {
        let backoff = Backoff::new().attempts(4).jitter(|| 0.0);
        let mut streak = Streak::default();
        let mut next = || {
            let retry = retry.map(Duration::from_millis);
            let wait = streak.next(&backoff, Duration::from_millis(lasted), retry);
            wait.map(|wait| u64::try_from(wait.as_millis()).unwrap())
        };
        (0..5).map(|_| next()).collect()
    }

    #[test]
    fn fault_87_streams_that_end_at_once_are_opened_ever_less_often_and_then_no_more() {
        let growing = [Some(500), Some(1000), Some(2000), Some(4000), None];
        assert_eq!(waits(0, None), growing);
        let asked = [Some(0), Some(1000), Some(2000), Some(4000), None];
        assert_eq!(waits(0, Some(0)), asked);
    }

    #[test]
    fn a_stream_that_lasted_is_opened_again_when_the_server_wants_it() {
        assert_eq!(waits(10_000, Some(200)), [Some(200); 5]);
        assert_eq!(waits(10_000, None), [Some(500); 5]);
    }
}
