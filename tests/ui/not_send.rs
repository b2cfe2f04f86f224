use std::rc::Rc;

use toolwright::prelude::*;

#[tool]
async fn hold() -> String {
    let text = Rc::new(String::new());
    std::future::ready(()).await;
    text.to_string()
}

fn main() {}
