//! Where a string cannot go on as it stands, looked for in many bytes at once.

/// As many bytes as are looked at together in a long text.
pub(super) const BLOCK: usize = 32;

/// As many bytes as are looked at together in a short one.
pub(super) const WORD: usize = size_of::<u64>();

/// A text that goes on for so long is probably a long one. The names of members are shorter.
const LONG: usize = 64;

/// Whether a string cannot go on with this byte as it stands.
pub(super) fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..b' ')
}

/// Where the first special byte stands.
#[inline(always)]
pub(super) fn first_special(bytes: &[u8]) -> Option<usize> {
    let near = bytes.get(..LONG).unwrap_or(bytes);
    let mut rest = near;
    while let Some((word, behind)) = rest.split_first_chunk() {
        if let Some(special) = special_of_word(word) {
            return Some(near.len() - rest.len() + special);
        }
        rest = behind;
    }
    let at = near.len() - rest.len();
    let special = match bytes.len() > LONG {
        true => far_special(bytes.get(at..)?),
        false => rest.iter().position(|byte| is_special(*byte)),
    };
    Some(at + special?)
}

/// Where the first special byte of a long text stands.
#[inline(never)]
fn far_special(bytes: &[u8]) -> Option<usize> {
    let (blocks, _) = bytes.as_chunks();
    let special = blocks.iter().position(|block| !is_plain(block));
    let at = special.unwrap_or(blocks.len()) * BLOCK;
    let mut rest = bytes.get(at..)?.iter();
    Some(at + rest.position(|byte| is_special(*byte))?)
}

/// Whether nothing in a block is special.
#[inline]
pub(super) fn is_plain(block: &[u8; BLOCK]) -> bool {
    // `is_special` without branches, in steps that processors have for many bytes at once.
    let is_special = |byte: u8| {
        let quote_or_backslash = (byte ^ b'"').min(byte ^ b'\\');
        quote_or_backslash.min(byte.saturating_sub(b' ' - 1)) == 0
    };
    // All of them, since looking at each before the next would be one at a time.
    let found = block
        .iter()
        .fold(false, |found, byte| found | is_special(*byte));
    !found
}

/// Where the first special byte of a word stands.
#[inline]
pub(super) fn special_of_word(word: &[u8; WORD]) -> Option<usize> {
    let found = special_bytes(u64::from_le_bytes(*word));
    (found != 0).then(|| found.trailing_zeros() as usize / 8)
}

/// The highest bit of each of eight bytes for which [`is_special`] holds; above the lowest of them,
/// other bytes may be marked, too.
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHEST: u64 = ONES << 7;
    let below = |word: u64, bound: u8| word.wrapping_sub(ONES * u64::from(bound)) & !word;
    // With this bit turned, the quote follows the control characters.
    const TURNED: u8 = b'"' ^ b' ';
    let quote_or_control = below(word ^ (ONES * u64::from(TURNED)), b' ' + 1);
    let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
    (quote_or_control | backslash) & HIGHEST
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotes_backslashes_and_control_characters_are_special() {
        for byte in 0..=u8::MAX {
            let expected = matches!(byte, b'"' | b'\\' | 0..b' ');
            assert_eq!(is_special(byte), expected, "{byte}");
            let expected = expected.then_some(0);
            assert_eq!(special_of_word(&[byte; WORD]), expected, "{byte}");
            assert_eq!(is_plain(&[byte; BLOCK]), expected.is_none(), "{byte}");
        }
    }

    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        for length in 0..200 {
            let mut bytes = vec![0xC3; length];
            assert_eq!(first_special(&bytes), None, "{length}");
            for at in (0..length).rev() {
                bytes[at] = b"\"\\\n\0\x1f"[at % 5];
                assert_eq!(first_special(&bytes), Some(at), "{length}");
            }
        }
    }

    proptest! {
        #[test]
        fn special_bytes_are_found_among_any_others(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let expected = bytes.iter().position(|byte| is_special(*byte));
            prop_assert_eq!(first_special(&bytes), expected);
        }
    }
}
