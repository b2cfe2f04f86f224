//! `lifecycle`: the generated page on the transition table.

use std::path::PathBuf;

use crate::Outcome;
use crate::command::root;

/// Writes the page.
pub(crate) fn run() -> Outcome {
    let page = page();
    std::fs::write(&page, mcp_core::lifecycle::render_markdown())
        .map_err(|error| format!("{}: {error}", page.display()))
}

/// Where the page lies.
fn page() -> PathBuf {
    root().join("docs/lifecycle.md")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_what_the_table_says() {
        let written = std::fs::read_to_string(page()).expect("the page is tracked");
        assert!(
            written == mcp_core::lifecycle::render_markdown(),
            "docs/lifecycle.md is stale: cargo xtask lifecycle"
        );
    }
}
