//! How long a client waits before it tries a server again.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

type Jitter = Arc<dyn Fn() -> f64 + Send + Sync>;

/// Waits that double, each shortened at random by up to a half, so that many clients of a server
/// that fell do not return as one.
#[derive(Clone)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    attempts: u32,
    jitter: Jitter,
}

impl Backoff {
    /// From half a second to half a minute, ten times.
    pub fn new() -> Self {
        Self {
            first: Duration::from_millis(500),
            most: Duration::from_secs(30),
            attempts: 10,
            jitter: Arc::new(random),
        }
    }

    /// The first wait, and the longest.
    #[must_use]
    pub fn waits(mut self, first: Duration, most: Duration) -> Self {
        self.first = first;
        self.most = most;
        self
    }

    /// How often a server that fails again and again is tried before it is given up.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Where the randomness comes from: numbers from 0 up to 1.
    #[must_use]
    pub fn jitter(mut self, jitter: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        self.jitter = Arc::new(jitter);
        self
    }

    /// The wait before this attempt, which is 1 for the first; `None` when there is none.
    #[must_use]
    pub fn delay(&self, attempt: u32) -> Option<Duration> {
        if attempt > self.attempts {
            return None;
        }
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        let full = self.first.saturating_mul(doubled).min(self.most);
        let jitter = (self.jitter)().clamp(0.0, 1.0);
        Some(full.mul_f64(1.0 - jitter / 2.0))
    }

    /// A connection that lasted this long was a good one: the waits begin anew. One that is
    /// accepted and closed at once was not (fault 87).
    #[must_use]
    pub fn is_good(&self, lasted: Duration) -> bool {
        lasted >= self.most
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backoff")
            .field("first", &self.first)
            .field("most", &self.most)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// Not for secrets: a number from the keys that the standard library draws for its hash tables.
fn random() -> f64 {
    let hash = std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish();
    f64::from(u32::try_from(hash >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    #[test]
    fn waits_double_up_to_the_longest_and_end_with_the_attempts() {
        let backoff = Backoff::new().attempts(8).jitter(|| 0.0);
        let waits: Vec<_> = (1..=9).map(|n| backoff.delay(n)).collect();
        let millis = |n| Some(Duration::from_millis(n));
        assert_eq!(waits[..3], [millis(500), millis(1000), millis(2000)]);
        assert_eq!(waits[7..], [millis(30_000), None]);
    }

    #[test]
    fn fault_87_a_wait_is_shortened_at_random_by_a_half_at_most() {
        let backoff = Backoff::new().jitter(|| 7.0);
        assert_eq!(backoff.delay(1), Some(Duration::from_millis(250)));
        let drawn: Vec<_> = (0..8).filter_map(|_| Backoff::new().delay(1)).collect();
        let bounds = Duration::from_millis(250)..=Duration::from_millis(500);
        assert!(drawn.iter().all(|wait| bounds.contains(wait)), "{drawn:?}");
        assert!(drawn.iter().any(|wait| *wait != drawn[0]), "{drawn:?}");
    }
}
