//! JSON as people write it by hand: with comments and commas before a closing bracket.

/// The text without comments and trailing commas; lines and columns stay where they are.
pub(super) fn strip(text: &str) -> String {
    let mut stripped = String::with_capacity(text.len());
    let mut comma = None;
    let mut rest = text.trim_start_matches('\u{feff}');
    while let Some(next) = rest.chars().next() {
        let taken = match next {
            '"' => string(rest),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            other => other.len_utf8(),
        };
        let (token, after) = rest.split_at(taken);
        rest = after;
        if next == '/' && taken > 1 {
            let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
            stripped.extend(token.chars().map(blank));
            continue;
        }
        match next {
            ',' => comma = Some(stripped.len()),
            '}' | ']' => {
                if let Some(at) = comma.take() {
                    stripped.replace_range(at..=at, " ");
                }
            }
            c if c.is_whitespace() => {}
            _ => comma = None,
        }
        stripped.push_str(token);
    }
    stripped
}

/// How long the string is that `text` begins with, its quotes included.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::strip;

    #[test]
    fn comments_and_trailing_commas_go_and_strings_stay() {
        let text = "// first\n{ /* a, */ \"a\": [1, 2, /* b */ ], \"u\": \"http://x/\\\"*/\", }";
        let value: Value = serde_json::from_str(&strip(text)).unwrap();
        assert_eq!(value, json!({ "a": [1, 2], "u": "http://x/\"*/" }));
        assert_eq!(strip(text).len(), text.len());
    }

    #[test]
    fn what_is_cut_off_is_kept_for_the_parser_to_complain_about() {
        for text in ["{\"a", "/* never", "\"\\", "{,"] {
            assert!(
                serde_json::from_str::<Value>(&strip(text)).is_err(),
                "{text}"
            );
        }
    }
}
