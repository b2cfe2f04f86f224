//! The program of `main.rs`, under a name of its own: it is built with what looks at schemas.

#[path = "main.rs"]
mod program;

fn main() -> Result<(), program::Failure> {
    program::main()
}
