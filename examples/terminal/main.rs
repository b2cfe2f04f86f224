//! Calls a tool of a server, and asks the person at the terminal what the server asks meanwhile.
//!
//! ```text
//! terminal TOOL JSON PROGRAM [ARGUMENT...]
//! terminal test_elicitation_sep1034_defaults '{}' target/debug/examples/everything
//! ```
//!
//! [`Terminal`] is a ready-made set of answers: forms field by field, URLs that are shown and never
//! opened, texts for the model. Questions go to standard error, the result to standard output. When
//! standard input is no terminal there is nobody to ask, and the server is told so.

mod consent;
mod field;
mod form;
mod screen;
mod terminal;
#[cfg(test)]
mod tests;

use std::io::{BufReader, IsTerminal as _};
use std::process::ExitCode;

use toolwright::client::{Client, ClientConfig, Program};
use toolwright::model::{
    ClientCapabilities, ElicitationCapability, JsonObject, SamplingCapability,
};

use terminal::Terminal;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [tool, json, program @ ..] = arguments.as_slice() else {
        return usage();
    };
    let [program, arguments @ ..] = program else {
        return usage();
    };
    let program = Program::new(program).args(arguments);
    match call(tool, json, program).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: terminal TOOL JSON PROGRAM [ARGUMENT...]");
    ExitCode::from(2)
}

async fn call(
    tool: &str,
    json: &str,
    program: Program,
) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let arguments: JsonObject = serde_json::from_str(json)?;
    let mut config = ClientConfig::new("terminal", env!("CARGO_PKG_VERSION"));
    let mut builder = Client::builder(config.clone());
    if std::io::stdin().is_terminal() {
        config = config.capabilities(capabilities());
        // Named as the person named it: what the server says of itself proves nothing.
        let name = format!("The server of `{tool}`");
        let terminal = Terminal::new(name, BufReader::new(std::io::stdin()), std::io::stderr());
        builder = Client::builder(config).answers(terminal);
    }
    let client = builder.spawn(program).await?;
    let result = client.call(tool, arguments).await?;
    for block in &result.content {
        match block.as_text() {
            Some(text) => println!("{}", screen::harmless(text)),
            None => println!("{}", serde_json::to_string(block)?),
        }
    }
    Ok(match result.is_error {
        Some(true) => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

/// What a person at a terminal can be asked.
fn capabilities() -> ClientCapabilities {
    ClientCapabilities {
        elicitation: Some(ElicitationCapability {
            form: Some(JsonObject::new()),
            url: Some(JsonObject::new()),
            ..ElicitationCapability::default()
        }),
        sampling: Some(SamplingCapability::default()),
        ..ClientCapabilities::default()
    }
}
