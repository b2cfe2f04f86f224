use toolwright::prelude::*;

struct Plain;

#[tool]
fn give() -> Plain {
    Plain
}

#[tool]
async fn try_give() -> Result<Plain, std::io::Error> {
    Ok(Plain)
}

#[prompt]
fn ask() -> i64 {
    1
}

#[resource("a://b")]
fn read() -> i64 {
    1
}

#[tool]
fn borrow(text: &str) -> &str {
    text
}

fn main() {}
