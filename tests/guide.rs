//! The guide is whole: every page is listed, compiled and run, and leads somewhere.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pages, without the index.
fn pages() -> Vec<PathBuf> {
    let folder = fs::read_dir(root().join("docs/guide")).expect("the guide is there");
    let files = folder.map(|entry| entry.expect("its folder can be read").path());
    let mut pages: Vec<_> = files
        .filter(|path| path.file_name().is_some_and(|name| name != "README.md"))
        .collect();
    pages.sort();
    assert!(!pages.is_empty());
    pages
}

fn name(page: &Path) -> &str {
    let name = page.file_name().and_then(|name| name.to_str());
    name.expect("a page has a plain name")
}

/// The code blocks of a page: what stands behind the fence, and the text.
fn blocks(text: &str) -> Vec<(&str, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => open = Some((info, String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some((_, block))) => block.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a code block has no end");
    blocks
}

#[test]
fn every_page_is_in_the_index_and_among_the_documentation_tests() {
    let index = read(&root().join("docs/guide/README.md"));
    let tests = read(&root().join("src/guide.rs"));
    for page in pages() {
        let name = name(&page);
        let listed = index.matches(&format!("]({name})")).count();
        assert_eq!(listed, 1, "docs/guide/README.md lists {name} once");
        let included = tests.matches(&format!("docs/guide/{name}\"")).count();
        assert_eq!(included, 1, "src/guide.rs includes {name} once");
    }
}

#[test]
fn every_block_of_rust_runs_and_proves_something_or_needs_what_no_test_has() {
    for page in pages() {
        for (info, block) in blocks(&read(&page)) {
            let holds = match info {
                "rust" => block.contains("assert"),
                "rust,no_run" => [
                    "serve_stdio",
                    "serve_http",
                    "Client::spawn",
                    ".connect(\"https://",
                ]
                .iter()
                .any(|needs| block.contains(needs)),
                // What is shown of nginx is what `cargo xtask nginx` runs.
                "sh" | "json" | "nginx" => true,
                _ => false,
            };
            assert!(holds, "{}: a block of `{info}`:\n{block}", name(&page));
        }
    }
}

#[test]
fn every_link_of_the_documents_leads_to_a_file() {
    let more = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(|name| root().join(name));
    let index = root().join("docs/guide/README.md");
    for page in pages().into_iter().chain(more).chain([index]) {
        let text = read(&page);
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let path = link.split('#').next().unwrap_or_default();
            let target = page.parent().expect("a page is in a folder").join(path);
            assert!(target.exists(), "{}: {link}", page.display());
        }
    }
}

#[test]
fn every_path_that_the_architecture_names_exists() {
    let text = read(&root().join("ARCHITECTURE.md"));
    let quoted = text.split('`').skip(1).step_by(2);
    let places = [
        "mcp-",
        "src/",
        "examples/",
        "tests/",
        "bench/",
        "xtask/",
        "docs/",
    ];
    let mut seen = 0;
    for path in quoted.filter(|quoted| places.iter().any(|place| quoted.starts_with(place))) {
        assert!(root().join(path).exists(), "{path}");
        seen += 1;
    }
    assert!(seen > 20, "only {seen} paths were found");
}
