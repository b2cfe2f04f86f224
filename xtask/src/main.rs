//! Recurring tasks.

fn main() {}
