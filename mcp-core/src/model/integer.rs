//! Whole numbers as others write them. To JSON Schema `1000.0` is an integer, and an integer may be
//! of any size; a number that is odd in a field nobody needs is no reason to refuse what it stands in.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Number;

/// Reads how much there is of something, or may be. What is no such number says nothing, and is left
/// out: a part of one, less than none, more than `u64` holds.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = Option::<Number>::deserialize(deserializer)?;
    let whole = number.and_then(|number| whole(&number));
    Ok(whole.and_then(|whole| whole.try_into().ok()))
}

/// Reads the most there may be of something, where that has to be said: more than `u64` holds is as
/// much as it holds.
pub(super) fn most<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = Number::deserialize(deserializer)?;
    let whole = whole(&number).ok_or_else(|| D::Error::custom("expected an integer"))?;
    let most = whole.clamp(0, u64::MAX.into());
    Ok(most.try_into().expect("it was clamped"))
}

/// Reads for how long, in milliseconds, something stays fresh: a part of one is dropped, and longer
/// than `i64` holds is as long as it holds.
pub(super) fn duration<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<i64>, D::Error> {
    let number = Option::<Number>::deserialize(deserializer)?;
    Ok(number.map(|number| {
        let clamped = truncated(&number).clamp(i64::MIN.into(), i64::MAX.into());
        clamped.try_into().expect("it was clamped")
    }))
}

/// The integer that `number` is, if it is one.
fn whole(number: &Number) -> Option<i128> {
    let is_whole = number.as_i128().is_some() || number.as_f64()?.fract() == 0.0;
    is_whole.then(|| truncated(number))
}

/// `number` without its fraction; far beyond 64 bits where it is.
fn truncated(number: &Number) -> i128 {
    // A cast of a float ends at the bounds of its target.
    let float = || number.as_f64().unwrap_or_default() as i128;
    number.as_i128().unwrap_or_else(float)
}
