//! Virtual time, in milliseconds.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Where the time of every run starts. Only differences matter.
#[expect(
    clippy::disallowed_methods,
    reason = "an `Instant` has no other origin"
)]
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

pub(crate) fn at(millis: u64) -> Instant {
    *START + Duration::from_millis(millis)
}

/// The millisecond in which a time lies.
pub(crate) fn millis_of(time: Instant) -> u64 {
    let since = time.saturating_duration_since(*START);
    u64::try_from(since.as_millis()).expect("a short time")
}
