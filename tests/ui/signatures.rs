use toolwright::prelude::*;

#[tool]
fn generic<T: ToString, const N: usize>(a: i64) -> String {
    a.to_string()
}

#[tool(blocking)]
async fn neither() {}

#[prompt]
fn pattern(#[arg(default)] (a, b): (i64, i64)) -> String {
    format!("{a}{b}")
}

fn main() {}
