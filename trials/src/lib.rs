//! What the programs of the trials share: a server, clients and a proxy that runs between them, each
//! in a process of its own. `cargo xtask soak`, `cargo xtask scale` and `cargo xtask nginx` start
//! them and judge what they print.

pub mod clock;
pub mod dice;
pub mod faulty;
pub mod process;
pub mod raw;
pub mod requests;
pub mod settings;
