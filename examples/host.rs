//! Connects to every server of an `mcpServers` file, lists their tools and calls them.
//!
//! ```text
//! host [--servers FILE] tools
//! host [--servers FILE] call everything.echo '{"message":"hi"}'
//! ```
//!
//! The file is `mcp.json` in the current folder unless said otherwise. It has the shape that Claude
//! Desktop, Cursor and VS Code use. What happens to the servers goes to standard error.

use std::process::ExitCode;

use toolwright::client::{
    ClientConfig, Host, HostEvent, HostEventKind, HostEvents, ServerEntry, Servers, Stderr,
};

type Error = Box<dyn std::error::Error>;

const USAGE: &str = "usage: host [--servers FILE] tools | call SERVER.TOOL [JSON]";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["--servers", file, command @ ..] => run(file, command).await,
        command => run("mcp.json", command).await,
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(file: &str, command: &[&str]) -> Result<ExitCode, Error> {
    if !matches!(command, ["tools"] | ["call", _] | ["call", _, _]) {
        return Err(USAGE.into());
    }
    let host = start(&Servers::read(file)?)?;
    match command {
        ["call", name] => call(&host, name, "{}").await,
        ["call", name, arguments] => call(&host, name, arguments).await,
        _ => {
            for tool in host.tools().await {
                let about = tool.tool.description.unwrap_or_default();
                let about = about.lines().next().unwrap_or_default();
                println!("{}\t{about}", tool.name);
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Starts all servers. One that cannot be used is said and left out.
fn start(servers: &Servers) -> Result<Host, Error> {
    let config = ClientConfig::new("host", env!("CARGO_PKG_VERSION"));
    let mut builder = Host::builder(config);
    for name in servers.names() {
        match servers.get(name) {
            Ok(ServerEntry::Program(program)) => {
                let heard = program.clone().stderr(Stderr::Inherit);
                builder = builder.server(name, heard);
            }
            Ok(other) => builder = builder.server(name, other.clone()),
            Err(error) => eprintln!("{error}"),
        }
    }
    tokio::spawn(report(builder.events()));
    Ok(builder.start())
}

async fn call(host: &Host, name: &str, arguments: &str) -> Result<ExitCode, Error> {
    let arguments: serde_json::Value = serde_json::from_str(arguments)?;
    let result = host.call(name, arguments).await?;
    for block in &result.content {
        match block.as_text() {
            Some(text) => println!("{text}"),
            None => println!("{}", serde_json::to_string(block)?),
        }
    }
    Ok(match result.is_error {
        Some(true) => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

async fn report(mut events: HostEvents) {
    while let Some(HostEvent { server, kind }) = events.next().await {
        match kind {
            HostEventKind::Connecting => eprintln!("{server}: connecting"),
            HostEventKind::Connected => eprintln!("{server}: connected"),
            HostEventKind::ConnectFailed(why) => eprintln!("{server}: {why}"),
            HostEventKind::Disconnected(why) => eprintln!("{server}: {why}"),
            HostEventKind::Retrying { attempt, delay } => {
                eprintln!("{server}: trying again in {delay:?} (attempt {attempt})");
            }
            HostEventKind::GivenUp => eprintln!("{server}: given up"),
            HostEventKind::Redefined { tool, .. } => eprintln!("{server}: `{tool}` has changed"),
            _ => {}
        }
    }
}
