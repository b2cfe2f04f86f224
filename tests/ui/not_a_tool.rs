use toolwright::prelude::*;

struct Plain;

fn main() {
    let _ = Server::new("n", "1").tool::<Plain>();
}
