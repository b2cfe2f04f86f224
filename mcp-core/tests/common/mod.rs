//! What the tests of this crate share.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder of the specification's schemas and examples, from `MCP_SPEC_DIR`; `None` when that
/// is not set.
///
/// # Panics
/// When it is set and there is no such folder: a wrong path must not look like a pass.
pub(crate) fn spec_dir() -> Option<PathBuf> {
    let dir = PathBuf::from(std::env::var_os("MCP_SPEC_DIR")?);
    assert!(
        dir.is_dir(),
        "MCP_SPEC_DIR is {}, which is no folder",
        dir.display()
    );
    Some(dir)
}

/// Says what was left out because `MCP_SPEC_DIR` is not set, where a bare `cargo test` shows it:
/// the test harness keeps back what passing tests print.
#[allow(dead_code, reason = "each test program uses a part")]
pub(crate) fn left_out(what: &str) {
    let _ = writeln!(
        std::io::stderr(),
        "MCP_SPEC_DIR is not set: {what} left out"
    );
}

/// The JSON in a file below the specification's folder.
pub(crate) fn read_json(path: &Path) -> Value {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
