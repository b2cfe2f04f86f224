//! The example `booking` prints what stands in `examples_booking.txt`: the same for clients of both
//! eras, but for how often the tool begins.

mod examples_common;

use std::process::Command;

#[test]
fn the_booking_example_prints_what_is_written_down() {
    let run = Command::new(examples_common::program("booking")).output();
    let run = run.expect("`cargo test`, or `cargo build --examples`, has built the example");
    assert!(run.status.success(), "{run:?}");
    let printed = String::from_utf8(run.stdout).expect("the example prints text");
    assert_eq!(printed, include_str!("examples_booking.txt"));
    assert_eq!(String::from_utf8_lossy(&run.stderr), "");
}
