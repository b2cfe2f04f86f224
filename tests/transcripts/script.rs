//! Reading a transcript.

/// What is said in a connection, in order.
pub(crate) struct Script {
    pub(crate) lines: Vec<Line>,
}

/// One message.
pub(crate) struct Line {
    /// Where it begins in the file.
    pub(crate) number: usize,
    pub(crate) says: Says,
    pub(crate) text: String,
}

pub(crate) enum Says {
    Client,
    Server,
}

impl Script {
    /// # Panics
    /// When a message stands in a paragraph that names no rule, or a line is none of a transcript.
    pub(crate) fn read(text: &str) -> Self {
        let mut lines: Vec<Line> = Vec::new();
        let mut ruled = false;
        let mut short: Vec<(&str, &str)> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            if line.is_empty() {
                ruled = false;
            } else if let Some(comment) = line.strip_prefix('#') {
                ruled |= names_a_rule(comment);
            } else if line.starts_with('$') {
                short.push(
                    line.split_once(" = ")
                        .expect("a name and what it is short for"),
                );
            } else if line.starts_with(' ') {
                let last = lines.last_mut().expect("a line to go on with");
                last.text.push_str(&spell_out(line, &short));
            } else {
                assert!(ruled, "line {number} shows no rule");
                lines.push(Line::read(number, &spell_out(line, &short)));
            }
        }
        Self { lines }
    }
}

impl Line {
    fn read(number: usize, line: &str) -> Self {
        let client = line.strip_prefix("→ ").map(|text| (Says::Client, text));
        let server = line.strip_prefix("← ").map(|text| (Says::Server, text));
        let (says, text) = client
            .or(server)
            .unwrap_or_else(|| panic!("line {number} is said by nobody"));
        Self {
            number,
            says,
            text: text.to_owned(),
        }
    }
}

fn spell_out(line: &str, short: &[(&str, &str)]) -> String {
    let long = |line: String, (name, text): &(&str, &str)| line.replace(name, text);
    short.iter().fold(line.to_owned(), long)
}

/// Whether `comment` begins with ids such as `TOOL-A-01` or `AMB-09`.
fn names_a_rule(comment: &str) -> bool {
    let Some((ids, _)) = comment.split_once(':') else {
        return false;
    };
    ids.split(',').all(|id| {
        let mut parts = id.trim().split('-');
        let capitals =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_uppercase());
        let number = parts
            .next_back()
            .is_some_and(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()));
        number && (1..=2).contains(&parts.clone().count()) && parts.all(capitals)
    })
}
