//! The least that a server, and a client, on tokio can do for the benched tools.
//!
//! Nothing here is a program anyone should ship: there are no limits and no error replies, and what
//! goes wrong is a panic. It exists so that the cost of the real ones can be given as a ratio to what
//! the pipe or the socket, HTTP/1.1 and the JSON itself cost on the same machine.

#[path = "../../common/calls.rs"]
mod calls;
mod client;
mod http;
mod message;
#[path = "../../common/options.rs"]
mod options;
mod stdio;
mod tools;

use options::{Mode, Options, refuse};

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let options = Options::read();
    if options.middleware {
        refuse("--middleware: it has none");
    }
    if options.validation {
        refuse("--validation: it has no schema to hold arguments against");
    }
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_io();
    // A clock costs something at every turn, and only one tool looks at it.
    if options.has("hold") {
        runtime.enable_time();
    }
    runtime.build()?.block_on(run(options))
}

async fn run(options: Options) -> Result<(), Failure> {
    match options.mode {
        Mode::Stdio => {
            options.refuse_rest();
            stdio::serve(&options).await
        }
        Mode::Http(address) => {
            options.refuse_rest();
            http::serve(&options, address).await
        }
        Mode::Client => client::run(options.rest).await,
    }
}
