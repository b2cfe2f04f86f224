//! The cases themselves, as the table beside this file has them.

/// Whose part of the library has to survive a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Messages, calls and stdio.
    Foundation,
    /// The server over HTTP.
    Http,
    /// The client.
    Client,
    /// Authorization, on either side.
    Auth,
}

/// One case.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) number: u32,
    /// The heading it stands under.
    pub(super) group: String,
    pub(super) owners: Vec<Owner>,
    /// What comes.
    pub(super) what: String,
    /// What it gets.
    pub(super) answer: String,
}

/// Every case, in the order of the numbers.
pub(super) fn cases() -> Result<Vec<Case>, String> {
    parse(include_str!("cases.txt"))
}

fn parse(table: &str) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    let mut group = "";
    for line in table.lines().filter(|line| !line.is_empty()) {
        if let Some(heading) = line.strip_prefix("# ") {
            group = heading;
            continue;
        }
        let case = case(group, line).ok_or_else(|| format!("no case: {line:?}"))?;
        if case.number as usize != cases.len() + 1 {
            return Err(format!("case {} is out of order", case.number));
        }
        cases.push(case);
    }
    Ok(cases)
}

fn case(group: &str, line: &str) -> Option<Case> {
    let fields: Vec<_> = line.split(" | ").collect();
    let [number, owners, what, answer] = fields[..] else {
        return None;
    };
    let owners = owners.split(' ').map(|owner| match owner {
        "F" => Some(Owner::Foundation),
        "H" => Some(Owner::Http),
        "C" => Some(Owner::Client),
        "A" => Some(Owner::Auth),
        _ => None,
    });
    Some(Case {
        number: number.parse().ok()?,
        group: group.to_owned(),
        owners: owners.collect::<Option<_>>()?,
        what: what.to_owned(),
        answer: answer.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_case_under_the_last_heading() {
        let cases = parse("# One\n1 | F H | this | that\n\n# Two\n2 | A | these | those\n");
        let cases = cases.expect("two cases");
        assert_eq!(
            (cases[0].group.as_str(), cases[1].group.as_str()),
            ("One", "Two")
        );
        assert_eq!(cases[0].owners, [Owner::Foundation, Owner::Http]);
        assert_eq!(
            (cases[1].what.as_str(), cases[1].answer.as_str()),
            ("these", "those")
        );
    }

    #[test]
    fn what_is_no_case_or_out_of_order_is_named() {
        for wrong in ["1 | F | this", "1 | X | this | that", "2 | F | this | that"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
