//! A string on its way out.

use super::special::{BLOCK, WORD, first_special, is_plain, is_special, special_of_word};

/// Appends `text` as a JSON string, in the same bytes as `serde_json`.
///
/// It looks at many bytes at once and copies them as it goes, which a long text is worth.
///
/// ```
/// let mut buffer = Vec::new();
/// mcp_core::json::write_string(&mut buffer, "a \"b\"\n");
/// assert_eq!(buffer, br#""a \"b\"\n""#);
/// ```
pub fn write_string(buffer: &mut Vec<u8>, text: &str) {
    // With what a source text has in escapes, and what the caller puts behind it: a large buffer
    // that grows at its end is copied.
    const BEHIND: usize = 64;
    buffer.reserve(text.len() + text.len() / 8 + BEHIND);
    buffer.push(b'"');
    let rest = write_chunks(
        buffer,
        text.as_bytes(),
        |block: &[u8; BLOCK]| match is_plain(block) {
            true => None,
            false => first_special(block),
        },
    );
    let rest = write_chunks(buffer, rest, |word: &[u8; WORD]| special_of_word(word));
    for byte in rest {
        match is_special(*byte) {
            true => write_escape(buffer, *byte),
            false => buffer.push(*byte),
        }
    }
    buffer.push(b'"');
}

/// Appends what stands in chunks of this size, and returns the rest. `special` says where the first
/// special byte of a chunk stands.
fn write_chunks<'t, const SIZE: usize>(
    buffer: &mut Vec<u8>,
    mut rest: &'t [u8],
    special: impl Fn(&[u8; SIZE]) -> Option<usize>,
) -> &'t [u8] {
    while let Some((chunk, behind)) = rest.split_first_chunk() {
        // A copy of known size is a few instructions, even if a part of it is taken back.
        buffer.extend_from_slice(chunk);
        let Some(plain) = special(chunk) else {
            rest = behind;
            continue;
        };
        buffer.truncate(buffer.len() - (SIZE - plain));
        let Some((special, behind)) = rest.get(plain..).and_then(<[u8]>::split_first) else {
            break;
        };
        write_escape(buffer, *special);
        rest = behind;
    }
    rest
}

/// Appends a special byte.
fn write_escape(buffer: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\x08' => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        b'\x0C' => b'f',
        b'\r' => b'r',
        _ => {
            let digit = |four: u8| match four {
                0..10 => b'0' + four,
                _ => b'a' - 10 + four,
            };
            let escape = [b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)];
            return buffer.extend_from_slice(&escape);
        }
    };
    buffer.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(text: &str) -> String {
        let mut buffer = b"before ".to_vec();
        write_string(&mut buffer, text);
        let text = String::from_utf8(buffer).unwrap();
        text.strip_prefix("before ").unwrap().to_owned()
    }

    #[test]
    fn every_character_of_one_byte_and_some_of_more_are_written_wherever_they_stand() {
        let some = (0..0x100).chain([0x7FF, 0x2028, 0xFEFF, 0xFFFD, 0xFFFF, 0x10000, 0x10_FFFF]);
        for character in some.filter_map(char::from_u32) {
            for before in 0..72 {
                for behind in [0, 1, 7, 31, 32, 40] {
                    let text = format!("{}{character}{}", "x".repeat(before), "y".repeat(behind));
                    let expected = serde_json::to_string(&text).unwrap();
                    assert_eq!(written(&text), expected, "{before} {behind}");
                }
            }
        }
    }

    #[test]
    fn a_long_text_takes_the_memory_it_needs_at_once() {
        let text = "fn main() { println!(\"the quick brown fox\"); } // and on\n".repeat(1000);
        let mut buffer = Vec::new();
        write_string(&mut buffer, &text);
        assert!(buffer.capacity() <= text.len() * 9 / 8 + 64);
        assert!(buffer.capacity() - buffer.len() >= 64, "more can follow");
    }

    proptest! {
        #[test]
        fn a_string_is_written_in_the_bytes_of_serde_json(
            text in "([\\x00-\\x7f]|[a-z]{1,40}|\\PC){0,80}",
        ) {
            prop_assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
        }
    }
}
