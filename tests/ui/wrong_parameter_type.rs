use toolwright::prelude::*;

struct Plain;

#[tool]
fn take(a: i64, plain: Plain) -> i64 {
    let _ = plain;
    a
}

#[tool]
fn annotated(#[arg(description = "no argument")] cx: Context) {
    let _ = cx;
}

fn main() {}
