//! `docs/performance.md`: the prose of a template, with the tables and pictures of a run.

use std::path::PathBuf;

use super::charts;
use super::figures::Figures;
use super::goals::judge;
use super::tables;
use crate::Outcome;
use crate::command::root;

/// The prose, with names in double braces where tables go.
const TEMPLATE: &str = include_str!("performance.md");

/// What stands in the way of goals: a section for each, under the goal's name.
const OBSTACLES: &str = include_str!("obstacles.md");

/// The figures of the last run, as they were kept.
///
/// # Errors
///
/// That there are none, or that they make no sense.
pub(crate) fn read_figures() -> Result<Figures, String> {
    let path = folder().join("figures.tsv");
    let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
    Figures::read(&text)
}

/// Keeps the figures beside the pictures, so that the page can be written again.
///
/// # Errors
///
/// That they could not be written.
pub(crate) fn keep_figures(figures: &Figures) -> Outcome {
    std::fs::create_dir_all(folder()).map_err(failed(&folder()))?;
    let path = folder().join("figures.tsv");
    std::fs::write(&path, figures.write()).map_err(failed(&path))
}

/// Writes the page and its pictures.
///
/// # Errors
///
/// That one of them could not be written.
pub(crate) fn write(figures: &Figures) -> Outcome {
    std::fs::create_dir_all(folder()).map_err(failed(&folder()))?;
    for (file, _, svg) in charts::draw(figures) {
        let path = folder().join(file);
        std::fs::write(&path, svg).map_err(failed(&path))?;
    }
    let path = root().join("docs/performance.md");
    std::fs::write(&path, text(figures)).map_err(failed(&path))
}

fn folder() -> PathBuf {
    root().join("docs/performance")
}

fn failed(path: &std::path::Path) -> impl Fn(std::io::Error) -> String {
    let path = path.display().to_string();
    move |error| format!("{path}: {error}")
}

/// The page.
fn text(figures: &Figures) -> String {
    let mut text = TEMPLATE.to_owned();
    for (file, title, _) in charts::draw(figures) {
        let picture = format!("![{title}](performance/{file})");
        text = text.replace(&format!("{{{{{file}}}}}"), &picture);
    }
    let parts = [
        ("about", about(figures)),
        ("goals", tables::goals(figures)),
        ("obstacles", obstacles(figures)),
        ("http", tables::http(figures)),
        ("latencies", tables::latencies(figures)),
        ("stdio", tables::stdio(figures)),
        ("large", tables::large(figures)),
        ("counts", tables::counts(figures)),
        ("client", tables::client(figures)),
        ("memory", tables::memory(figures)),
        ("weight", tables::weight(figures)),
        ("missing", tables::missing(figures)),
    ];
    for (name, part) in parts {
        text = text.replace(&format!("{{{{{name}}}}}"), part.trim_end());
    }
    without_gaps(&text)
}

/// The page without the names of pictures that there are no figures for.
fn without_gaps(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("{{"));
    let mut kept = String::new();
    for line in lines {
        if !(line.is_empty() && kept.ends_with("\n\n")) {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// What the run was.
fn about(figures: &Figures) -> String {
    let note = |name| figures.notes(name).unwrap_or("unknown");
    let mut text = String::new();
    if note("kind") == "quick" {
        text.push_str(
            "**This page comes from a quick run**, which shows that everything works. Its figures \
             are of few and short turns.\n\n",
        );
    }
    text.push_str(&format!(
        "Measured on {} with commit `{}`: {}; {}; {}. {} rounds, in each of which everybody had a \
         turn of {} ms; {} minutes in all. Compared with {}.\n",
        note("date"),
        note("commit"),
        note("machine"),
        note("system"),
        note("rustc"),
        note("rounds"),
        note("millis"),
        note("minutes"),
        note("versions"),
    ));
    text.push_str(&format!("Processors: {}.\n", note("pinned")));
    text
}

/// What stands in the way of the goals that this run missed.
fn obstacles(figures: &Figures) -> String {
    let mut text = String::new();
    for judged in judge(figures) {
        if judged.is_met() != Some(false) {
            continue;
        }
        let goal = judged.goal;
        text.push_str(&format!("### Missed: {}\n\n", goal.title));
        text.push_str(section(OBSTACLES, goal.name).unwrap_or("Nobody has looked into it yet."));
        text.push_str("\n\n");
    }
    text
}

/// What stands under a heading of this name.
fn section<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let mut sections = text.split("\n## ").skip(1);
    let found = sections.find_map(|section| section.strip_prefix(name)?.strip_prefix('\n'));
    found.map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::figures::{FLOOR, OURS};

    #[test]
    fn every_place_of_the_template_is_filled_or_gone() {
        let mut figures = Figures::default();
        figures.note("kind", "quick");
        figures.add("http_modern_64", "cpu_us", FLOOR, 6.0);
        figures.add("http_modern_64", "cpu_us", OURS, 7.0);
        let page = text(&figures);
        assert!(!page.contains("{{"), "{page}");
        assert!(page.contains("(performance/http-cpu.svg)"), "{page}");
        assert!(page.contains("quick run"), "{page}");
        assert!(!page.contains("\n\n\n"), "{page}");
    }

    #[test]
    fn the_page_says_what_the_kept_figures_say() {
        // Before the first run there is neither.
        let Ok(figures) = read_figures() else {
            return;
        };
        let page = std::fs::read_to_string(root().join("docs/performance.md")).unwrap();
        assert!(
            page == text(&figures),
            "write the page anew: cargo xtask bench --page"
        );
    }

    #[test]
    fn only_a_goal_that_was_missed_has_its_obstacle_told() {
        let mut figures = Figures::default();
        figures.add("memory_session", "bytes_each", OURS, 1_000.0);
        assert_eq!(obstacles(&figures), "");
        figures.add("memory_session", "bytes_each", OURS, 9_000.0);
        assert!(obstacles(&figures).starts_with("### Missed: memory of an idle session"));
    }

    #[test]
    fn a_section_ends_where_the_next_begins() {
        let text = "# Title\n\n## one\n\nfirst\n\n## one_more\nsecond\n";
        assert_eq!(section(text, "one"), Some("first"));
        assert_eq!(section(text, "one_more"), Some("second"));
        assert_eq!(section(text, "two"), None);
    }

    #[test]
    fn every_obstacle_is_one_of_a_goal() {
        let goals = judge(&Figures::default());
        for line in OBSTACLES.lines() {
            if let Some(name) = line.strip_prefix("## ") {
                assert!(
                    goals.iter().any(|judged| judged.goal.name == name),
                    "{name}"
                );
            }
        }
    }
}
