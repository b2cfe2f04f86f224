use toolwright::prelude::*;

#[tool]
fn std() -> String {
    std::string::String::new()
}

fn main() {}
