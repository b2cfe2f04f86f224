use std::collections::HashMap;
use toolwright::prelude::*;

#[data]
struct Opaque {}

#[form]
struct Nested {
    name: String,
    inner: Opaque,
    map: HashMap<String, String>,
    texts: Vec<String>,
    #[serde(skip)]
    ours: Vec<u8>,
}

#[form]
enum Data {
    Plain,
    Loaded(String),
}

#[form]
struct Generic<T> {
    value: T,
}

#[form(name = "x")]
struct Two(u8, u8);

#[form]
fn nothing() {}

#[data]
struct NoForm {
    name: String,
}

fn ask() {
    let _ = toolwright::ask::form_schema::<NoForm>();
}

fn main() {}
