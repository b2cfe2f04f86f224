use toolwright::prelude::*;

#[data]
fn nothing() {}

#[tool]
struct Nothing;

fn main() {}
