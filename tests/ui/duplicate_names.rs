use toolwright::prelude::*;

#[tool]
fn twice(#[arg(name = "a")] first: i64, a: i64) -> i64 {
    first + a
}

#[tool]
fn headers(
    #[arg(header = "Region")] a: String,
    #[arg(header = "region")] b: String,
    #[arg(header = "a b")] c: String,
    #[arg(header = "Ratio")] d: f64,
) -> String {
    format!("{a}{b}{c}{d}")
}

fn main() {}
