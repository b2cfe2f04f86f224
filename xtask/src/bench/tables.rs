//! The tables of the page.

use super::figures::{FLOOR, Figures, OURS};
use super::goals::{Bound, judge};
use super::peers::PEERS;
use super::text::{bytes, number, table, times, valued};
use super::workloads::title;

/// What a cell says of a workload and a peer.
type Cell = fn(&Figures, &str, &str) -> Option<String>;

/// Rows of workloads, a column for each peer.
fn by_peer(figures: &Figures, workloads: &[&str], cell: Cell) -> String {
    let header = [&[""], &PEERS[..]].concat();
    let rows: Vec<_> = workloads
        .iter()
        .map(|workload| {
            let cells = PEERS.iter().map(|peer| {
                let cell = cell(figures, workload, peer);
                cell.unwrap_or_else(|| "–".to_owned())
            });
            std::iter::once(title(workload).to_owned())
                .chain(cells)
                .collect()
        })
        .collect();
    table(&header, &rows)
}

/// A value, and how many times the floor's that is.
fn beside_floor(
    figures: &Figures,
    workload: &str,
    measure: &str,
    peer: &str,
    show: impl Fn(f64) -> String,
) -> Option<String> {
    let value = show(figures.median(workload, measure, peer)?);
    let ratio = figures.ratio(workload, measure, peer, FLOOR);
    Some(match ratio.filter(|_| peer != FLOOR) {
        Some(ratio) => format!("{value}<br>{}", times(ratio)),
        None => value,
    })
}

/// The goals, and whether they are met.
pub(crate) fn goals(figures: &Figures) -> String {
    let rows: Vec<_> = judge(figures)
        .iter()
        .map(|judged| {
            let goal = judged.goal;
            let bound = match goal.bound {
                Bound::AtMost(most, unit) => format!("≤ {}", valued(most, unit)),
                Bound::AtLeast(least, unit) => format!("≥ {}", valued(least, unit)),
            };
            let value = judged.value.map_or_else(
                || "not measured".to_owned(),
                |value| valued(value, goal.unit()),
            );
            let met = match judged.is_met() {
                Some(true) => "met",
                Some(false) => "**missed**",
                None => "–",
            };
            vec![goal.title.to_owned(), bound, value, met.to_owned()]
        })
        .collect();
    table(&["", "goal", "this run", ""], &rows)
}

/// Processor time over HTTP.
pub(crate) fn http(figures: &Figures) -> String {
    let workloads = [
        "http_modern_64",
        "http_session_64",
        "http_modern_1",
        "http_modern_16",
        "http_modern_1000",
        "http_tools_1",
        "http_tools_50",
        "http_tools_500",
        "http_layers_none",
        "http_layers_three",
        "http_layers_validation",
        "http_list_50",
        "http_progress_100",
    ];
    by_peer(figures, &workloads, micros)
}

fn micros(figures: &Figures, workload: &str, peer: &str) -> Option<String> {
    beside_floor(figures, workload, "cpu_us", peer, |value| {
        format!("{} µs", number(value))
    })
}

/// Calls a second and latencies over HTTP.
pub(crate) fn latencies(figures: &Figures) -> String {
    let workloads = [
        "http_modern_1",
        "http_modern_16",
        "http_modern_64",
        "http_modern_1000",
        "http_session_64",
    ];
    by_peer(figures, &workloads, |figures, workload, peer| {
        let of = |measure| figures.median(workload, measure, peer).map(number);
        let (p50, p99) = (of("p50_us")?, of("p99_us")?);
        Some(format!("{}/s<br>{p50} / {p99} µs", of("calls_per_second")?))
    })
}

/// Processor time and calls a second over stdio.
pub(crate) fn stdio(figures: &Figures) -> String {
    let workloads = [
        "stdio_modern_1",
        "stdio_session_1",
        "stdio_modern_64",
        "stdio_session_64",
    ];
    by_peer(figures, &workloads, |figures, workload, peer| {
        let cpu = micros(figures, workload, peer)?;
        let calls = figures.median(workload, "calls_per_second", peer)?;
        Some(format!("{cpu}<br>{}/s", number(calls)))
    })
}

/// Large messages, in megabytes of text a second, counted once there and back.
pub(crate) fn large(figures: &Figures) -> String {
    let workloads = [
        "http_echo_64k",
        "http_echo_1m",
        "http_lines_1m",
        "stdio_echo_64k",
        "stdio_echo_1m",
        "stdio_lines_1m",
    ];
    by_peer(figures, &workloads, |figures, workload, peer| {
        let size = if workload.ends_with("64k") {
            65_536.0
        } else {
            1_048_576.0
        };
        beside_floor(figures, workload, "calls_per_second", peer, |calls| {
            format!("{} MB/s", number(calls * size / 1e6))
        })
    })
}

/// Instructions and allocations.
pub(crate) fn counts(figures: &Figures) -> String {
    let workloads = [
        "count_stdio_modern",
        "count_stdio_session",
        "count_http_modern",
        "count_http_session",
        "count_http_tools_1",
        "count_http_tools_500",
        "count_client_http",
    ];
    by_peer(figures, &workloads, |figures, workload, peer| {
        let counted = beside_floor(figures, workload, "instructions", peer, number)?;
        let allocations = figures.median(workload, "allocations", peer)?;
        Some(format!("{counted}<br>{allocations:.1} allocations"))
    })
}

/// The client's processor time.
pub(crate) fn client(figures: &Figures) -> String {
    by_peer(figures, &["client_http"], micros)
}

/// Memory, and the time to the first answer.
pub(crate) fn memory(figures: &Figures) -> String {
    let each = by_peer(
        figures,
        &["memory_session", "memory_stream", "memory_call"],
        |figures, workload, peer| Some(bytes(figures.median(workload, "bytes_each", peer)?)),
    );
    let first = by_peer(
        figures,
        &["start_stdio", "start_http"],
        |figures, workload, peer| {
            let millis = figures.median(workload, "start_us", peer)? / 1e3;
            let idle = bytes(figures.median(workload, "bytes_idle", peer)?);
            Some(format!("{} ms<br>{idle}", number(millis)))
        },
    );
    format!("{each}\n{first}")
}

/// What is told of a smallest server: the measure, what the table calls it, and how it is written.
type Weight = (&'static str, &'static str, fn(f64) -> String);

const WEIGHTS: [Weight; 3] = [
    ("binary_bytes", "stripped release binary", bytes),
    ("crates", "crates", |count| format!("{count:.0}")),
    (
        "build_cpu_us",
        "clean debug build, processor time",
        |micros| format!("{} s", number(micros / 1e6)),
    ),
];

/// What the smallest servers weigh.
pub(crate) fn weight(figures: &Figures) -> String {
    let hellos = ["hello_stdio", "hello_http"];
    let all = hellos
        .iter()
        .flat_map(|hello| WEIGHTS.map(|weight| (hello, weight)));
    let rows: Vec<_> = all
        .map(|(hello, (measure, what, show))| {
            let of = |peer| {
                let value = figures.median(hello, measure, peer);
                value.map_or_else(|| "–".to_owned(), show)
            };
            let ratio = figures.ratio(hello, measure, OURS, "rmcp");
            let ratio = ratio.map_or_else(|| "–".to_owned(), times);
            let title = format!("{}: {what}", title(hello));
            vec![title, of(OURS), of("rmcp"), ratio]
        })
        .collect();
    table(&["", OURS, "rmcp", "ours against rmcp"], &rows)
}

/// What leaves a peer without any figures, so that nothing else needs to be said of it.
const WHOLE: [&str; 2] = ["build", "right answers"];

/// Why there is a dash in a table.
pub(crate) fn missing(figures: &Figures) -> String {
    let mut text = String::new();
    let is_gone = |peer| {
        let mut all = figures.missing();
        all.any(|(workload, other, _)| other == peer && WHOLE.contains(&workload))
    };
    for (workload, peer, why) in figures.missing() {
        if is_gone(peer) && !WHOLE.contains(&workload) {
            continue;
        }
        let why: String = why.replace('|', "/").chars().take(200).collect();
        text.push_str(&format!("- {peer}, {}: {why}\n", title(workload)));
    }
    if text.is_empty() {
        text.push_str("Everybody did everything.\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_tells_the_value_and_its_ratio_to_the_floor() {
        let mut figures = Figures::default();
        for (floor, ours) in [(6.0, 7.5), (7.0, 8.4)] {
            figures.add("http_modern_64", "cpu_us", FLOOR, floor);
            figures.add("http_modern_64", "cpu_us", OURS, ours);
        }
        let table = http(&figures);
        assert!(
            table.contains(
                "| 2026-07-28, 64 connections | 6.50 µs | 7.95 µs<br>× 1.23 (1.21–1.24) | – |"
            ),
            "{table}"
        );
    }

    #[test]
    fn a_goal_without_figures_is_not_said_to_be_missed() {
        let table = goals(&Figures::default());
        assert!(!table.contains("missed"), "{table}");
        let mut figures = Figures::default();
        figures.add("memory_session", "bytes_each", OURS, 5000.0);
        let table = goals(&figures);
        assert!(
            table.contains("| ≤ 1.00 KiB | 4.88 KiB | **missed** |"),
            "{table}"
        );
    }

    #[test]
    fn who_failed_is_named_with_the_reason() {
        let mut figures = Figures::default();
        assert!(missing(&figures).starts_with("Everybody"));
        figures.give_up("http_modern_64", "slow", "it | hangs");
        assert_eq!(
            missing(&figures),
            "- slow, 2026-07-28, 64 connections: it / hangs\n"
        );
        figures.give_up("build", "slow", "no such crate");
        assert_eq!(missing(&figures), "- slow, the build: no such crate\n");
    }
}
