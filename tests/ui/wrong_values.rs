use toolwright::prelude::*;

#[tool(name = 5, read_only = "yes", title = "a", title = "b", meta = 1, icon = "x")]
fn first() {}

#[tool("add")]
fn second() {}

#[tool(name = "not a name")]
fn third() {}

fn main() {}
