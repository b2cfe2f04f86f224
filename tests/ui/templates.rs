use toolwright::prelude::*;

#[resource("users://{id}/{name}")]
fn missing_variable(id: u64) -> String {
    id.to_string()
}

#[resource("users://{id}")]
fn not_a_variable(id: u64, other: u64) -> String {
    (id + other).to_string()
}

#[resource("users://{id")]
fn unclosed(id: u64) -> String {
    id.to_string()
}

#[resource("users://{id*}")]
fn level_four(id: u64) -> String {
    id.to_string()
}

#[resource("no scheme")]
fn no_scheme() -> String {
    String::new()
}

#[resource(name = "nothing")]
fn no_uri() -> String {
    String::new()
}

fn main() {}
