//! A time that two processes agree on.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time since the epoch, in microseconds: programs on one machine can compare it.
pub fn micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.map_or(0, |since| since.as_micros())).unwrap_or(u64::MAX)
}

/// The 99th percentile of durations, the longest if there are few; zero of none.
pub fn p99(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    let at = (durations.len() * 99).div_ceil(100).saturating_sub(1);
    durations.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_a_hundred_may_be_slower_than_the_99th_percentile() {
        let mut durations: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(p99(durations.clone()), Duration::from_millis(99));
        durations.truncate(3);
        assert_eq!(p99(durations), Duration::from_millis(3));
        assert_eq!(p99(Vec::new()), Duration::ZERO);
    }
}
