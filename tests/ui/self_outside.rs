use toolwright::prelude::*;

struct Files;

impl Files {
    #[tool]
    fn read(&self, path: String) -> String {
        path
    }
}

fn main() {}
