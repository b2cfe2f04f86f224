//! The example `quickstart` prints what stands in `examples_quickstart.txt`: the schemas, results
//! and explanations that a newcomer sees first. When a change of them is meant, print it there:
//! `cargo run --example quickstart > tests/examples_quickstart.txt`.

mod examples_common;

use std::process::Command;

#[test]
fn the_quickstart_prints_what_is_written_down() {
    let run = Command::new(examples_common::program("quickstart")).output();
    let run = run.expect("`cargo test`, or `cargo build --examples`, has built the example");
    assert!(run.status.success(), "{run:?}");
    let printed = String::from_utf8(run.stdout).expect("the example prints text");
    assert_eq!(printed, include_str!("examples_quickstart.txt"));
    assert_eq!(String::from_utf8_lossy(&run.stderr), "");
}
