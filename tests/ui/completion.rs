use toolwright::prelude::*;

fn wrong(prefix: u64) -> u64 {
    prefix
}

#[prompt]
fn ask(#[arg(complete = wrong)] name: String) -> String {
    name
}

fn main() {}
