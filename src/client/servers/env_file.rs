//! Files of variables, one `NAME=value` a line, as VS Code names them by `envFile`.

/// The variables of such a file. Empty lines and those that begin with `#` are skipped, and so is
/// the word `export` before a name. A value may stand in quotes; within double ones `\n`, `\"` and
/// the like mean what they mean elsewhere, and nothing is replaced.
///
/// # Errors
/// The number of the line that is none of this.
pub(super) fn parse(text: &str) -> Result<Vec<(String, String)>, usize> {
    let text = text.trim_start_matches('\u{feff}');
    let numbered = text.lines().enumerate();
    let meant = numbered.filter(|(_, line)| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    });
    meant
        .map(|(at, line)| variable(line.trim()).ok_or(at + 1))
        .collect()
}

fn variable(line: &str) -> Option<(String, String)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
    is_name.then_some(())?;
    Some((name.to_owned(), read_value(value.trim())?))
}

fn read_value(value: &str) -> Option<String> {
    if let Some(rest) = value.strip_prefix('\'') {
        let (inner, after) = rest.split_once('\'')?;
        return is_comment(after).then(|| inner.to_owned());
    }
    if let Some(rest) = value.strip_prefix('"') {
        return quoted(rest);
    }
    // Without quotes a comment begins after a space.
    let plain = value.split_once(" #").map_or(value, |(plain, _)| plain);
    Some(plain.trim_end().to_owned())
}

fn quoted(text: &str) -> Option<String> {
    let mut value = String::new();
    let mut rest = text.chars();
    loop {
        match rest.next()? {
            '"' => return is_comment(rest.as_str()).then_some(value),
            '\\' => value.push(match rest.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            }),
            other => value.push(other),
        }
    }
}

fn is_comment(text: &str) -> bool {
    let text = text.trim_start();
    text.is_empty() || text.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn every_way_to_write_a_variable_is_read() {
        let text = "\u{feff}# keys\n\nA=1\n export B = two words # not this\nC='$A # \"x\"' # but this\n\
                    D=\"a\\\"b\\n#c\"\nE=\nF=a#b\r\nG=a=b\n";
        let read = parse(text).unwrap();
        let read: Vec<_> = read.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let wanted = [
            ("A", "1"),
            ("B", "two words"),
            ("C", "$A # \"x\""),
            ("D", "a\"b\n#c"),
            ("E", ""),
            ("F", "a#b"),
            ("G", "a=b"),
        ];
        assert_eq!(read, wanted);
    }

    #[test]
    fn a_line_that_is_no_variable_is_named() {
        for line in ["A", "=1", "A B=1", "A='1", "A=\"1", "A=\"1\\", "A='1' 2"] {
            assert_eq!(parse(&format!("OK=1\n{line}\n")), Err(2), "{line}");
        }
    }
}
