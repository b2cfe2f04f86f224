use toolwright::prelude::*;

#[tool(nmae = "x", readonly, frobnicate)]
fn add(a: i64) -> i64 {
    a
}

#[prompt(read_only)]
fn ask() -> String {
    String::new()
}

fn main() {
    let _ = add(1);
    let _ = ask();
    let _ = Server::new("n", "1").tool::<add>();
}
