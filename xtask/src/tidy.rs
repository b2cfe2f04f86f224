//! The house rules that a machine can check.

use crate::Outcome;
use crate::ci::tracked;
use crate::command::root;

/// The lines at which a file is too long to be one idea.
const LONGEST: usize = 400;

/// A rule: what it is called, the files it is for, and whether a line breaks it.
type Rule = (&'static str, fn(&str) -> bool, fn(&str) -> bool);

/// The rules for single lines.
const RULES: &[Rule] = &[
    ("a doc example that is not compiled", anywhere, |line| {
        let line = line.trim_start_matches(['/', '!', ' ']);
        line.starts_with("```") && line.contains("ignore")
    }),
    ("a glob re-export", is_rust, |line| {
        line.trim_start().starts_with("pub use ") && line.ends_with("::*;")
    }),
    (
        "a platform named outside of mcp-transport/src/{stdio,process,signal.rs,private_file.rs}",
        |path| {
            let homes = ["stdio/", "process/", "signal.rs", "private_file.rs"];
            let mut homes = homes
                .map(|home| format!("mcp-transport/src/{home}"))
                .into_iter();
            is_library(path) && !homes.any(|home| path.starts_with(&home))
        },
        |line| {
            let platforms = ["unix", "windows", "target_os", "target_family"];
            line.contains("cfg") && platforms.iter().any(|name| line.contains(name))
        },
    ),
    (
        "a revision named outside of version.rs: ask `Revision::has` or `Revision::era`",
        |path| is_library(path) && path != "mcp-core/src/version.rs",
        |line| line.contains("Revision::V2"),
    ),
    (
        "a draw of randomness whose failure no test can try: mcp-transport/src/random.rs, src/ask/draw.rs",
        |path| {
            let homes = ["mcp-transport/src/random.rs", "src/ask/draw.rs"];
            is_library(path) && !homes.contains(&path)
        },
        |line| line.contains("SystemRandom"),
    ),
];

fn anywhere(_: &str) -> bool {
    true
}

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

/// Whether a file is part of what users compile.
fn is_library(path: &str) -> bool {
    let sources = ["src/", "mcp-core/src/", "mcp-transport/src/"];
    is_rust(path) && sources.iter().any(|folder| path.starts_with(folder)) && !is_test(path)
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// Checks every tracked file of Rust, and the documents.
pub(crate) fn run() -> Outcome {
    let mut broken = 0;
    for path in tracked(&[".rs", ".md"])? {
        let text = std::fs::read_to_string(root().join(&path))
            .map_err(|error| format!("{path}: {error}"))?;
        for offence in offences(&path, &text) {
            println!("    {path}{offence}");
            broken += 1;
        }
    }
    if broken == 0 {
        Ok(())
    } else {
        Err(format!("{broken} offences"))
    }
}

/// What is wrong with one file, each as `:line: why`.
fn offences(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let length = text.lines().count();
    if is_rust(path) && length > LONGEST {
        found.push(format!(": {length} lines, at most {LONGEST}"));
    }
    for (why, applies, breaks) in RULES {
        if applies(path) {
            let code = if is_library(path) {
                without_tests(text)
            } else {
                text
            };
            let broken = code.lines().enumerate().filter(|(_, line)| breaks(line));
            found.extend(broken.map(|(number, _)| format!(":{}: {why}", number + 1)));
        }
    }
    found
}

/// A file up to its own tests, which stand at its end.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_names_the_line_that_breaks_it() {
        let text = "/// ```ignore\n/// ```\npub use inner::*;\n";
        assert_eq!(
            offences("src/lib.rs", text),
            [
                ":1: a doc example that is not compiled",
                ":3: a glob re-export"
            ]
        );
        let page = "# Page\n```rust,ignore\n```\n";
        assert_eq!(
            offences("docs/page.md", page),
            [":2: a doc example that is not compiled"]
        );
    }

    #[test]
    fn platforms_revisions_and_randomness_have_their_places() {
        let platform = "#[cfg(unix)]\n";
        assert_eq!(offences("mcp-transport/src/memory.rs", platform).len(), 1);
        assert!(offences("mcp-transport/src/stdio/mod.rs", platform).is_empty());
        assert!(offences("tests/process.rs", platform).is_empty());

        let revision = "let newest = Revision::V2026_07_28;\n";
        assert_eq!(offences("src/client/mod.rs", revision).len(), 1);
        assert!(offences("mcp-core/src/version.rs", revision).is_empty());
        let draw = "SystemRandom::new();\n";
        assert_eq!(offences("mcp-transport/src/http/a.rs", draw).len(), 1);
        assert!(offences("mcp-transport/src/random.rs", draw).is_empty());
        let tested = format!("#[cfg(test)]\nmod tests {{\n{revision}}}\n");
        assert!(offences("src/client/mod.rs", &tested).is_empty());
    }

    #[test]
    fn a_file_may_have_as_many_lines_as_the_limit_and_no_more() {
        assert!(offences("src/lib.rs", &"\n".repeat(LONGEST)).is_empty());
        assert_eq!(offences("src/lib.rs", &"\n".repeat(LONGEST + 1)).len(), 1);
        assert!(offences("docs/page.md", &"\n".repeat(LONGEST + 1)).is_empty());
    }
}
