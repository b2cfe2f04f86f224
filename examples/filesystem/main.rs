//! Files of a few folders, and of nothing else: reading, listing, searching and writing over
//! standard input and output.
//!
//! The folders are the arguments. Add it to a host's configuration, for example in
//! `claude_desktop_config.json` or `.mcp.json`:
//!
//! ```json
//! {
//!   "mcpServers": {
//!     "files": {
//!       "command": "/path/to/target/release/examples/filesystem",
//!       "args": ["/home/me/notes", "/home/me/drafts"]
//!     }
//!   }
//! }
//! ```

mod complete;
mod files;
mod reading;
mod refused;
mod roots;
mod search;
mod walk;

use std::process::ExitCode;
use std::sync::Arc;

use toolwright::prelude::*;

use crate::complete::Completing;
use crate::files::Files;
use crate::roots::Roots;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let roots = match Roots::new(std::env::args_os().skip(1)) {
        Ok(roots) => roots,
        Err(refused) => {
            eprintln!("{refused}\nusage: filesystem FOLDER...");
            return ExitCode::from(2);
        }
    };
    let served = Server::new("filesystem", env!("CARGO_PKG_VERSION"))
        .title("Files")
        .instructions(format!(
            "Files below {roots}. A relative path starts at the first folder."
        ))
        .tools(Completing(Arc::new(Files::new(roots))))
        .serve_stdio()
        .await;
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
