//! Which pictures the page has.

use super::chart::{Bar, Chart, Group};
use super::figures::{FLOOR, Figures};
use super::peers::PEERS;
use super::text::{bytes, number};
use super::workloads::title;

/// A picture: its file, what stands above it, what it shows of which workloads, and how that is
/// written.
struct Plan {
    file: &'static str,
    title: &'static str,
    measure: &'static str,
    workloads: &'static [&'static str],
    caption: fn(f64) -> String,
}

#[rustfmt::skip]
const PLANS: &[Plan] = &[
    Plan {
        file: "http-cpu.svg",
        title: "Processor time of a small call over HTTP, 64 connections (less is better)",
        measure: "cpu_us",
        workloads: &["http_modern_64", "http_session_64"],
        caption: |value| format!("{} µs", number(value)),
    },
    Plan {
        file: "http-rate.svg",
        title: "Calls per second over HTTP, by connections (more is better)",
        measure: "calls_per_second",
        workloads: &["http_modern_1", "http_modern_16", "http_modern_64", "http_modern_1000"],
        caption: number,
    },
    Plan {
        file: "http-p99.svg",
        title: "99th percentile of the latency at 64 connections (less is better)",
        measure: "p99_us",
        workloads: &["http_modern_64", "http_session_64"],
        caption: |value| format!("{} µs", number(value)),
    },
    Plan {
        file: "stdio-instructions.svg",
        title: "Instructions of a small call over stdio (less is better)",
        measure: "instructions",
        workloads: &["count_stdio_modern", "count_stdio_session"],
        caption: number,
    },
    Plan {
        file: "http-instructions.svg",
        title: "Instructions of a small call over HTTP (less is better)",
        measure: "instructions",
        workloads: &["count_http_modern", "count_http_session"],
        caption: number,
    },
    Plan {
        file: "large.svg",
        title: "1 MiB there and back, times a second (more is better)",
        measure: "calls_per_second",
        workloads: &["http_echo_1m", "stdio_echo_1m"],
        caption: number,
    },
    Plan {
        file: "memory.svg",
        title: "Memory of one that is open and idle (less is better)",
        measure: "bytes_each",
        workloads: &["memory_session", "memory_stream", "memory_call"],
        caption: bytes,
    },
];

/// Every picture for which there are figures: its file, its title and its text.
pub(crate) fn draw(figures: &Figures) -> Vec<(&'static str, &'static str, String)> {
    let drawn = PLANS.iter().filter_map(|plan| {
        let groups = plan.workloads.iter().map(|workload| Group {
            title: title(workload).replace('`', ""),
            bars: bars(plan, workload, figures),
        });
        let chart = Chart {
            title: plan.title.to_owned(),
            groups: groups.collect(),
        };
        Some((plan.file, plan.title, chart.svg()?))
    });
    drawn.collect()
}

fn bars(plan: &Plan, workload: &str, figures: &Figures) -> Vec<Bar> {
    let bars = PEERS.into_iter().filter_map(|peer| {
        let spread = figures.spread(workload, plan.measure, peer)?;
        let ratio = figures.ratio(workload, plan.measure, peer, FLOOR);
        // The floor keeps next to nothing of what is idle: that is no measure.
        let ratio = ratio.filter(|_| peer != FLOOR && plan.measure != "bytes_each");
        let ratio = ratio.map_or(String::new(), |ratio| format!(" (× {:.2})", ratio.median));
        Some(Bar {
            label: peer.to_owned(),
            value: spread.median,
            low: spread.low,
            high: spread.high,
            caption: format!("{}{ratio}", (plan.caption)(spread.median)),
        })
    });
    bars.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_without_figures_is_not_drawn() {
        let mut figures = Figures::default();
        assert!(draw(&figures).is_empty());
        figures.add("http_modern_64", "cpu_us", FLOOR, 6.0);
        figures.add("http_modern_64", "cpu_us", "rmcp", 30.0);
        let drawn = draw(&figures);
        assert_eq!(drawn.len(), 1);
        let (file, _, svg) = &drawn[0];
        assert_eq!(*file, "http-cpu.svg");
        assert!(svg.contains("30.0 µs (× 5.00)"), "{svg}");
    }
}
