use toolwright::prelude::*;

#[tool]
fn headers(#[arg(header = "Ratio")] ratio: f64) -> f64 {
    ratio
}

fn main() {}
