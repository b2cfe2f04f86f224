//! What is said of many measurements of the same thing.

/// The middle of some values, and how far apart they lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    /// A quarter of the values lie below this one.
    pub(crate) low: f64,
    /// A quarter of the values lie above this one.
    pub(crate) high: f64,
}

impl Spread {
    /// The spread of at least one value.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            median: quantile(&sorted, 0.5)?,
            low: quantile(&sorted, 0.25)?,
            high: quantile(&sorted, 0.75)?,
        })
    }
}

/// The median of at least one value.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    Spread::of(values).map(|spread| spread.median)
}

/// How many times the other each value is: those of one round belong together, because the machine
/// was in the same mood.
pub(crate) fn paired(values: &[f64], others: &[f64]) -> Vec<f64> {
    let pairs = values.iter().zip(others);
    pairs.map(|(value, other)| value / other).collect()
}

/// The value below which this part of the sorted values lies, between two of them if it has to be.
fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = last as f64 * part;
    let below = at.floor();
    let (low, high) = (sorted[below as usize], sorted[at.ceil() as usize]);
    Some(low + (high - low) * (at - below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_lie_between_values_where_they_have_to() {
        let spread = Spread::of(&[4.0, 1.0, 3.0, 2.0]).unwrap();
        assert_eq!((spread.low, spread.median, spread.high), (1.75, 2.5, 3.25));
        let single = Spread::of(&[7.0]).unwrap();
        assert_eq!((single.low, single.median, single.high), (7.0, 7.0, 7.0));
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn a_machine_that_slows_down_between_rounds_does_not_move_the_ratio() {
        let floor = [1.0, 2.0, 10.0];
        let ours = [1.5, 3.0, 15.0];
        assert_eq!(paired(&ours, &floor), [1.5, 1.5, 1.5]);
    }

    #[test]
    fn one_round_that_was_disturbed_does_not_move_the_median() {
        assert_eq!(median(&[1.0, 1.1, 50.0]), Some(1.1));
    }
}
