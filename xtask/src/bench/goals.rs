//! What was aimed at, and whether a run got there.

use super::figures::{FLOOR, Figures, OURS};

/// Something that was aimed at.
pub(crate) struct Goal {
    /// The name under which its value is printed, and under which the page says what is in its way.
    pub(crate) name: &'static str,
    /// What the table calls it.
    pub(crate) title: &'static str,
    /// What it has to be.
    pub(crate) bound: Bound,
    value: fn(&Figures) -> Option<f64>,
}

/// What a value has to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64, Unit),
    AtLeast(f64, Unit),
}

/// What a value is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Times something else of the same run.
    Times,
    /// Pieces.
    Count,
    Bytes,
}

/// A goal with what a run has of it.
pub(crate) struct Judged {
    pub(crate) goal: &'static Goal,
    /// The value, if the run has it.
    pub(crate) value: Option<f64>,
}

impl Judged {
    /// Whether the value is what it has to be.
    pub(crate) fn is_met(&self) -> Option<bool> {
        self.value.map(|value| match self.goal.bound {
            Bound::AtMost(most, _) => value <= most,
            Bound::AtLeast(least, _) => value >= least,
        })
    }
}

impl Goal {
    pub(crate) fn unit(&self) -> Unit {
        match self.bound {
            Bound::AtMost(_, unit) | Bound::AtLeast(_, unit) => unit,
        }
    }
}

/// Every goal with what a run has of it.
pub(crate) fn judge(figures: &Figures) -> Vec<Judged> {
    let judged = GOALS.iter().map(|goal| Judged {
        goal,
        value: (goal.value)(figures),
    });
    judged.collect()
}

const MIB: f64 = 1024.0 * 1024.0;

/// At most so many times something else.
const fn times(most: f64) -> Bound {
    Bound::AtMost(most, Unit::Times)
}

#[rustfmt::skip]
const GOALS: &[Goal] = &[
    Goal {
        name: "http_modern_call_vs_floor",
        title: "HTTP, 2026-07-28: processor time of a small call, against the floor",
        bound: times(1.25),
        value: |figures| against_floor(figures, "http_modern_64", "cpu_us"),
    },
    Goal {
        name: "http_modern_call_vs_best_peer",
        title: "HTTP, 2026-07-28: processor time of a small call, against the best peer",
        bound: times(0.33),
        value: |figures| against_lowest(figures, "http_modern_64", "cpu_us"),
    },
    Goal {
        name: "http_session_call_vs_floor",
        title: "HTTP, session of 2025-11-25: processor time of a small call, against the floor",
        bound: times(1.35),
        value: |figures| against_floor(figures, "http_session_64", "cpu_us"),
    },
    Goal {
        name: "http_session_call_vs_best_peer",
        title: "HTTP, session of 2025-11-25: processor time of a small call, against the best peer",
        bound: times(0.33),
        value: |figures| against_lowest(figures, "http_session_64", "cpu_us"),
    },
    Goal {
        name: "stdio_call_vs_floor",
        title: "stdio: instructions of a small call, the worse of the two eras, against the floor",
        bound: times(1.3),
        value: |figures| stdio_against(figures, FLOOR),
    },
    Goal {
        name: "stdio_call_vs_rmcp",
        title: "stdio: instructions of a small call, the worse of the two eras, against rmcp",
        bound: times(0.25),
        value: |figures| stdio_against(figures, "rmcp"),
    },
    Goal {
        name: "tools_500_vs_1_instructions",
        title: "500 tools against 1: instructions of the same call",
        bound: times(1.03),
        value: |figures| between(figures, "count_http_tools_500", "count_http_tools_1", "instructions"),
    },
    Goal {
        name: "tools_500_vs_1_cpu",
        title: "500 tools against 1: processor time of the same call",
        bound: times(1.03),
        value: |figures| between(figures, "http_tools_500", "http_tools_1", "cpu_us"),
    },
    Goal {
        name: "tools_list_50_vs_floor",
        title: "`tools/list` of 50 tools: processor time, against the floor that sends the same bytes",
        bound: times(1.5),
        value: |figures| against_floor(figures, "http_list_50", "cpu_us"),
    },
    Goal {
        name: "http_echo_1m_rate_vs_floor",
        title: "1 MiB there and back over HTTP: MB/s, against the floor",
        bound: Bound::AtLeast(0.95, Unit::Times),
        value: |figures| against_floor(figures, "http_echo_1m", "calls_per_second"),
    },
    Goal {
        name: "http_echo_1m_rate_vs_best_peer",
        title: "1 MiB there and back over HTTP: MB/s, against the best peer",
        bound: Bound::AtLeast(1.0, Unit::Times),
        value: |figures| against_highest(figures, "http_echo_1m", "calls_per_second"),
    },
    Goal {
        name: "stdio_echo_1m_rate_vs_floor",
        title: "1 MiB there and back over stdio: MB/s, against the floor",
        bound: Bound::AtLeast(0.95, Unit::Times),
        value: |figures| against_floor(figures, "stdio_echo_1m", "calls_per_second"),
    },
    Goal {
        name: "stdio_echo_1m_rate_vs_best_peer",
        title: "1 MiB there and back over stdio: MB/s, against the best peer",
        bound: Bound::AtLeast(1.0, Unit::Times),
        value: |figures| against_highest(figures, "stdio_echo_1m", "calls_per_second"),
    },
    Goal {
        name: "http_modern_allocations_beyond_floor",
        title: "allocations of a small call of 2026-07-28 over HTTP, beyond the floor's",
        bound: Bound::AtMost(8.0, Unit::Count),
        value: |figures| {
            let of = |peer| figures.median("count_http_modern", "allocations", peer);
            Some(of(OURS)? - of(FLOOR)?)
        },
    },
    Goal {
        name: "http_modern_p99_vs_floor",
        title: "99th percentile of the latency at 64 connections, against the floor",
        bound: times(1.5),
        value: |figures| against_floor(figures, "http_modern_64", "p99_us"),
    },
    Goal {
        name: "http_idle_session",
        title: "memory of an idle session of 2025-11-25",
        bound: Bound::AtMost(1024.0, Unit::Bytes),
        value: |figures| figures.median("memory_session", "bytes_each", OURS),
    },
    Goal {
        name: "http_100000_idle_sessions",
        title: "memory of the server with 100,000 idle sessions",
        bound: Bound::AtMost(128.0 * MIB, Unit::Bytes),
        value: |figures| figures.median("memory_sessions_100000", "bytes_after", OURS),
    },
    Goal {
        name: "http_open_subscription",
        title: "memory of an open subscription, with its connection",
        bound: Bound::AtMost(16.0 * 1024.0, Unit::Bytes),
        value: |figures| figures.median("memory_stream", "bytes_each", OURS),
    },
    Goal {
        name: "stdio_hello_binary",
        title: "stripped release binary of the smallest server over stdio",
        bound: Bound::AtMost(1.2e6, Unit::Bytes),
        value: |figures| figures.median("hello_stdio", "binary_bytes", OURS),
    },
    Goal {
        name: "http_hello_binary",
        title: "stripped release binary of the smallest server over HTTP",
        bound: Bound::AtMost(2.2e6, Unit::Bytes),
        value: |figures| figures.median("hello_http", "binary_bytes", OURS),
    },
    Goal {
        name: "stdio_hello_crates",
        title: "crates of the smallest server over stdio, ours included",
        bound: Bound::AtMost(40.0, Unit::Count),
        value: |figures| figures.median("hello_stdio", "crates", OURS),
    },
    Goal {
        name: "http_hello_crates",
        title: "crates of the smallest server over HTTP, ours included",
        bound: Bound::AtMost(60.0, Unit::Count),
        value: |figures| figures.median("hello_http", "crates", OURS),
    },
    Goal {
        name: "http_hello_build_vs_rmcp",
        title: "clean debug build of the smallest server over HTTP: processor time, against rmcp",
        bound: times(0.5),
        value: |figures| against(figures, "hello_http", "build_cpu_us", "rmcp"),
    },
    Goal {
        name: "stdio_hello_build_vs_rmcp",
        title: "clean debug build of the smallest server over stdio: processor time, against rmcp",
        bound: times(0.5),
        value: |figures| against(figures, "hello_stdio", "build_cpu_us", "rmcp"),
    },
];

fn against(figures: &Figures, workload: &str, measure: &str, peer: &str) -> Option<f64> {
    let ratio = figures.ratio(workload, measure, OURS, peer)?;
    Some(ratio.median)
}

fn against_floor(figures: &Figures, workload: &str, measure: &str) -> Option<f64> {
    against(figures, workload, measure, FLOOR)
}

fn against_lowest(figures: &Figures, workload: &str, measure: &str) -> Option<f64> {
    against(
        figures,
        workload,
        measure,
        figures.lowest(workload, measure)?,
    )
}

fn against_highest(figures: &Figures, workload: &str, measure: &str) -> Option<f64> {
    against(
        figures,
        workload,
        measure,
        figures.highest(workload, measure)?,
    )
}

fn between(figures: &Figures, one: &str, other: &str, measure: &str) -> Option<f64> {
    let ratio = figures.ratio_between(one, other, measure, OURS)?;
    Some(ratio.median)
}

fn stdio_against(figures: &Figures, peer: &str) -> Option<f64> {
    let of = |workload| against(figures, workload, "instructions", peer);
    Some(of("count_stdio_modern")?.max(of("count_stdio_session")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(figures: &Figures, name: &str) -> Judged {
        let mut all = judge(figures).into_iter();
        all.find(|judged| judged.goal.name == name).unwrap()
    }

    #[test]
    fn a_goal_is_met_or_missed_by_the_figures_of_a_run() {
        let mut figures = Figures::default();
        for (peer, cpu) in [(FLOOR, 10.0), (OURS, 12.0), ("rmcp", 60.0), ("slow", 90.0)] {
            figures.add("http_modern_64", "cpu_us", peer, cpu);
        }
        let floor = judged(&figures, "http_modern_call_vs_floor");
        assert_eq!((floor.value, floor.is_met()), (Some(1.2), Some(true)));
        let peer = judged(&figures, "http_modern_call_vs_best_peer");
        assert_eq!((peer.value, peer.is_met()), (Some(0.2), Some(true)));
        figures.add("memory_session", "bytes_each", OURS, 1025.0);
        assert_eq!(judged(&figures, "http_idle_session").is_met(), Some(false));
    }

    #[test]
    fn what_was_not_measured_is_neither_met_nor_missed() {
        for judged in judge(&Figures::default()) {
            assert_eq!(judged.is_met(), None, "{}", judged.goal.name);
        }
    }

    #[test]
    fn stdio_counts_by_its_worse_era() {
        let mut figures = Figures::default();
        for (workload, ours) in [("count_stdio_modern", 12.0), ("count_stdio_session", 14.0)] {
            figures.add(workload, "instructions", FLOOR, 10.0);
            figures.add(workload, "instructions", OURS, ours);
        }
        assert_eq!(judged(&figures, "stdio_call_vs_floor").value, Some(1.4));
    }
}
