use toolwright::prelude::*;

struct Files;

#[tools]
impl Files {
    #[tool]
    fn read(&mut self, path: String) -> String {
        path
    }

    #[tool(name = "read", handle = X)]
    fn again<T>(self) {}

    #[tool]
    #[prompt]
    fn both(&self) {}
}

struct Empty;

#[tools(facade = x)]
impl Empty {}

#[tools]
fn free() {}

fn main() {}
