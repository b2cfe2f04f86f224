//! Weight is a feature: the default build stays small.

use std::collections::BTreeSet;
use std::process::Command;

/// Most crates that stdio, macros and schemas may bring, our own included.
const MOST: usize = 42;

#[test]
fn a_stdio_server_with_macros_brings_no_more_crates_than_promised() {
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["tree", "--package", "toolwright", "--edges", "normal"])
        .args(["--no-default-features", "--features", "server,macros,stdio"])
        .args(["--prefix", "none", "--no-dedupe", "--offline", "--locked"])
        .output()
        .expect("cargo runs, since it runs this test");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let listing = String::from_utf8_lossy(&output.stdout);
    let crates: BTreeSet<&str> = listing
        .lines()
        .filter_map(|line| line.split_once(" v").map(|(name, _)| name))
        .collect();
    assert!(crates.contains("toolwright-core"), "{listing}");
    assert!(
        crates.len() <= MOST,
        "{} crates, {MOST} are allowed: {crates:?}",
        crates.len()
    );
}
