//! `docs/lifecycle.md` is what the tables say.

use std::path::Path;

use mcp_core::lifecycle::render_markdown;

#[test]
fn the_lifecycle_page_is_what_the_tables_say() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/lifecycle.md");
    let expected = render_markdown();
    let written = std::fs::read_to_string(&page).unwrap_or_default();
    assert_eq!(
        written, expected,
        "docs/lifecycle.md is stale: run `cargo xtask lifecycle`"
    );
}
