//! Numbers and tables as people read them.

use super::goals::Unit;
use super::statistics::Spread;

/// A number with about three digits that mean something, and commas between thousands.
pub(crate) fn number(value: f64) -> String {
    let digits = match value.abs() {
        small if small < 10.0 => 2,
        middle if middle < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.digits$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let (sign, whole) = match whole.strip_prefix('-') {
        Some(whole) => ("-", whole),
        None => ("", whole),
    };
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{rest}")
}

/// So many times something, with the quartiles where they differ.
pub(crate) fn times(spread: Spread) -> String {
    let shown = |value: f64| format!("{value:.2}");
    let (low, high) = (shown(spread.low), shown(spread.high));
    if low == high {
        format!("× {}", shown(spread.median))
    } else {
        format!("× {} ({low}–{high})", shown(spread.median))
    }
}

/// A value with its unit.
pub(crate) fn valued(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Times => format!("× {value:.2}"),
        Unit::Count => format!("{value:.0}"),
        Unit::Bytes => bytes(value),
    }
}

/// So many bytes: in MB from a million, in KiB from a thousand.
pub(crate) fn bytes(value: f64) -> String {
    match value {
        large if large >= 1e6 => format!("{} MB", number(large / 1e6)),
        middle if middle >= 1e3 => format!("{} KiB", number(middle / 1024.0)),
        small => format!("{small:.0} bytes"),
    }
}

/// A table of Markdown whose first column names its rows.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = format!("| {} |\n|---|", header.join(" | "));
    text.push_str(&"---:|".repeat(header.len() - 1));
    text.push('\n');
    for row in rows {
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_three_digits_that_mean_something() {
        let shown = [0.5, 6.543, 65.43, 654.3, 1_654_321.0, -1_234.0].map(number);
        assert_eq!(
            shown,
            ["0.50", "6.54", "65.4", "654", "1,654,321", "-1,234"]
        );
    }

    #[test]
    fn quartiles_are_shown_where_they_say_something() {
        let spread = |low, median, high| Spread { median, low, high };
        assert_eq!(times(spread(1.2, 1.25, 1.3)), "× 1.25 (1.20–1.30)");
        assert_eq!(times(spread(1.25, 1.25, 1.25)), "× 1.25");
    }

    #[test]
    fn bytes_have_the_unit_that_fits() {
        let shown = [12.0, 2048.0, 1.2e6].map(bytes);
        assert_eq!(shown, ["12 bytes", "2.00 KiB", "1.20 MB"]);
    }

    #[test]
    fn a_table_has_a_line_for_each_row() {
        let rows = [vec!["a".to_owned(), "1".to_owned()]];
        assert_eq!(
            table(&["who", "µs"], &rows),
            "| who | µs |\n|---|---:|\n| a | 1 |\n"
        );
    }
}
