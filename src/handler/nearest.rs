//! The known name that was probably meant.

/// The closest of `known` to `word`, if it is close enough to be a slip of the pen.
pub(super) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|candidate| (distance(word, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().max(3) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, one row at a time.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, cb) in row.iter_mut().skip(1).zip(&b) {
            let cost = (diagonal + usize::from(ca != *cb))
                .min(left + 1)
                .min(*cell + 1);
            diagonal = *cell;
            *cell = cost;
            left = cost;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_the_word_and_a_stranger_finds_nothing() {
        let known = ["name", "title", "read_only", "idempotent"];
        assert_eq!(nearest("readonly", &known), Some("read_only"));
        assert_eq!(nearest("nmae", &["name", "mime"]), None);
        assert_eq!(nearest("titel", &["title"]), None);
        assert_eq!(nearest("titl", &known), Some("title"));
        assert_eq!(nearest("banana", &known), None);
    }
}
