use toolwright::prelude::*;

#[tool]
fn first(a: Option<&str>, b: &[&str], c: &mut String, d: impl ToString) -> String {
    let _ = (a, b, c);
    d.to_string()
}

fn main() {}
