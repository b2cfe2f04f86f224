//! What is asked of everybody.

/// A workload: what is asked, of whom in which variants, and how often at once.
pub(crate) struct Workload {
    /// How the time of it is spent.
    pub(crate) way: Way,
    /// `modern` or `session`, as the load generator has it.
    pub(crate) era: &'static str,
    /// What is called, as the load generator has it.
    pub(crate) call: &'static str,
    /// The servers that take turns, which differ in what they are told.
    pub(crate) variants: &'static [Variant],
}

/// How calls come to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// On so many connections, each with one call at a time.
    Http(u32),
    /// Over its pipes, so many at a time.
    Stdio(u32),
}

/// A workload with a server that is told this much.
pub(crate) struct Variant {
    /// The name of its figures.
    pub(crate) name: &'static str,
    /// What the tables call it.
    pub(crate) title: &'static str,
    /// What the server is told beside the way.
    pub(crate) arguments: &'static [&'static str],
}

impl Workload {
    /// What the load generator is told.
    pub(crate) fn told(&self) -> Vec<String> {
        let at_once = match self.way {
            Way::Http(connections) => ["--connections".to_owned(), connections.to_string()],
            Way::Stdio(in_flight) => ["--in-flight".to_owned(), in_flight.to_string()],
        };
        let told = ["--era", self.era, "--call", self.call].map(str::to_owned);
        told.into_iter().chain(at_once).collect()
    }
}

const fn plain(name: &'static str, title: &'static str) -> Variant {
    Variant {
        name,
        title,
        arguments: &[],
    }
}

/// One variant and nothing else.
macro_rules! workload {
    ($way:expr, $era:literal, $call:literal, $name:literal, $title:literal $(, $argument:literal)*) => {
        Workload {
            way: $way,
            era: $era,
            call: $call,
            variants: &[Variant { name: $name, title: $title, arguments: &[$($argument),*] }],
        }
    };
}

/// All that is timed.
#[rustfmt::skip]
pub(crate) const TIMED: &[Workload] = &[
    workload!(Way::Http(64), "modern", "add", "http_modern_64", "2026-07-28, 64 connections"),
    workload!(Way::Http(64), "session", "add", "http_session_64", "session of 2025-11-25, 64 connections"),
    workload!(Way::Http(1), "modern", "add", "http_modern_1", "2026-07-28, 1 connection"),
    workload!(Way::Http(16), "modern", "add", "http_modern_16", "2026-07-28, 16 connections"),
    workload!(Way::Http(1000), "modern", "add", "http_modern_1000", "2026-07-28, 1,000 connections"),
    Workload {
        way: Way::Http(64),
        era: "modern",
        call: "add",
        variants: &[
            Variant { name: "http_tools_1", title: "1 tool", arguments: &["--tools", "1"] },
            Variant { name: "http_tools_50", title: "50 tools", arguments: &["--tools", "50"] },
            Variant { name: "http_tools_500", title: "500 tools", arguments: &["--tools", "500"] },
        ],
    },
    Workload {
        way: Way::Http(64),
        era: "modern",
        call: "add",
        variants: &[
            plain("http_layers_none", "nothing in between"),
            Variant { name: "http_layers_three", title: "three layers of middleware", arguments: &["--middleware"] },
            Variant { name: "http_layers_validation", title: "validation of arguments by their schema", arguments: &["--validation"] },
        ],
    },
    workload!(Way::Http(64), "modern", "list:50", "http_list_50", "`tools/list` of 50 tools", "--tools", "50"),
    workload!(Way::Http(16), "modern", "progress:100", "http_progress_100", "100 events of progress, then the answer"),
    workload!(Way::Http(16), "modern", "echo:65536", "http_echo_64k", "HTTP: 64 KiB there and back, 16 connections"),
    workload!(Way::Http(4), "modern", "echo:1048576", "http_echo_1m", "HTTP: 1 MiB there and back, 4 connections"),
    workload!(Way::Http(4), "modern", "lines:1048576", "http_lines_1m", "HTTP: 1 MiB of source text, 4 connections"),
    workload!(Way::Stdio(1), "modern", "add", "stdio_modern_1", "2026-07-28, one by one"),
    workload!(Way::Stdio(1), "session", "add", "stdio_session_1", "2025-11-25, one by one"),
    workload!(Way::Stdio(64), "modern", "add", "stdio_modern_64", "2026-07-28, 64 under way"),
    workload!(Way::Stdio(64), "session", "add", "stdio_session_64", "2025-11-25, 64 under way"),
    workload!(Way::Stdio(1), "modern", "echo:65536", "stdio_echo_64k", "stdio: 64 KiB there and back"),
    workload!(Way::Stdio(1), "modern", "echo:1048576", "stdio_echo_1m", "stdio: 1 MiB there and back"),
    workload!(Way::Stdio(1), "modern", "lines:1048576", "stdio_lines_1m", "stdio: 1 MiB of source text there and back"),
];

/// All whose instructions are counted, one call at a time.
#[rustfmt::skip]
pub(crate) const COUNTED: &[Workload] = &[
    workload!(Way::Stdio(1), "modern", "add", "count_stdio_modern", "stdio, 2026-07-28"),
    workload!(Way::Stdio(1), "session", "add", "count_stdio_session", "stdio, 2025-11-25"),
    workload!(Way::Http(1), "modern", "add", "count_http_modern", "HTTP, 2026-07-28"),
    workload!(Way::Http(1), "session", "add", "count_http_session", "HTTP, session of 2025-11-25"),
    Workload {
        way: Way::Http(1),
        era: "modern",
        call: "add",
        variants: &[
            Variant { name: "count_http_tools_1", title: "HTTP, 2026-07-28, 1 tool", arguments: &["--tools", "1"] },
            Variant { name: "count_http_tools_500", title: "HTTP, 2026-07-28, 500 tools", arguments: &["--tools", "500"] },
        ],
    },
];

/// What the tables call what is neither timed call by call nor a server that is counted.
const TITLES: &[(&str, &str)] = &[
    ("build", "the build"),
    ("right answers", "right answers"),
    ("client_http", "one by one over HTTP"),
    ("count_client_http", "the client, HTTP, 2026-07-28"),
    ("memory_session", "an idle session of 2025-11-25"),
    ("memory_sessions_100000", "100,000 idle sessions"),
    ("memory_stream", "an open subscription, with its connection"),
    (
        "memory_call",
        "a call that is under way, beside its connection",
    ),
    (
        "start_stdio",
        "the first answer over stdio, and the memory then",
    ),
    (
        "start_http",
        "the first answer over HTTP, and the memory then",
    ),
    ("hello_stdio", "stdio"),
    ("hello_http", "HTTP"),
];

/// What the tables call a workload.
pub(crate) fn title(name: &str) -> &str {
    let variants = TIMED.iter().chain(COUNTED).flat_map(|one| one.variants);
    let timed = variants.map(|variant| (variant.name, variant.title));
    let mut found = timed.chain(TITLES.iter().copied());
    let found = found.find(|(other, _)| *other == name);
    found.map_or(name, |(_, title)| title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_variant_has_a_name_of_its_own() {
        let all: Vec<_> = TIMED.iter().chain(COUNTED).collect();
        let names: Vec<_> = all.iter().flat_map(|one| one.variants).collect();
        let distinct: BTreeSet<_> = names.iter().map(|variant| variant.name).collect();
        assert_eq!(names.len(), distinct.len());
    }

    #[test]
    fn the_load_generator_is_told_all_of_a_workload() {
        let told = TIMED[0].told().join(" ");
        assert_eq!(told, "--era modern --call add --connections 64");
    }
}
