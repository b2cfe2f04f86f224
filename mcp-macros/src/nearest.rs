//! The known word that was probably meant.

/// The closest of `known` to `word`, if it is close enough to be a slip of the pen.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|candidate| (distance(word, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().max(3) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters to add, drop, change or swap with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // The rows for the letters of `a` before this one and before that; `before` is none at first.
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (j, (cb, pair)) in b.iter().zip(row.windows(2)).enumerate() {
            let (Some(left), &[diagonal, above]) = (next.last(), pair) else {
                break;
            };
            let mut cost = (diagonal + usize::from(ca != cb))
                .min(left + 1)
                .min(above + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(cb) && b.get(j - 1) == Some(ca);
            if let (true, Some(earlier)) = (swapped, before.get(j.wrapping_sub(1))) {
                cost = cost.min(earlier + 1);
            }
            next.push(cost);
        }
        before = std::mem::replace(&mut row, next);
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
        assert_eq!(nearest("nmae", &["mime", "name"]), Some("name"));
        assert_eq!(nearest("titel", &["title"]), Some("title"));
        assert_eq!(nearest("titl", &known), Some("title"));
        assert_eq!(nearest("banana", &known), None);
    }
}
