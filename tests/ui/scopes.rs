use toolwright::prelude::*;

#[tool(scopes = "orders:write")]
fn first() {}

#[tool(scopes = [])]
fn second() {}

#[prompt(scopes = ["a b", "", "c\"d", 5])]
fn third() {}

#[resource("x://y", scopes = ["a", "b", "a"], scopes = ["c"])]
fn fourth() {}

#[tool(scopes("a"))]
fn fifth() {}

#[tool(scope = ["a"])]
fn sixth() {}

fn main() {}
