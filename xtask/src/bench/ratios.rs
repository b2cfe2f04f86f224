//! The lines with which a run ends.

use super::figures::{FLOOR, Figures, OURS};
use super::goals::{Unit, judge};
use super::workloads::{COUNTED, TIMED};

/// Prints the value of every goal, and then ours against everybody in every workload.
pub(crate) fn print(figures: &Figures) {
    for line in lines(figures) {
        println!("{line}");
    }
}

fn lines(figures: &Figures) -> Vec<String> {
    let mut lines = Vec::new();
    for judged in judge(figures) {
        let Some(value) = judged.value else {
            continue;
        };
        let name = judged.goal.name;
        lines.push(match judged.goal.unit() {
            Unit::Times => format!("ratio {name} {value:.3}"),
            Unit::Count => format!("count {name} {value:.1}"),
            Unit::Bytes => format!("bytes {name} {value:.0}"),
        });
    }
    let timed = TIMED.iter().map(|workload| (workload, "cpu_us", "cpu"));
    let counted = COUNTED
        .iter()
        .map(|workload| (workload, "instructions", "instructions"));
    for (workload, measure, what) in timed.chain(counted) {
        for variant in workload.variants {
            let name = variant.name;
            let others = [Some(FLOOR), figures.lowest(name, measure)];
            for other in others.into_iter().flatten() {
                if let Some(ratio) = figures.ratio(name, measure, OURS, other) {
                    let ratio = ratio.median;
                    lines.push(format!("ratio {name}_{what}_vs_{other} {ratio:.3}"));
                }
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_the_kind_the_name_and_the_value() {
        let mut figures = Figures::default();
        figures.add("http_modern_64", "cpu_us", FLOOR, 6.0);
        figures.add("http_modern_64", "cpu_us", OURS, 7.5);
        figures.add("http_modern_64", "cpu_us", "rmcp", 30.0);
        figures.add("memory_session", "bytes_each", OURS, 900.0);
        assert_eq!(
            lines(&figures),
            [
                "ratio http_modern_call_vs_floor 1.250",
                "ratio http_modern_call_vs_best_peer 0.250",
                "bytes http_idle_session 900",
                "ratio http_modern_64_cpu_vs_floor 1.250",
                "ratio http_modern_64_cpu_vs_rmcp 0.250",
            ]
        );
    }
}
