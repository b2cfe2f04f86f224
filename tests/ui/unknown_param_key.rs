use toolwright::prelude::*;

#[tool]
fn add(#[arg(defualt = 1)] a: i64, #[arg(complete = names)] b: i64, #[arg] c: i64) -> i64 {
    a + b + c
}

fn main() {}
